use super::draft::MountDraft;
use super::environment::Environment;
use super::error::{SettingError, Source};
use super::jwt_variables::OF_ISSUER;
use super::sso::NAMES as OF_SSO;

/// Variables of the systems that this program takes the place of, which have no meaning here.
const WITHOUT_MEANING: [&str; 7] = [
    "APP_ENV",
    "COPILOT_ENVIRONMENT_NAME",
    "ECS_CONTAINER_METADATA_URI_V4",
    "ENABLE_XRAY",
    "SENTRY_DSN",
    "SENTRY_ENABLE_TRACING",
    "SENTRY_TRACES_SAMPLE_RATE",
];

/// The names of those that are set, and of those that nothing is made of where they do not make the
/// gate of a mount.
pub(super) fn without_meaning(
    environment: &Environment,
    mounts: &[MountDraft],
) -> Vec<&'static str> {
    let has_jwt = |mount: &MountDraft| mount.jwt.is_some() && !mount.is_of_file();
    let of_issuer = if mounts.iter().any(has_jwt) {
        &[][..]
    } else {
        &OF_ISSUER
    };
    let sso = mounts.iter().filter_map(|mount| mount.sso.as_ref());
    let read: Vec<_> = sso.flat_map(|sso| &sso.variables).collect();
    let of_sso = OF_SSO
        .iter()
        .filter(|name| !read.iter().any(|it| it == *name));
    let names = WITHOUT_MEANING.iter().chain(of_issuer).chain(of_sso);
    let names = names.filter(|name| environment.has(name));
    names.copied().collect()
}

/// Names of an old version of one of them, whose values cannot be told apart safely: a bucket and a
/// prefix in the path of a URL, or a bucket in the host.
pub(super) fn refuse_old_names(environment: &Environment) -> Result<(), SettingError> {
    for (name, instead) in [
        (
            "AWS_S3_ENDPOINT",
            "AWS_S3_BUCKET=bucket/prefix and, for a store that is not AWS, S3_ENDPOINT_URL without a path",
        ),
        ("AWS_S3_REGION", "AWS_DEFAULT_REGION"),
    ] {
        if environment.has(name) {
            let problem = format!("is of an old version: set {instead}, and take it away");
            return Err(SettingError::wrong(&Source::Environment(name), problem));
        }
    }
    Ok(())
}
