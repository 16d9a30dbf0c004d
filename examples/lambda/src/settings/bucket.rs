use portcullis::ConfigError;
use portcullis::aws::Region;
use portcullis::s3::Bucket;

use crate::environment::Environment;
use crate::stderr::say;

/// The region that S3-compatible stores accept by default.
const REGION_OF_OTHER_STORES: &str = "us-east-1";

/// The bucket and the prefix that are served.
pub(super) fn bucket(environment: &Environment) -> Result<Bucket, ConfigError> {
    let location = environment.get("AWS_S3_BUCKET")?;
    let location = location.ok_or_else(|| ConfigError::new("AWS_S3_BUCKET", "is not set"))?;
    let endpoint = environment.get("S3_ENDPOINT_URL")?;
    let region = region(environment)?;
    let region = region.or(endpoint.map(|_| REGION_OF_OTHER_STORES));
    let region = region.ok_or_else(|| {
        let problem = "is not set, nor is S3_ENDPOINT_URL, which a store other than AWS needs";
        ConfigError::new("AWS_DEFAULT_REGION", problem)
    })?;
    let mut bucket = Bucket::new(location, region).map_err(|error| {
        let problem = match error.setting() {
            "bucket" => error.problem().to_owned(),
            _ => error.to_string(),
        };
        ConfigError::new("AWS_S3_BUCKET", problem)
    })?;
    if let Some(prefix) = environment.get("KEY_PREFIX")? {
        bucket = bucket.with_prefix(prefix).map_err(of("KEY_PREFIX"))?;
    }
    if let Some(endpoint) = endpoint {
        if endpoint.starts_with("http:") && !is_here(endpoint) {
            say(
                "S3_ENDPOINT_URL uses http, so others on the network can read and change the objects",
            );
        }
        bucket = bucket
            .with_endpoint(endpoint)
            .map_err(of("S3_ENDPOINT_URL"))?;
    }
    Ok(bucket)
}

/// Whether the host of a URL is this machine, as in tests.
fn is_here(url: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap_or_default();
    ["127.", "localhost:", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here))
}

/// The region from the two variables of the SDKs, of which the first wins.
fn region(environment: &Environment) -> Result<Option<&str>, ConfigError> {
    for name in ["AWS_DEFAULT_REGION", "AWS_REGION"] {
        if let Some(region) = environment.get(name)? {
            Region::new(region).map_err(of(name))?;
            return Ok(Some(region));
        }
    }
    Ok(None)
}

/// Renames an error of the library after the variable that has the value.
pub(super) fn of(variable: &'static str) -> impl Fn(ConfigError) -> ConfigError {
    move |error| ConfigError::new(variable, error.problem())
}
