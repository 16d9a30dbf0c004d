//! A second implementation of the rules for tokens, one after the other.

use serde_json::{Map, Value};

use crate::json_twin::object;

#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) issuer: &'static str,
    pub(crate) audiences: Option<&'static [&'static str]>,
    pub(crate) algorithms: Option<&'static [&'static str]>,
    pub(crate) is_strict: bool,
    pub(crate) leeway: u64,
    pub(crate) scopes: &'static [&'static [&'static str]],
}

#[derive(Debug)]
pub(crate) enum Ruling {
    Foreign,
    Refused,
    Good(Good),
}

#[derive(Debug)]
pub(crate) struct Good {
    pub(crate) subject: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: f64,
    pub(crate) claims: Value,
}

const ALGORITHMS: [&str; 14] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
    "ES384", "ES512", "EdDSA", "Ed25519",
];

pub(crate) fn rule(rules: &[Rules], token: &str, now: u64) -> Ruling {
    let parts: Vec<&str> = token.split('.').collect();
    let fits = |part: &&str| part.bytes().all(|byte| ALPHABET.contains(&byte));
    if !parts.iter().all(fits) {
        return Ruling::Foreign;
    }
    match parts[..] {
        [_, _, _, _, _] => Ruling::Refused,
        [header, payload, signature] if ![header, payload, signature].contains(&"") => {
            if token.len() > 16384 || decode(signature).is_none() {
                return Ruling::Refused;
            }
            judge(rules, header, payload, now).map_or(Ruling::Refused, Ruling::Good)
        }
        _ => Ruling::Foreign,
    }
}

/// The header and the claims of a token that is in the right form, whoever it is from.
pub(crate) fn parts(token: &str) -> Option<(Header, Map<String, Value>)> {
    let fits = |part: &&str| !part.is_empty() && part.bytes().all(|it| ALPHABET.contains(&it));
    let parts: Vec<&str> = token.split('.').filter(fits).collect();
    let [header, payload, signature] = parts[..] else {
        return None;
    };
    let is_whole = token.len() == header.len() + payload.len() + signature.len() + 2;
    (is_whole && token.len() <= 16384).then_some(())?;
    decode(signature)?;
    Some((Header::read(header)?, object(&decode(payload)?)?))
}

pub(crate) struct Header {
    pub(crate) algorithm: String,
    /// In lower case and without `application/`; empty if absent.
    pub(crate) typ: String,
}

impl Header {
    fn read(header: &str) -> Option<Self> {
        let header = object(&decode(header)?)?;
        for name in ["crit", "b64"] {
            if header.contains_key(name) {
                return None;
            }
        }
        let algorithm = header.get("alg")?.as_str()?;
        if !ALGORITHMS.contains(&algorithm) {
            return None;
        }
        if let Some(kid) = header.get("kid") {
            if kid.as_str()?.len() > 256 {
                return None;
            }
        }
        let typ = media_type(&header, "typ")?;
        if header.contains_key("typ") && !["jwt", "at+jwt"].contains(&&*typ) {
            return None;
        }
        if media_type(&header, "cty")? == "jwt" {
            return None;
        }
        Some(Self {
            algorithm: algorithm.to_owned(),
            typ,
        })
    }
}

fn judge(rules: &[Rules], header: &str, payload: &str, now: u64) -> Option<Good> {
    let Header { algorithm, typ } = Header::read(header)?;
    let claims = object(&decode(payload)?)?;

    let issuer = claims.get("iss")?.as_str()?;
    let rules = rules.iter().find(|rules| rules.issuer == issuer)?;
    if rules
        .algorithms
        .is_some_and(|permitted| !permitted.contains(&&*algorithm))
    {
        return None;
    }
    let audiences = match claims.get("aud") {
        None => vec![],
        Some(Value::String(audience)) => vec![audience.clone()],
        Some(Value::Array(audiences)) => strings(audiences)?,
        Some(_) => return None,
    };
    if let Some(ours) = rules.audiences {
        audiences
            .iter()
            .find(|audience| ours.contains(&audience.as_str()))?;
    }
    for name in ["at_hash", "c_hash", "events"] {
        if claims.contains_key(name) {
            return None;
        }
    }
    if let Some("ID" | "Refresh" | "Offline" | "Logout") = claims.get("typ").and_then(Value::as_str)
    {
        return None;
    }
    if claims.get("token_use").and_then(Value::as_str) == Some("id") {
        return None;
    }
    if rules.is_strict {
        for name in ["sub", "client_id", "jti"] {
            claims.get(name)?.as_str()?;
        }
        claims.get("aud")?;
        claims.get("iat")?;
        if let Some(scope) = claims.get("scope") {
            scope.as_str()?;
        }
        if typ != "at+jwt" {
            return None;
        }
    }

    let (now, leeway) = (now as f64, rules.leeway as f64);
    let expires_at = claims.get("exp")?.as_number()?.as_f64()?;
    if now >= expires_at + leeway {
        return None;
    }
    for name in ["nbf", "iat"] {
        if let Some(time) = claims.get(name) {
            if now + leeway < time.as_number()?.as_f64()? {
                return None;
            }
        }
    }

    let mut subject = None;
    for name in ["azp", "client_id", "sub"] {
        match claims.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(value) => subject = Some(value),
        }
    }
    let subject = subject?.as_str()?.to_owned();
    Some(Good {
        subject,
        scopes: scopes(rules, &claims)?,
        expires_at: expires_at.min(253_402_300_799.0),
        claims: Value::Object(claims),
    })
}

fn media_type(header: &Map<String, Value>, name: &str) -> Option<String> {
    let Some(value) = header.get(name) else {
        return Some(String::new());
    };
    let value = value.as_str()?.to_ascii_lowercase();
    Some(
        value
            .strip_prefix("application/")
            .unwrap_or(&value)
            .to_owned(),
    )
}

fn scopes(rules: &Rules, claims: &Map<String, Value>) -> Option<Vec<String>> {
    let claims = Value::Object(claims.clone());
    let mut scopes: Vec<String> = Vec::new();
    for path in rules.scopes {
        let mut value = Some(&claims);
        for name in *path {
            value = value.and_then(|value| value.as_object()?.get(*name));
        }
        let listed = match value {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => match path[path.len() - 1] {
                "scope" | "scp" | "scopes" | "permissions" => {
                    text.split(' ').map(str::to_owned).collect()
                }
                _ => vec![text.clone()],
            },
            Some(Value::Array(elements)) => strings(elements)?,
            Some(_) => return None,
        };
        for scope in listed {
            if !scope.is_empty() && !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    (scopes.len() <= 512).then_some(scopes)
}

fn strings(elements: &[Value]) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    for element in elements {
        strings.push(element.as_str()?.to_owned());
    }
    Some(strings)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1))
        .collect();
    let sextets = bits.chunks(6).map(|chunk| {
        let value = chunk.iter().fold(0, |value, bit| value << 1 | bit);
        value << (6 - chunk.len())
    });
    sextets
        .map(|sextet| char::from(ALPHABET[usize::from(sextet)]))
        .collect()
}

/// Decodes text that encodes back to itself.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for byte in text.bytes() {
        let sextet = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits.extend((0..6).rev().map(|i| (sextet >> i & 1) as u8));
    }
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit))
        .collect();
    (encode(&bytes) == text).then_some(bytes)
}
