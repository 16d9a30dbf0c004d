//! The rules for tokens, without their signatures, against a slow twin that reads base64url bit by bit and
//! JSON by hand.
//!
//! An input with a byte `FF` is a header and a payload, which are encoded here without a signature;
//! any other input is a token.
#![no_main]

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::jwt_rules;
use portcullis::jwt::{Algorithm, ClaimPath, ClaimSet, KeySet, TrustedIssuer};
use serde_json::{Map, Value};
use token_twin::{Rules, Ruling};

mod json_twin;
#[allow(dead_code, reason = "the parts of any token are for another target")]
mod token_twin;

const NOW: u64 = 1_700_000_000;

fuzz_target!(|data: &[u8]| {
    let token = match data.iter().position(|&byte| byte == 0xFF) {
        Some(end) => format!(
            "{}.{}.AAAA",
            token_twin::encode(&data[..end]),
            token_twin::encode(&data[end + 1..])
        ),
        None => match std::str::from_utf8(data) {
            Ok(token) => token.to_owned(),
            Err(_) => return,
        },
    };
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    let ruled = jwt_rules(&issuers(), &token, now);
    match (token_twin::rule(&RULES, &token, NOW), ruled) {
        (Ruling::Foreign, None) | (Ruling::Refused, Some(Err(_))) => {}
        (Ruling::Good(good), Some(Ok(identity))) => {
            assert_eq!(identity.subject(), good.subject);
            assert_eq!(identity.scopes().collect::<Vec<_>>(), good.scopes);
            let expiry = identity.expires_at().expect("an expiry");
            assert!(
                near(expiry, good.expires_at),
                "{expiry:?}, {}",
                good.expires_at
            );
            let claims: &ClaimSet = identity.claims().expect("claims");
            let claims: Map<String, Value> = claims.to().expect("a map");
            assert_eq!(Value::Object(claims), good.claims);
        }
        (expected, ruled) => panic!("{expected:?} by the twin, {ruled:?}"),
    }
});

fn near(time: SystemTime, seconds: f64) -> bool {
    let time = time.duration_since(UNIX_EPOCH).expect("after 1970");
    (time.as_secs_f64() - seconds).abs() < 0.001
}

/// The same rules as the twin's [`RULES`].
fn issuers() -> [TrustedIssuer; 3] {
    let keys = || Arc::new(KeySet::from_jwks(br#"{"keys":[]}"#).expect("a set"));
    let lax = TrustedIssuer::insecure_with_any_audience("lax", keys()).expect("an issuer");
    let path = ClaimPath::new(["r", "s"]).expect("a path");
    let strict = TrustedIssuer::new("strict", ["us"], keys()).expect("an issuer");
    [
        TrustedIssuer::new("usual", ["us", "we"], keys()).expect("an issuer"),
        lax.with_scope_claims([path])
            .and_then(|lax| lax.with_leeway(Duration::ZERO))
            .expect("rules"),
        strict
            .with_access_token_profile()
            .with_algorithms([Algorithm::Es256])
            .expect("rules"),
    ]
}

const RULES: [Rules; 3] = [
    Rules {
        issuer: "usual",
        audiences: Some(&["us", "we"]),
        algorithms: None,
        is_strict: false,
        leeway: 30,
        scopes: &[&["scope"], &["scp"], &["scopes"], &["permissions"]],
    },
    Rules {
        issuer: "lax",
        audiences: None,
        algorithms: None,
        is_strict: false,
        leeway: 0,
        scopes: &[&["r", "s"]],
    },
    Rules {
        issuer: "strict",
        audiences: Some(&["us"]),
        algorithms: Some(&["ES256"]),
        is_strict: true,
        leeway: 30,
        scopes: &[&["scope"]],
    },
];
