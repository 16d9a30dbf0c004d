use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{ProviderError, ProviderErrorKind};
use super::settings::{Protocol, Provider};
use crate::upstream::DocumentUrl;

/// What a browser is sent to the authorization endpoint with.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) state: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// The PKCE verifier, of which the challenge is sent (RFC 7636 section 4.2).
    pub(crate) verifier: &'a str,
    /// Sent to an OpenID Connect provider alone.
    pub(crate) nonce: &'a str,
}

impl Provider {
    /// Where to send the browser.
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
        Ok(with_parameters(&metadata.authorize, &parameters))
    }

    /// Judges the `iss` of a callback (RFC 9207), be it a success or an error. A plain OAuth 2.0
    /// provider has no name to compare it with.
    pub(crate) async fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderError> {
        let Protocol::OpenId { discovery, .. } = &self.settings.protocol else {
            return Ok(());
        };
        let is_right = match iss {
            Some(iss) => iss == discovery.issuer(),
            None => !self.metadata().await?.sends_issuer,
        };
        let problem = "the callback is not of this issuer";
        is_right
            .then_some(())
            .ok_or_else(|| ProviderError::new(ProviderErrorKind::Issuer, problem))
    }

    /// Where a browser signs out of the provider as well, where there is such a place (OpenID Connect
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

/// The URL with these as well as with the query that it has (RFC 6749 section 3.1).
fn with_parameters(url: &DocumentUrl, parameters: &[(&str, &str)]) -> String {
    let mut whole = url.as_str().to_owned();
    for (i, (name, value)) in parameters.iter().enumerate() {
        let is_first = i == 0 && !url.has_query();
        whole.push(if is_first { '?' } else { '&' });
        whole.push_str(name);
        whole.push('=');
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        // Both spellings of a space are one to a form; a plus is left as it is by some readers of a URL.
        whole.push_str(&encoded.replace('+', "%20"));
    }
    whole
}
