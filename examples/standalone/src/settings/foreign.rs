use super::environment::Environment;
use super::error::{SettingError, Source};
use super::jwt_variables::OF_ISSUER;

/// Variables of the systems that this program takes the place of, which have no meaning here.
const WITHOUT_MEANING: [&str; 14] = [
    "APP_ENV",
    "COPILOT_ENVIRONMENT_NAME",
    "ECS_CONTAINER_METADATA_URI_V4",
    "ENABLE_XRAY",
    "REDIS_ENDPOINT",
    "SENTRY_DSN",
    "SENTRY_ENABLE_TRACING",
    "SENTRY_TRACES_SAMPLE_RATE",
    "SSO_CLIENT_ID",
    "SSO_CLIENT_SECRET",
    "SSO_TOKEN_CHECK_GRACE_PERIOD",
    "SSO_URL",
    "SSO_URL_INTERNAL",
    "VCAP_SERVICES",
];

/// The names of those that are set, and of those that nothing is made of where they do not make the
/// gate of a mount.
pub(super) fn without_meaning(environment: &Environment, has_jwt: bool) -> Vec<&'static str> {
    let is_set = |name: &&str| environment.has(name);
    let mut names: Vec<_> = WITHOUT_MEANING.into_iter().filter(is_set).collect();
    if !has_jwt {
        names.extend(OF_ISSUER.into_iter().filter(is_set));
    }
    names
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
