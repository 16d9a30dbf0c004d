use std::borrow::Cow;

use serde_json::Value;

use super::error::{ProviderError, ProviderErrorKind};
use super::urls::Urls;
use crate::jwt::jwks::Metadata;
use crate::upstream::DocumentUrl;

/// The endpoints of a provider, and how to authenticate at them.
#[derive(Clone, Debug)]
pub(super) struct ProviderMetadata {
    pub(super) authorize: DocumentUrl,
    pub(super) token: DocumentUrl,
    pub(super) user: Option<DocumentUrl>,
    pub(super) end_session: Option<DocumentUrl>,
    /// The optional endpoints of the metadata that must not be used, such as one without TLS.
    pub(super) unused: Vec<&'static str>,
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
    /// Reads OIDC Discovery 1.0 section 3, and RFC 8414 section 2. An optional member that cannot be used
    /// counts as absent. Configured URLs replace those in it.
    pub(super) fn read(metadata: &Metadata, urls: &Urls) -> Result<Self, ProviderError> {
        let required = |name, configured: &Option<DocumentUrl>| {
            let problem = || unusable(format!("the provider's metadata has no usable {name}"));
            let url = configured.clone().or_else(|| metadata.url(name));
            url.ok_or_else(problem)
        };
        let mut unused = Vec::new();
        let mut optional = |name| {
            let url = metadata.url(name);
            let is_given = metadata.get(name).is_some_and(|value| !is_empty(value));
            if url.is_none() && is_given {
                unused.push(name);
            }
            url
        };
        let user = urls.user.clone();
        let user = user.or_else(|| optional("userinfo_endpoint"));
        let end_session = optional("end_session_endpoint");
        if !urls.has_keys {
            // It is read again with each fetch of the keys.
            required("jwks_uri", &None)?;
        }
        let challenges = listed(metadata.get("code_challenge_methods_supported"));
        if challenges.is_some_and(|methods| !methods.contains(&"S256")) {
            return Err(unusable("the provider does not support PKCE with S256"));
        }
        let secrets = listed(metadata.get("token_endpoint_auth_methods_supported"));
        let in_form = secrets.is_some_and(|methods| {
            methods.contains(&"client_secret_post") && !methods.contains(&"client_secret_basic")
        });
        let sends_issuer = metadata.get("authorization_response_iss_parameter_supported");
        Ok(Self {
            authorize: required("authorization_endpoint", &urls.authorization)?,
            token: required("token_endpoint", &urls.token)?,
            user,
            end_session,
            unused,
            secret_in: if in_form {
                SecretIn::Form
            } else {
                SecretIn::Header
            },
            sends_issuer: sends_issuer == Some(&Value::Bool(true)),
        })
    }
}

/// The strings of an array. `None` if there are none.
fn listed(value: Option<&Value>) -> Option<Vec<&str>> {
    let names: Vec<_> = value?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    (!names.is_empty()).then_some(names)
}

/// Whether it stands for an absent value.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn unusable(problem: impl Into<Cow<'static, str>>) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Metadata, problem)
}
