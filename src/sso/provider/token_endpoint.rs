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
use super::settings::{Protocol, Provider};
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
                let commas = matches!(self.settings.protocol, Protocol::OAuth2(_));
                let read = TokenAnswer::read(object, commas);
                read.map_err(|error| error.with_status(StatusCode::OK))
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
    /// Only the access token is required. What else is of a wrong type or form counts as absent, since
    /// providers send `null`, `""` and -1 for "none". `commas`: whether scopes are also separated by them.
    pub(super) fn read(
        mut answer: Map<String, Value>,
        commas: bool,
    ) -> Result<Self, ProviderError> {
        let kind = answer.get("token_type").and_then(Value::as_str);
        let is_bearer = |kind: &str| kind.is_empty() || kind.eq_ignore_ascii_case("bearer");
        if !kind.is_none_or(is_bearer) {
            return Err(malformed("the token is not a bearer token"));
        }
        let access_token = match answer.remove("access_token") {
            None | Some(Value::Null) => Err("the answer has no access token"),
            Some(Value::String(token)) => visible(token)
                .ok_or("the access token is empty, or has a character that is not visible ASCII"),
            Some(_) => Err("the access token is not a string"),
        };
        Ok(Self {
            access_token: access_token.map_err(malformed)?,
            refresh_token: optional_token(&mut answer, "refresh_token"),
            id_token: optional_token(&mut answer, "id_token"),
            scopes: answer.get("scope").and_then(|scope| scopes(scope, commas)),
            expires_in: answer.get("expires_in").and_then(seconds),
        })
    }
}

/// Removes the string, so that no copy of a token is left.
fn optional_token(answer: &mut Map<String, Value>, name: &str) -> Option<Secret> {
    match answer.remove(name)? {
        Value::String(token) => visible(token),
        _ => None,
    }
}

/// The token, if it fits into a header or a form unescaped.
fn visible(token: String) -> Option<Secret> {
    let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let token = Secret::new(token);
    is_visible.then_some(token)
}

/// The granted scopes: a string of them, or an array, as Twitch sends. `None` stands for the requested ones
/// (RFC 6749 section 5.1), so a value that cannot be read grants none instead.
fn scopes(scope: &Value, commas: bool) -> Option<Vec<String>> {
    let is_between = |c: char| c.is_whitespace() || commas && c == ',';
    match scope {
        Value::Null => None,
        Value::String(scopes) => {
            let scopes = scopes.split(is_between).filter(|scope| !scope.is_empty());
            Some(scopes.map(str::to_owned).collect())
        }
        Value::Array(scopes) => {
            let scopes = scopes.iter().filter_map(Value::as_str);
            Some(scopes.map(str::to_owned).collect())
        }
        _ => Some(Vec::new()),
    }
}

/// A whole number, which some providers send as a string or with a fraction of zero. More than a year is
/// read as a year.
fn seconds(value: &Value) -> Option<Duration> {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let seconds = match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => None,
    };
    Some(Duration::from_secs(seconds?.min(YEAR)))
}

fn whole(number: f64) -> Option<u64> {
    // `as` saturates.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it has neither a fraction nor a sign"
    )]
    (number.fract() == 0.0 && number >= 0.0).then_some(number as u64)
}

fn malformed(problem: &'static str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Malformed, problem)
}
