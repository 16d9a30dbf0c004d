use portcullis::Secret;
use portcullis::session::vcap_services_url;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::given::{Finder, Given, SettingError};

/// The Redis that keeps sessions. The one that Cloud Foundry binds overrides `REDIS_ENDPOINT`, as in the
/// OAuth streaming proxy.
pub(super) fn redis_url(finder: &mut Finder<'_>) -> Result<Option<Given<Secret>>, SettingError> {
    let endpoint = finder.secret("REDIS_ENDPOINT", "REDIS_ENDPOINT_FILE");
    let services = finder.variable("VCAP_SERVICES");
    if let Some(services) = services.filter(|given| may_have_redis(&given.value)) {
        let url = vcap_services_url(&services.value);
        let value = url.map_err(|error| services.wrong(error.problem()))?;
        let source = services.source;
        return Ok(Some(Given { value, source }));
    }
    Ok(endpoint)
}

#[derive(Deserialize)]
struct Services {
    redis: Option<IgnoredAny>,
}

/// Whether a Redis may be bound: Cloud Foundry sets the variable in any case. Malformed JSON counts as one,
/// so that it is reported.
fn may_have_redis(services: &str) -> bool {
    let services = serde_json::from_str::<Services>(services);
    services.map_or(true, |services| services.redis.is_some())
}
