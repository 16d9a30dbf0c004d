use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{ProviderError, ProviderErrorKind};
use super::settings::{Protocol, Provider};
use crate::error::ConfigError;
use crate::gate::Mismatch;
use crate::upstream::DocumentUrl;

/// The parameters of an authorization request.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) state: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// The PKCE verifier, whose challenge is sent (RFC 7636 section 4.2).
    pub(crate) verifier: &'a str,
    /// Sent to an OpenID Connect provider only.
    pub(crate) nonce: &'a str,
}

/// The parameters that a sign-in depends on, or that would replace those (RFC 9101 section 4).
const OWN: [&str; 12] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Provider {
    /// Adds parameters to the authorization request, such as `prompt`, `audience`, `access_type` or
    /// `domain_hint`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for a parameter that a sign-in sets itself, such as `state`; for a name that is
    /// given twice, is empty or is not visible ASCII; and for a value with a control character.
    pub fn with_authorization_parameters<I, N, V>(
        mut self,
        parameters: I,
    ) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item = (N, V)>,
        N: Into<String>,
        V: Into<String>,
    {
        let refuse = |problem| Err(ConfigError::new("authorization parameters", problem));
        for (name, value) in parameters {
            let (name, value): (String, String) = (name.into(), value.into());
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return refuse(format!("{name:?} must be visible ASCII and not empty"));
            }
            if OWN.contains(&&*name) {
                return refuse(format!("{name:?} is set by the sign-in itself"));
            }
            if value.contains(char::is_control) {
                return refuse(format!("the value of {name:?} has a control character"));
            }
            let known = &mut self.settings_mut().parameters;
            if known.iter().any(|(known, _)| *known == name) {
                return refuse(format!("{name:?} is given twice"));
            }
            known.push((name, value));
        }
        Ok(self)
    }

    /// The URL to send the browser to.
    pub(crate) async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, ProviderError> {
        let metadata = self.metadata().await?;
        let scope = self.settings.scopes.join(" ");
        let challenge = digest(&SHA256, request.verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let mut parameters = Vec::with_capacity(8);
        if !scope.is_empty() {
            parameters.push(("scope", &*scope));
        }
        parameters.extend([
            ("state", request.state),
            ("redirect_uri", request.redirect_uri),
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
        ]);
        if let Protocol::OpenId { .. } = self.settings.protocol {
            parameters.push(("nonce", request.nonce));
        }
        parameters.extend([
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ]);
        let more = self.settings.parameters.iter();
        parameters.extend(more.map(|(name, value)| (&**name, &**value)));
        Ok(with_parameters(&metadata.authorize, &parameters))
    }

    /// Checks the `iss` of a callback (RFC 9207), for success and error alike. A plain OAuth 2.0 provider
    /// has no issuer to compare with.
    pub(crate) async fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderError> {
        let Protocol::OpenId { discovery, .. } = &self.settings.protocol else {
            return Ok(());
        };
        let is_right = match iss {
            Some(iss) => iss == discovery.issuer(),
            None => !self.metadata().await?.sends_issuer,
        };
        let problem = "the callback is from another issuer";
        is_right.then_some(()).ok_or_else(|| {
            let mismatch = Mismatch::new("the callback's iss", iss);
            let mismatch = mismatch.with_expected([discovery.issuer()]);
            ProviderError::new(ProviderErrorKind::Issuer, problem).with_source(mismatch)
        })
    }

    /// Whether there is a URL where a browser signs out of the provider too, as far as is known.
    pub(crate) async fn has_end_session(&self) -> bool {
        let metadata = self.metadata().await;
        metadata.is_ok_and(|metadata| metadata.end_session.is_some())
    }

    /// The URL where a browser signs out of the provider too, if there is one (OpenID Connect
    /// RP-Initiated Logout 1.0 section 2).
    pub(crate) async fn end_session_url(
        &self,
        id_token_hint: Option<&str>,
        post_logout_redirect_uri: Option<&str>,
    ) -> Option<String> {
        let metadata = self.metadata().await.ok()?;
        let url = metadata.end_session.as_ref()?;
        let parameters: Vec<_> = [
            ("id_token_hint", id_token_hint),
            ("client_id", Some(&*self.settings.client_id)),
            ("post_logout_redirect_uri", post_logout_redirect_uri),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
        Some(with_parameters(url, &parameters))
    }
}

/// The URL with these parameters after those of its own query (RFC 6749 section 3.1).
fn with_parameters(url: &DocumentUrl, parameters: &[(&str, &str)]) -> String {
    let mut whole = url.as_str().to_owned();
    for (i, (name, value)) in parameters.iter().enumerate() {
        let is_first = i == 0 && !url.has_query();
        whole.push(if is_first { '?' } else { '&' });
        whole.push_str(name);
        whole.push('=');
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        // In a form both spellings are a space, but some URL parsers keep a plus as it is.
        whole.push_str(&encoded.replace('+', "%20"));
    }
    whole
}
