use serde::Deserialize;

use crate::error::ConfigError;
use crate::secret::Secret;

/// The URL of the first service `redis` that Cloud Foundry binds to an app: `credentials.uri` in the
/// JSON of its `VCAP_SERVICES`.
///
/// ```
/// use portcullis::session::vcap_services_url;
///
/// let services = r#"{"redis": [{"credentials": {"uri": "rediss://:s3cret@redis.example:6379"}}]}"#;
/// assert!(vcap_services_url(services)?.matches(b"rediss://:s3cret@redis.example:6379"));
/// assert!(vcap_services_url(r#"{"postgres": []}"#).is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
///
/// # Errors
///
/// [`ConfigError`] where the JSON is malformed, or there is no such URL in it.
pub fn vcap_services_url(json: &str) -> Result<Secret, ConfigError> {
    // What serde has to say repeats the value that is of another type.
    let services: Services =
        serde_json::from_str(json).map_err(|_| refuse("is not JSON of services"))?;
    let first = services.redis.into_iter().next();
    let first = first.ok_or_else(|| refuse("has no service `redis`"))?;
    Ok(Secret::new(first.credentials.uri))
}

fn refuse(problem: &str) -> ConfigError {
    ConfigError::new("VCAP_SERVICES", problem)
}

#[derive(Deserialize)]
struct Services {
    #[serde(default)]
    redis: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    credentials: Credentials,
}

#[derive(Deserialize)]
struct Credentials {
    uri: String,
}
