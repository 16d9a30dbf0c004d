use std::fs;

use portcullis::gate::ScopePolicy;
use portcullis::jwt::{JwtVerifier, KeySet, TrustedIssuer};
use portcullis::{ConfigError, JwksKeys, JwtScopeLayer};

use super::bucket::of;
use crate::environment::Environment;
use crate::stderr::{chain, say};

/// The layer for tokens of one issuer with all the scopes in `REQUIRE`, if that is set.
pub(super) fn jwt(
    environment: &Environment,
    realm: &str,
) -> Result<Option<JwtScopeLayer>, ConfigError> {
    let url = environment.get("JWKSPATH")?;
    let file = environment.get("SIGNATUREKEYPATH")?;
    if url.and(file).is_some() {
        let problem = "contradicts JWKSPATH, which is also set: unset one of them";
        return Err(ConfigError::new("SIGNATUREKEYPATH", problem));
    }
    let Some(require) = environment.get("REQUIRE")? else {
        if url.or(file).is_some() {
            say(
                "REQUIRE is not set, so no token is required, although there are keys to verify one",
            );
        }
        return Ok(None);
    };
    let scopes = require.split(',').map(str::trim);
    let scopes = scopes.filter(|scope| !scope.is_empty());
    let policy = ScopePolicy::all_of(scopes).map_err(of("REQUIRE"))?;
    let issuer = required(environment, "ISSUER")?;
    let audience = required(environment, "AUDIENCE")?;
    let audience = audience
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let issuer = match (url, file) {
        (Some(url), _) => TrustedIssuer::new(issuer, audience, keys_at(url)?)?,
        (None, Some(path)) => TrustedIssuer::new(issuer, audience, keys_in(path)?)?,
        (None, None) => {
            let problem = "is not set, nor is SIGNATUREKEYPATH, but REQUIRE needs one of them";
            return Err(ConfigError::new("JWKSPATH", problem));
        }
    };
    let layer = JwtScopeLayer::new(realm, JwtVerifier::new([issuer])?)?;
    Ok(Some(layer.with_required_scopes(policy)))
}

fn required<'a>(environment: &'a Environment, name: &'static str) -> Result<&'a str, ConfigError> {
    let problem = "is not set, but REQUIRE needs it";
    let value = environment.get(name)?;
    value.ok_or_else(|| ConfigError::new(name, problem))
}

/// Keys that are fetched for the first token and refreshed by requests only, since Lambda stops all
/// tasks between events.
fn keys_at(url: &str) -> Result<JwksKeys, ConfigError> {
    let keys = JwksKeys::new(url).map_err(of("JWKSPATH"))?;
    let keys = keys.with_failure_observer(|error| {
        say(format_args!(
            "cannot get the keys of the issuer: {}",
            chain(error)
        ));
    });
    Ok(keys.with_left_out_observer(|key| say(format_args!("keys of the issuer: {key}"))))
}

fn keys_in(path: &str) -> Result<KeySet, ConfigError> {
    let wrong = |error: String| ConfigError::new("SIGNATUREKEYPATH", format!("{path}: {error}"));
    let file = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    KeySet::from_pem(&file).map_err(|error| wrong(error.to_string()))
}
