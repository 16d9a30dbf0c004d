use serde_json::Value;

use crate::error::ConfigError;
use crate::secret::Secret;

/// The URL of the first `redis` service that Cloud Foundry binds to an app: `credentials.uri` in the JSON
/// of its `VCAP_SERVICES`.
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
/// Returns [`ConfigError`] if the JSON is malformed or has no such string. It repeats nothing of the
/// JSON.
pub fn vcap_services_url(json: &str) -> Result<Secret, ConfigError> {
    let refuse = |problem: &str| ConfigError::new("VCAP_SERVICES", problem);
    let services: Value = serde_json::from_str(json).map_err(|_| refuse("is not JSON"))?;
    let first = services.get("redis").and_then(|services| services.get(0));
    let first = first.ok_or_else(|| refuse("has no service `redis`"))?;
    let uri = first.get("credentials").and_then(|it| it.get("uri"));
    let uri = uri.and_then(Value::as_str);
    let uri = uri.ok_or_else(|| refuse("has no `credentials.uri` in its first service `redis`"))?;
    Ok(Secret::new(uri))
}
