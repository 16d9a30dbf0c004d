use crate::gates::{jwt, sso};
use crate::given::{Environment, Given};
use crate::mount::MountDocument;

/// Variables of the proxies that this program can replace, which it does not use.
const WITHOUT_MEANING: [&str; 7] = [
    "APP_ENV",
    "COPILOT_ENVIRONMENT_NAME",
    "ECS_CONTAINER_METADATA_URI_V4",
    "ENABLE_XRAY",
    "SENTRY_DSN",
    "SENTRY_ENABLE_TRACING",
    "SENTRY_TRACES_SAMPLE_RATE",
];

/// The variables that are set and not used: those above, and those of a gate that no mount has.
pub(super) fn without_meaning(
    environment: &Environment,
    mounts: &[Given<MountDocument>],
) -> Vec<&'static str> {
    let mounts = || mounts.iter().map(|mount| &mount.value);
    let mut names = WITHOUT_MEANING.to_vec();
    if !mounts().any(MountDocument::has_jwt_of_variables) {
        names.extend(jwt::OF_ISSUER);
    }
    let is_read = |name: &&str| mounts().any(|mount| mount.signs_in_by(name));
    names.extend(sso::names().into_iter().filter(|name| !is_read(name)));
    names.retain(|name| environment.has(name));
    names
}
