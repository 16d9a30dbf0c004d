use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, PROXY_AUTHORIZATION, RANGE};
use portcullis::gate::Carrier;
use portcullis::jwt::JwtVerifier;
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::{ConfigError, JwtScopeLayer};

use super::document::Document;
use super::issuer::trusted;
use crate::gates::access::{Method, REALM, SignIn};
use crate::gates::scopes::policy;
use crate::given::{Environment, Given, OneOrMore, Problems, SettingError};

/// Judges the issuers, and reads their files.
pub(crate) fn judge(
    document: &Given<Document>,
    environment: &Environment,
    problems: &mut Problems,
) -> Option<SignIn> {
    let sign_in = problems.take(sign_in(document, environment))?;
    warn(document, problems);
    Some(sign_in)
}

/// Warns of tokens that anybody can have.
fn warn(document: &Given<Document>, problems: &mut Problems) {
    let Document {
        require, issuers, ..
    } = &document.value;
    for issuer in issuers {
        let name = issuer.value.issuer.as_ref();
        let of_variable = &issuer.value.claims_of_variable;
        let asks = !issuer.value.required_claims.is_empty() || of_variable.is_some();
        let Some(name) = name.filter(|_| !asks) else {
            continue;
        };
        if is_public(&name.value) {
            problems.warn(
                &name.source,
                "everybody can get tokens of this issuer: say which ones to admit by required_claims",
            );
        } else if require.is_none() {
            problems.warn(
                &name.source,
                "every token of this issuer for the audience is admitted, since neither require nor \
                 required_claims is set",
            );
        }
    }
}

/// Whether everybody can get tokens of an issuer, for any audience.
fn is_public(issuer: &str) -> bool {
    const HOSTS: [&str; 6] = [
        "accounts.google.com",
        "agent.buildkite.com",
        "app.terraform.io",
        "gitlab.com",
        "oidc.codefresh.io",
        "token.actions.githubusercontent.com",
    ];
    let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    HOSTS.contains(&host)
}

fn sign_in(document: &Given<Document>, environment: &Environment) -> Result<SignIn, SettingError> {
    let wrong = |error: ConfigError| document.wrong(error);
    let Document {
        require,
        resource,
        token_header,
        issuers,
    } = &document.value;
    if issuers.is_empty() {
        return Err(document.wrong("needs [[mounts.jwt.issuers]]"));
    }
    let (mut keys, mut names) = (Vec::new(), Vec::new());
    let mut trusted_issuers = Vec::new();
    for issuer in issuers {
        let name = issuer.value.issuer.as_ref();
        let name = name.ok_or_else(|| issuer.wrong("needs issuer"))?;
        trusted_issuers.push(trusted(name, &issuer.value, environment, &mut keys)?);
        names.push(&*name.value);
    }
    let verifier = JwtVerifier::new(trusted_issuers).map_err(wrong)?;
    let mut layer = JwtScopeLayer::new(REALM, verifier).map_err(wrong)?;
    if let Some(given) = token_header {
        let carriers = layer.with_carriers([carrier(given)?]);
        layer = carriers.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(require) = require {
        layer = layer.with_required_scopes(policy(require)?);
    }
    let metadata = resource.as_ref();
    let metadata = metadata.map(|given| metadata_of(given, &names, require.as_ref()));
    let metadata = metadata.transpose()?;
    if let Some(metadata) = &metadata {
        layer = layer
            .with_resource_metadata(metadata.url())
            .map_err(wrong)?;
    }
    let method = Method::new(format!("tokens of {}", names.join(" and ")), layer);
    Ok(SignIn {
        keys,
        metadata,
        ..method.into()
    })
}

/// The header with the token, without a scheme. The gate takes it off the request.
fn carrier(given: &Given) -> Result<Carrier, SettingError> {
    let name = &given.value;
    let wrong = || {
        given.wrong(format_args!(
            "{name:?} is not the name of a header for tokens, such as Cf-Access-Jwt-Assertion"
        ))
    };
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
    // Headers that have another meaning: a bearer token in Authorization is taken by default.
    let others = [AUTHORIZATION, COOKIE, HOST, PROXY_AUTHORIZATION, RANGE];
    if others.contains(&header) {
        return Err(wrong());
    }
    Ok(Carrier::header(header))
}

/// The document that tells clients where to get a token.
fn metadata_of(
    resource: &Given,
    issuers: &[&str],
    require: Option<&Given<Vec<OneOrMore>>>,
) -> Result<ResourceMetadata, SettingError> {
    let wrong = |error: ConfigError| match error.setting() {
        "resource" => resource.wrong(error.problem()),
        _ => resource.wrong(error),
    };
    let metadata = ResourceMetadata::new(&resource.value)
        .and_then(|metadata| metadata.with_authorization_servers(issuers.iter().copied()))
        .map_err(wrong)?;
    let Some(require) = require else {
        return Ok(metadata);
    };
    let scopes = require.value.iter().flat_map(OneOrMore::as_slice);
    metadata.with_scopes_supported(scopes).map_err(wrong)
}
