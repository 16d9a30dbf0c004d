//! Private parsers of the crate, for the fuzz targets alone.

#[cfg(feature = "htpasswd")]
use std::collections::HashMap;
#[cfg(feature = "jwt")]
use std::time::SystemTime;

use http::HeaderValue;
use http::request::Parts;
#[cfg(feature = "s3-proxy")]
use http::{HeaderMap, Method};

#[cfg(feature = "jwt")]
use crate::gate::Identity;
#[cfg(feature = "htpasswd")]
use crate::htpasswd::HtpasswdTable;
#[cfg(feature = "jwt")]
use crate::jwt::{self, Algorithm, KeySet, TrustedIssuer};
#[cfg(feature = "sso")]
use crate::jwt::{ClaimSet, IdTokenRules};
#[cfg(feature = "sso")]
use crate::session::{CookieKeys, CookieValue, LoginCookie, SameSite, SessionCookie};
#[cfg(feature = "sso")]
use crate::sso::{CallbackParameters, Outcome, PublicUrl};
#[cfg(feature = "s3-proxy")]
use crate::upstream::{Conditionals, Judgement, QueryParameters, RangeRequest, range_request};

/// The `Range` to send, and its precondition, if any.
#[cfg(feature = "s3-proxy")]
#[must_use]
pub fn range(method: &Method, headers: &HeaderMap) -> (Option<HeaderValue>, HeaderMap) {
    let mut preconditions = HeaderMap::new();
    let range = match range_request(method, headers) {
        RangeRequest::Whole => None,
        RangeRequest::Range(range) => Some(range),
        RangeRequest::RangeIf {
            range,
            precondition: (name, value),
        } => {
            preconditions.insert(name, value);
            Some(range)
        }
    };
    (range, preconditions)
}

/// The preconditions to send, and the status for an object with `etag`: 200, 304 or 412.
#[cfg(feature = "s3-proxy")]
#[must_use]
pub fn conditionals(headers: &HeaderMap, etag: &HeaderValue) -> (HeaderMap, u16) {
    let read = Conditionals::read(headers);
    let mut object = HeaderMap::new();
    object.insert(http::header::ETAG, etag.clone());
    let status = match read.judge(&object) {
        Judgement::Pass => 200,
        Judgement::NotModified => 304,
        Judgement::Failed => 412,
    };
    (read.sent().clone(), status)
}

/// The query parameters to send if these are allowed. `None` if one is malformed.
#[cfg(feature = "s3-proxy")]
#[must_use]
pub fn query_parameters(allowed: &[&str], query: &str) -> Option<String> {
    let parameters = QueryParameters::allow(allowed).expect("the names of S3");
    parameters.of(Some(query)).ok()
}

/// Whether the table has this user with this password. Blocks.
#[cfg(feature = "htpasswd")]
#[must_use]
pub fn htpasswd_admits(table: &HtpasswdTable, user: &str, password: &str) -> bool {
    table.check(user, password.as_bytes()).is_some()
}

/// The sorted groups of each user of a group file, or the number of the first bad line.
#[cfg(feature = "htpasswd")]
pub fn htpasswd_groups(contents: &[u8]) -> Result<HashMap<&str, Vec<&str>>, Option<usize>> {
    crate::htpasswd::parse_groups(contents).map_err(|error| error.line())
}

/// The names of a set's keys and of the algorithms that each permits.
#[cfg(feature = "jwt")]
#[must_use]
pub fn keys(set: &KeySet) -> Vec<(Option<&str>, Vec<&'static str>)> {
    set.described().collect()
}

/// The keys that a token is checked with, by their indices in [`keys`]. The error says whether a newer set
/// may help.
#[cfg(feature = "jwt")]
pub fn keys_for(set: &KeySet, kid: Option<&str>, algorithm: Algorithm) -> Result<Vec<usize>, bool> {
    set.places_for(kid, algorithm)
}

/// A token file as it would be written again.
#[cfg(feature = "token")]
#[must_use]
pub fn rewritten_tokens(contents: &[u8]) -> Option<Vec<u8>> {
    crate::token::rewritten(contents)
}

/// Judges a token by the rules of these issuers, as if its signature were valid: its identity, or why
/// it is refused. `None` if the input is not a compact token.
#[cfg(feature = "jwt")]
#[must_use]
pub fn jwt_rules(
    issuers: &[TrustedIssuer],
    token: &str,
    now: SystemTime,
) -> Option<Result<Identity, crate::gate::RefusalDetail>> {
    jwt::rule(issuers, token, now)
}

/// The claims of a good token.
#[cfg(feature = "sso")]
#[must_use]
pub fn claim_set(claims: serde_json::Map<String, serde_json::Value>) -> ClaimSet {
    ClaimSet::from_object(claims)
}

/// Judges an ID token for the client `gateway` of `issuer`, as if its signature were valid: its claims,
/// or why it signs nobody in. `sign_in`: the nonce and the code of the sign-in that it belongs to.
#[cfg(feature = "sso")]
pub fn id_token_claims(
    token: &str,
    issuer: &str,
    sign_in: Option<(&str, &str)>,
    access_token: &str,
    now: SystemTime,
) -> Result<ClaimSet, String> {
    let rules = IdTokenRules {
        issuer,
        client_id: "gateway",
        nonce: sign_in.map(|(nonce, _)| nonce),
        code: sign_in.map(|(_, code)| code),
        access_token,
        now,
    };
    rules.claims_of(token).map_err(|fault| fault.to_string())
}

/// Whether a cookie may authorise this request.
#[must_use]
pub fn is_same_origin_or_safe(head: &Parts) -> bool {
    crate::gate::is_same_origin_or_safe(head)
}

/// Whether a request without a session is sent to the provider. `alone`: there is no other method.
#[cfg(feature = "sso")]
#[must_use]
pub fn wants_sign_in(head: &Parts, alone: bool) -> bool {
    crate::sso::wants_sign_in(head, alone)
}

/// The secret in the login cookie of a request.
#[cfg(feature = "sso")]
#[must_use]
pub fn login_secret(head: &Parts) -> Option<[u8; 32]> {
    let cookie = LoginCookie::new(SameSite::Lax, None);
    cookie.values(head).find_map(crate::sso::login_secret)
}

/// The origin of the site that a request is for.
#[cfg(feature = "sso")]
#[must_use]
pub fn origin(url: &PublicUrl, head: &Parts) -> Option<String> {
    crate::sso::origin(url, head)
}

/// The return path of a sign-in, as it is stored.
#[cfg(feature = "sso")]
#[must_use]
pub fn return_path(target: &str) -> Option<String> {
    crate::sso::return_path(target)
}

/// Seals a value for a cookie.
#[cfg(feature = "sso")]
#[must_use]
pub fn sealed(keys: &CookieKeys, purpose: &str, plain: &[u8], bound_to: &[u8]) -> String {
    keys.sealer(purpose).seal(plain, bound_to)
}

/// Opens a value that was sealed.
#[cfg(feature = "sso")]
#[must_use]
pub fn opened(keys: &CookieKeys, purpose: &str, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
    let plain = keys.sealer(purpose).open(sealed, bound_to)?;
    Some(plain.to_vec())
}

/// The value of the session cookie `s`: `None` if the request has none, an error if it is incomplete.
#[cfg(feature = "sso")]
#[must_use]
pub fn session_cookie(head: &Parts) -> Option<Result<String, ()>> {
    match cookie().read(head) {
        CookieValue::Absent => None,
        CookieValue::Malformed | CookieValue::Twice => Some(Err(())),
        CookieValue::Given(value) => Some(Ok(value.into_owned())),
    }
}

/// The `Set-Cookie` lines that set the cookie `s` after a request, or remove it without a value. `None`
/// if the value is too long.
#[cfg(feature = "sso")]
#[must_use]
pub fn set_session_cookie(value: Option<&str>, head: &Parts) -> Option<Vec<HeaderValue>> {
    let Some(value) = value else {
        return Some(cookie().clear(false, head));
    };
    let max_age = std::time::Duration::from_hours(9);
    cookie().set(value, max_age, false, head).ok()
}

#[cfg(feature = "sso")]
fn cookie() -> SessionCookie {
    SessionCookie::new("s", SameSite::Lax, None).expect("a token")
}

/// The parameters of a sign-in callback: either the code, or the error.
#[cfg(feature = "sso")]
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "for the fuzz targets alone")]
pub struct Callback {
    pub state: String,
    pub iss: Option<String>,
    pub outcome: Result<String, String>,
}

/// Parses the query of a callback; `None` if it is malformed.
#[cfg(feature = "sso")]
#[must_use]
pub fn callback_query(query: &str) -> Option<Callback> {
    let CallbackParameters {
        state,
        iss,
        outcome,
    } = CallbackParameters::parse(query).ok()?;
    Some(Callback {
        state: state.into_owned(),
        iss: iss.map(Into::into),
        outcome: match outcome {
            Outcome::Code(code) => Ok(code.into_owned()),
            Outcome::Error(error) => Err(error.into_owned()),
        },
    })
}
