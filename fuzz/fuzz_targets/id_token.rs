//! The rules for ID tokens, without their signatures, against a second reader of OpenID Connect Core 1.0
//! section 3.1.3.7.
#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::id_token_claims;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

mod json_twin;
#[allow(dead_code, reason = "only its forms are needed")]
mod token_twin;

const NOW: u64 = 1_700_000_000;
const ISSUER: &str = "https://id.example";
const CLIENT: &str = "gateway";
const NONCE: &str = "n-0S6_WzA2Mj";
const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Whether it is the token of a sign-in, and not of a refresh.
    is_sign_in: bool,
    algorithm: u8,
    typ: u8,
    /// Which of the claims that every good token has are there.
    usual: u8,
    claims: Vec<(u8, u8, &'a str)>,
}

const ALGORITHMS: [&str; 9] = [
    "RS256", "ES256", "PS384", "ES384", "RS512", "EdDSA", "Ed25519", "HS256", "none",
];

impl Input<'_> {
    fn token(&self) -> String {
        let algorithm = ALGORITHMS[usize::from(self.algorithm) % ALGORITHMS.len()];
        let typ = ["", r#", "typ": "JWT""#, r#", "typ": "at+jwt""#][usize::from(self.typ) % 3];
        let header = format!(r#"{{"alg": "{algorithm}"{typ}}}"#);
        let usual = [
            format!(r#""iss": "{ISSUER}""#),
            format!(r#""aud": "{CLIENT}""#),
            format!(r#""exp": {}"#, NOW + 60),
            format!(r#""iat": {NOW}"#),
            format!(r#""nonce": "{NONCE}""#),
            r#""sub": "ana""#.to_owned(),
        ];
        let usual = usual.into_iter().enumerate();
        let usual = usual.filter(|(place, _)| self.usual >> place & 1 == 0);
        let more = self.claims.iter().map(|(name, value, text)| {
            const NAMES: [&str; 14] = [
                "iss",
                "aud",
                "azp",
                "exp",
                "iat",
                "nbf",
                "nonce",
                "at_hash",
                "c_hash",
                "events",
                "typ",
                "token_use",
                "sub",
                "nonce",
            ];
            let name = NAMES[usize::from(*name) % NAMES.len()];
            let text = serde_json::to_string(text).expect("a text");
            let value = match value % 16 {
                0 => format!("\"{CLIENT}\""),
                1 => format!("[\"{CLIENT}\"]"),
                2 => format!("[{text}, \"{CLIENT}\"]"),
                3 => format!("[\"{CLIENT}\", 1]"),
                4 => format!("\"{}\"", half_hash(algorithm, ACCESS_TOKEN)),
                5 => format!("\"{}\"", half_hash(algorithm, CODE)),
                6 => "null".to_owned(),
                7 => format!("{}", NOW - 30),
                8 => format!("{}", NOW + 30),
                9 => format!("{}.5", NOW - 30),
                10 => "-1e300".to_owned(),
                11 => "\"Bearer\"".to_owned(),
                12 => "\"access\"".to_owned(),
                13 => "{}".to_owned(),
                _ => text,
            };
            format!("\"{name}\": {value}")
        });
        let claims: Vec<_> = usual.map(|(_, claim)| claim).chain(more).collect();
        let payload = format!("{{{}}}", claims.join(", "));
        let [header, payload] = [header, payload].map(|part| token_twin::encode(part.as_bytes()));
        format!("{header}.{payload}.AAAA")
    }
}

fuzz_target!(|input: Input<'_>| {
    let token = input.token();
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    let sign_in = input.is_sign_in.then_some((NONCE, CODE));
    let found = id_token_claims(&token, ISSUER, sign_in, ACCESS_TOKEN, now);
    let expected = token_twin::parts(&token).filter(|(header, claims)| {
        is_good(&header.algorithm, &header.typ, claims, input.is_sign_in).is_some()
    });
    match (found, expected) {
        (Ok(found), Some((_, claims))) => {
            let found: Map<String, Value> = found.to().expect("a map");
            assert_eq!(found, claims);
        }
        (Err(_), None) => {}
        (found, expected) => panic!(
            "{found:?}, by the twin {expected:?}",
            expected = expected.map(|it| it.1)
        ),
    }
});

/// `Some` for a token that signs somebody in.
fn is_good(
    algorithm: &str,
    typ: &str,
    claims: &Map<String, Value>,
    is_sign_in: bool,
) -> Option<()> {
    let require = |holds: bool| holds.then_some(());
    let text = |name| claims.get(name).and_then(Value::as_str);
    // A secret that the gateway shares signs nobody in, nor does a token of another kind.
    require(!algorithm.starts_with("HS") && typ != "at+jwt")?;
    require(!claims.contains_key("events"))?;
    require(
        !["Bearer", "Logout", "Offline", "Refresh"].contains(&text("typ").unwrap_or_default()),
    )?;
    require(text("token_use") != Some("access"))?;

    require(text("iss") == Some(ISSUER))?;
    let audiences = match claims.get("aud")? {
        Value::String(audience) => vec![&**audience],
        Value::Array(audiences) => audiences.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    require(audiences.contains(&CLIENT))?;
    match claims.get("azp") {
        Some(party) => require(party == CLIENT)?,
        None => require(audiences.len() == 1)?,
    }

    let number = |name| match claims.get(name) {
        Some(value) => value.as_number()?.as_f64(),
        None => Some(f64::NEG_INFINITY),
    };
    let (now, leeway) = (NOW as f64, 30.0);
    require(claims.contains_key("exp") && claims.contains_key("iat"))?;
    require(now < number("exp")?.max(0.0) + leeway)?;
    require(now + leeway >= number("iat")? && now + leeway >= number("nbf")?)?;

    if is_sign_in {
        require(text("nonce") == Some(NONCE))?;
        if let Some(hash) = claims.get("c_hash") {
            require(*hash == half_hash(algorithm, CODE))?;
        }
    }
    if let Some(hash) = claims.get("at_hash") {
        require(*hash == half_hash(algorithm, ACCESS_TOKEN))?;
    }
    Some(())
}

/// The left half of a hash, by the hash function of the algorithm.
fn half_hash(algorithm: &str, text: &str) -> String {
    let hash = match algorithm {
        _ if algorithm.ends_with("256") => Sha256::digest(text).to_vec(),
        _ if algorithm.ends_with("384") => Sha384::digest(text).to_vec(),
        _ => Sha512::digest(text).to_vec(),
    };
    token_twin::encode(&hash[..hash.len() / 2])
}
