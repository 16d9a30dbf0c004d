use serde_json::Value;

use super::error::{ProviderError, ProviderErrorKind};
use crate::jwt::jwks::Metadata;
use crate::upstream::DocumentUrl;

/// The endpoints of a provider, and how to authenticate at them.
#[derive(Clone, Debug)]
pub(super) struct ProviderMetadata {
    pub(super) authorize: DocumentUrl,
    pub(super) token: DocumentUrl,
    pub(super) user: Option<DocumentUrl>,
    pub(super) end_session: Option<DocumentUrl>,
    pub(super) secret_in: SecretIn,
    /// Whether each callback has an `iss` (RFC 9207).
    pub(super) sends_issuer: bool,
}

/// Where in a request to the token endpoint the client's secret is (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretIn {
    Header,
    Form,
}

impl ProviderMetadata {
    /// Reads OIDC Discovery 1.0 section 3, and RFC 8414 section 2.
    pub(super) fn read(metadata: &Metadata) -> Result<Self, ProviderError> {
        let url = |name| match metadata.get(name) {
            None => Ok(None),
            Some(_) => metadata.url(name).map(Some).ok_or_else(|| {
                unusable("the provider's metadata has an endpoint that must not be used")
            }),
        };
        let required = |name| {
            let problem = "the provider's metadata lacks an endpoint";
            url(name)?.ok_or_else(|| unusable(problem))
        };
        // The URL of the keys is read again with each fetch of them.
        required("jwks_uri")?;
        let challenges = listed(metadata.get("code_challenge_methods_supported"))?;
        if challenges.is_some_and(|methods| !methods.contains(&"S256")) {
            return Err(unusable("the provider does not support PKCE with S256"));
        }
        let secrets = listed(metadata.get("token_endpoint_auth_methods_supported"))?;
        let in_form = secrets.is_some_and(|methods| {
            methods.contains(&"client_secret_post") && !methods.contains(&"client_secret_basic")
        });
        let sends_issuer = metadata.get("authorization_response_iss_parameter_supported");
        Ok(Self {
            authorize: required("authorization_endpoint")?,
            token: required("token_endpoint")?,
            user: url("userinfo_endpoint")?,
            end_session: url("end_session_endpoint")?,
            secret_in: if in_form {
                SecretIn::Form
            } else {
                SecretIn::Header
            },
            sends_issuer: sends_issuer == Some(&Value::Bool(true)),
        })
    }
}

/// The strings of an array; `None` if it is absent.
fn listed(value: Option<&Value>) -> Result<Option<Vec<&str>>, ProviderError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let names = value.as_array();
    let names = names.and_then(|names| names.iter().map(Value::as_str).collect::<Option<_>>());
    let names = names.ok_or_else(|| unusable("the provider's metadata is malformed"))?;
    Ok(Some(names))
}

fn unusable(problem: &'static str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Malformed, problem)
}
