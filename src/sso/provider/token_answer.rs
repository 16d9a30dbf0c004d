use std::time::Duration;

use serde_json::{Map, Value};

use super::error::{ProviderError, ProviderErrorKind};
use crate::secret::Secret;

/// What a token endpoint answers with 200 (RFC 6749 section 5.1, OpenID Connect Core 1.0 section
/// 3.1.3.3).
#[derive(Debug)]
pub(super) struct TokenAnswer {
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    pub(super) id_token: Option<Secret>,
    /// `None`: those that were asked for.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) expires_in: Option<Duration>,
}

impl TokenAnswer {
    /// A member that is `null` is not there; so have some providers it.
    pub(super) fn read(mut answer: Map<String, Value>) -> Result<Self, ProviderError> {
        answer.retain(|_, value| !value.is_null());
        let kind = answer.get("token_type").map(Value::as_str);
        if kind.is_some_and(|kind| !kind.unwrap_or_default().eq_ignore_ascii_case("bearer")) {
            return Err(malformed("the token is not a bearer token"));
        }
        let scopes = text(&mut answer, "scope")?;
        let access_token = text(&mut answer, "access_token")?;
        let access_token = access_token.ok_or_else(|| malformed("there is no access token"))?;
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

/// A string is taken out, so that no copy of a token is left.
fn text(answer: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ProviderError> {
    match answer.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed("a token or the scope is not a string")),
    }
}

/// A token that can stand in a header or a form as it is.
fn visible(token: String) -> Result<Secret, ProviderError> {
    let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let token = Secret::new(token);
    is_visible
        .then_some(token)
        .ok_or_else(|| malformed("a token is empty, or not of visible ASCII characters"))
}

/// A whole number, which some providers send in a string. A number beyond a year is taken as one.
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
