use portcullis::Secret;
use portcullis::session::vcap_services_url;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::settings::environment::Environment;
use crate::settings::error::SettingError;
use crate::settings::given::Given;

/// Where sessions are kept: what Cloud Foundry binds wins, as it does in the OAuth streaming proxy.
pub(super) fn redis_url(environment: &Environment) -> Result<Option<Given<Secret>>, SettingError> {
    let services = environment.given("VCAP_SERVICES")?;
    if let Some(services) = services.filter(|given| may_have_redis(&given.value)) {
        let url = vcap_services_url(&services.value);
        return Ok(Some(Given {
            value: url.map_err(|error| services.wrong(error.problem()))?,
            source: services.source,
        }));
    }
    let endpoint = environment.given("REDIS_ENDPOINT")?;
    Ok(endpoint.map(|given| given.map(Secret::new)))
}

#[derive(Deserialize)]
struct Services {
    redis: Option<IgnoredAny>,
}

/// Cloud Foundry sets the variable whatever is bound. What is malformed is not passed over.
fn may_have_redis(services: &str) -> bool {
    let services = serde_json::from_str::<Services>(services);
    services.map_or(true, |services| services.redis.is_some())
}
