use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::claims::differs;
use super::json;
use crate::gate::{Mismatch, RefusalDetail};

/// The longest name of a key, in bytes, here as in a set of keys.
const MAX_KID: usize = 256;

/// The header of a token: which key to try, and what kind of token it is.
///
/// A key or its URL (`jwk`, `jku`, `x5c`, `x5u`) is not read.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// The `typ`, without `application/`.
    pub(super) typ: Option<String>,
}

impl Header {
    pub(super) fn parse(text: &[u8]) -> Result<Self, RefusalDetail> {
        let mut header = json::object(text).ok_or("the header is not a strict JSON object")?;
        // Critical header parameters are not supported, nor is an unencoded payload (RFC 7797). `zip` is one of
        // encrypted tokens, and has no meaning here: some issuers send it with "NONE".
        if ["crit", "b64"]
            .iter()
            .any(|name| header.contains_key(*name))
        {
            return Err("the header has crit or b64, which are not supported".into());
        }
        if media_type(&header, "cty")?.is_some_and(|cty| cty.eq_ignore_ascii_case("jwt")) {
            return Err("the token contains another token (cty)".into());
        }
        let typ = media_type(&header, "typ")?.map(str::to_owned);
        let is_known = |typ: &String| {
            ["jwt", "at+jwt"]
                .iter()
                .any(|it| typ.eq_ignore_ascii_case(it))
        };
        if !typ.as_ref().is_none_or(is_known) {
            let mismatch = Mismatch::new("the token's typ", typ.as_deref());
            return Err(mismatch.with_expected(["JWT", "at+jwt"]).into());
        }
        let algorithm = header.get("alg");
        let known = algorithm
            .and_then(Value::as_str)
            .and_then(Algorithm::from_name);
        let algorithm = known.ok_or_else(|| {
            let names = Algorithm::ALL.map(Algorithm::name);
            differs("the token's alg", algorithm).with_expected(names)
        })?;
        let kid = match header.remove("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= MAX_KID => Some(kid),
            Some(other) => {
                let mismatch = differs("the token's kid", Some(&other));
                return Err(mismatch
                    .with_expected(["a string of at most 256 bytes"])
                    .into());
            }
        };
        Ok(Self {
            algorithm,
            kid,
            typ,
        })
    }

    /// Whether it is of an access token by RFC 9068 section 2.1.
    pub(super) fn is_access_token(&self) -> bool {
        let typ = self.typ.as_ref();
        typ.is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"))
    }
}

/// A media type without the `application/` that may be left off (RFC 7515 section 4.1.9).
fn media_type<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Mismatch> {
    const PREFIX: &str = "application/";
    let Some(value) = header.get(name) else {
        return Ok(None);
    };
    let value = value.as_str().ok_or_else(|| {
        differs(format!("the token's {name}"), Some(value)).with_expected(["a string"])
    })?;
    let short = match value.split_at_checked(PREFIX.len()) {
        Some((prefix, short)) if prefix.eq_ignore_ascii_case(PREFIX) => short,
        _ => value,
    };
    Ok(Some(short))
}
