use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::json;

/// The longest name of a key, in bytes, here as in a set of keys.
const MAX_KID: usize = 256;

/// The header of a token: which key to try, and what kind of token it is.
///
/// A key or its URL (`jwk`, `jku`, `x5c`, `x5u`) is not read.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// Whether `typ` is `at+jwt` (RFC 9068 section 2.1).
    pub(super) is_access_token: bool,
}

impl Header {
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let mut header = json::object(text).ok_or("the header is not a strict JSON object")?;
        // Critical header parameters are not supported, nor is an unencoded payload (RFC 7797). `zip` is one of
        // encrypted tokens, and has no meaning here: some issuers send it with "NONE".
        if ["crit", "b64"]
            .iter()
            .any(|name| header.contains_key(*name))
        {
            return Err("the header has crit or b64, which are not supported");
        }
        if media_type(&header, "cty")?.is_some_and(|cty| cty.eq_ignore_ascii_case("jwt")) {
            return Err("the token contains another token (cty)");
        }
        let is_access_token = match media_type(&header, "typ")? {
            Some(typ) if typ.eq_ignore_ascii_case("at+jwt") => true,
            Some(typ) if !typ.eq_ignore_ascii_case("jwt") => {
                return Err("typ is neither JWT nor at+jwt");
            }
            _ => false,
        };
        let name = header.get("alg").and_then(Value::as_str);
        let algorithm = name
            .and_then(Algorithm::from_name)
            .ok_or("alg is not a supported algorithm")?;
        let kid = match header.remove("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= MAX_KID => Some(kid),
            Some(_) => return Err("kid is not a string, or is too long"),
        };
        Ok(Self {
            algorithm,
            kid,
            is_access_token,
        })
    }
}

/// A media type without the `application/` that may be left off (RFC 7515 section 4.1.9).
fn media_type<'a>(
    header: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, &'static str> {
    const PREFIX: &str = "application/";
    let Some(value) = header.get(name) else {
        return Ok(None);
    };
    let value = value.as_str().ok_or("typ or cty is not a string")?;
    let short = match value.split_at_checked(PREFIX.len()) {
        Some((prefix, short)) if prefix.eq_ignore_ascii_case(PREFIX) => short,
        _ => value,
    };
    Ok(Some(short))
}
