use portcullis::gate::ScopePolicy;
use portcullis::jwt::{ClaimPolicy, JwtVerifier, KeyFile, KeySet, TrustedIssuer};
use portcullis::{ConfigError, JwksKeys, JwtScopeLayer};

use super::bucket::of;
use crate::environment::Environment;
use crate::stderr::{chain, say};

/// The layer for tokens of one issuer with all the scopes in `REQUIRE` and the claims in `REQUIRED_CLAIMS`, if one
/// of them is set.
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
    let require = environment.get("REQUIRE")?;
    let claims = environment.get("REQUIRED_CLAIMS")?;
    if require.or(claims).is_none() {
        if url.or(file).is_some() {
            say(
                "REQUIRE is not set, so no token is required, although there are keys to verify one",
            );
        }
        return Ok(None);
    }
    let scopes = require.map(|require| {
        let scopes = require.split(',').map(str::trim);
        ScopePolicy::all_of(scopes.filter(|scope| !scope.is_empty()))
    });
    let scopes = scopes.transpose().map_err(of("REQUIRE"))?;
    let claims = claims.map(str::parse::<ClaimPolicy>).transpose();
    let claims = claims.map_err(of("REQUIRED_CLAIMS"))?;
    let issuer = required(environment, "ISSUER")?;
    let audience = required(environment, "AUDIENCE")?;
    let audience = audience
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mut issuer = match (url, file) {
        (Some(url), _) => TrustedIssuer::new(issuer, audience, keys_at(url)?)?,
        (None, Some(path)) => TrustedIssuer::new(issuer, audience, keys_in(path)?)?,
        (None, None) => {
            let problem = "is not set, nor is SIGNATUREKEYPATH, but tokens need one of them";
            return Err(ConfigError::new("JWKSPATH", problem));
        }
    };
    if let Some(claims) = claims {
        issuer = issuer.with_required_claims(claims);
    }
    let mut layer = JwtScopeLayer::new(realm, JwtVerifier::new([issuer])?)?;
    if let Some(scopes) = scopes {
        layer = layer.with_required_scopes(scopes);
    }
    Ok(Some(layer))
}

fn required<'a>(environment: &'a Environment, name: &'static str) -> Result<&'a str, ConfigError> {
    let problem = "is not set, but REQUIRE or REQUIRED_CLAIMS needs it";
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

/// Keys of a file, which is read again when it changes, as one of a mounted file system may.
fn keys_in(path: &str) -> Result<KeyFile, ConfigError> {
    let wrong =
        |problem: String| ConfigError::new("SIGNATUREKEYPATH", format!("{path}: {problem}"));
    let keys = KeyFile::open(path).map_err(|error| wrong(chain(&error)))?;
    let current = keys.current();
    report_left_out(path, &current);
    if current.is_empty() {
        return Err(wrong("has no usable key".to_owned()));
    }
    let path = path.to_owned();
    Ok(keys.with_reload_observer(move |read| match read {
        Ok(keys) => {
            say(format_args!("{path} was reloaded: {} keys", keys.len()));
            report_left_out(&path, keys);
        }
        Err(error) => {
            let problem = chain(error);
            say(format_args!(
                "{path} cannot be reloaded, so the previous keys remain: {problem}"
            ));
        }
    }))
}

fn report_left_out(path: &str, keys: &KeySet) {
    for key in keys.left_out() {
        say(format_args!("{path}: {key}"));
    }
}
