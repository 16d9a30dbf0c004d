use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Map, Value};

use super::error::{ProviderError, ProviderErrorKind};
use super::exchange::{credentials, json_request, object};
use super::metadata::{ProviderMetadata, SecretIn};
use super::settings::Provider;
use crate::secret::Secret;

/// The body of a token endpoint's answer with status 200 (RFC 6749 section 5.1, OpenID Connect Core 1.0
/// section 3.1.3.3).
#[derive(Debug)]
pub(super) struct TokenAnswer {
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    pub(super) id_token: Option<Secret>,
    /// `None`: the requested ones.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) expires_in: Option<Duration>,
}

impl Provider {
    /// Requests tokens for this grant (RFC 6749 sections 4.1.3 and 6).
    pub(super) async fn tokens(
        &self,
        metadata: &ProviderMetadata,
        grant: &[(&str, &str)],
    ) -> Result<TokenAnswer, ProviderError> {
        let answer = self.exchange(self.token_request(metadata, grant)?).await?;
        match answer.status() {
            StatusCode::OK => {
                let object = object(&answer)?;
                if is_spent(object.get("error")) {
                    return Err(spent(StatusCode::OK));
                }
                TokenAnswer::read(object)
            }
            _ => Err(refusal(&answer)),
        }
    }

    fn token_request(
        &self,
        metadata: &ProviderMetadata,
        grant: &[(&str, &str)],
    ) -> Result<Request<Bytes>, ProviderError> {
        let mut request = json_request(&metadata.token);
        let mut form = Serializer::new(String::new());
        form.extend_pairs(grant);
        let id = &*self.settings.client_id;
        let secret_in = self.settings.secret_in.unwrap_or(metadata.secret_in);
        match (&self.settings.secret, secret_in) {
            (Some(secret), SecretIn::Header) => {
                let basic = credentials("Basic", &basic(id, secret))?;
                request.headers_mut().insert(AUTHORIZATION, basic);
            }
            (Some(secret), SecretIn::Form) => {
                form.append_pair("client_id", id);
                form.append_pair("client_secret", secret.expose());
            }
            // A public client sends its id (RFC 6749 section 4.1.3).
            (None, _) => {
                form.append_pair("client_id", id);
            }
        }
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        *request.method_mut() = Method::POST;
        *request.body_mut() = form.finish().into();
        Ok(request)
    }
}

/// Both halves are form-encoded first (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &Secret) -> String {
    let both = [id, secret.expose()]
        .map(|half| -> String { form_urlencoded::byte_serialize(half.as_bytes()).collect() });
    STANDARD.encode(both.join(":"))
}

/// The error of an answer other than 200 (RFC 6749 section 5.2).
fn refusal(answer: &Response<Bytes>) -> ProviderError {
    let status = answer.status();
    // Some providers send the error with 401 or 403.
    let error = status.is_client_error().then(|| object(answer).ok());
    let error = error
        .flatten()
        .and_then(|error| error.get("error").cloned());
    if is_spent(error.as_ref()) {
        return spent(status);
    }
    let said = match error.as_ref().and_then(Value::as_str) {
        Some("invalid_client") => "the token endpoint answered invalid_client",
        Some("invalid_request") => "the token endpoint answered invalid_request",
        Some("invalid_scope") => "the token endpoint answered invalid_scope",
        Some("unauthorized_client") => "the token endpoint answered unauthorized_client",
        Some("unsupported_grant_type") => "the token endpoint answered unsupported_grant_type",
        _ => "the token endpoint did not answer 200",
    };
    ProviderError::new(ProviderErrorKind::Status(status), said)
}

/// Whether the code or the refresh token is not valid. GitHub reports that with status 200 and error
/// codes of its own.
fn is_spent(error: Option<&Value>) -> bool {
    matches!(
        error.and_then(Value::as_str),
        Some("invalid_grant" | "bad_verification_code" | "bad_refresh_token")
    )
}

fn spent(status: StatusCode) -> ProviderError {
    let problem = "the token endpoint answered invalid_grant";
    ProviderError::new(ProviderErrorKind::InvalidGrant, problem).with_status(status)
}

impl TokenAnswer {
    /// A member that is `null` counts as absent, since some providers send these.
    pub(super) fn read(mut answer: Map<String, Value>) -> Result<Self, ProviderError> {
        answer.retain(|_, value| !value.is_null());
        let kind = answer.get("token_type").map(Value::as_str);
        if kind.is_some_and(|kind| !kind.unwrap_or_default().eq_ignore_ascii_case("bearer")) {
            return Err(malformed("the token is not a bearer token"));
        }
        let scopes = text(&mut answer, "scope")?;
        let access_token = text(&mut answer, "access_token")?;
        let access_token =
            access_token.ok_or_else(|| malformed("the answer has no access token"))?;
        Ok(Self {
            access_token: visible(access_token)?,
            refresh_token: text(&mut answer, "refresh_token")?
                .map(visible)
                .transpose()?,
            id_token: text(&mut answer, "id_token")?.map(visible).transpose()?,
            scopes: scopes.map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()),
            expires_in: answer.get("expires_in").map(seconds).transpose()?,
        })
    }
}

/// Removes the string, so that no copy of a token is left.
fn text(answer: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ProviderError> {
    match answer.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed("a token or the scope is not a string")),
    }
}

/// Checks that a token fits into a header or a form unescaped.
fn visible(token: String) -> Result<Secret, ProviderError> {
    let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let token = Secret::new(token);
    is_visible
        .then_some(token)
        .ok_or_else(|| malformed("a token is empty, or has a character that is not visible ASCII"))
}

/// A whole number, which some providers send as a string. More than a year is read as a year.
fn seconds(value: &Value) -> Result<Duration, ProviderError> {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let seconds = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => None,
    };
    let seconds = seconds.ok_or_else(|| malformed("expires_in is not a whole number"))?;
    Ok(Duration::from_secs(seconds.min(YEAR)))
}

fn malformed(problem: &'static str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Malformed, problem)
}
