use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::super::key_set::KeySet;
use super::super::signer::Signer;
use super::*;

const NOW: u64 = 1_700_000_000;
const NONCE: &str = "n-0S6_WzA2Mj";
const CODE: &str = "a code";
const ACCESS_TOKEN: &str = "an access token";

/// The left halves of the hashes of [`ACCESS_TOKEN`] and [`CODE`] as Python's `hashlib` has them, by
/// SHA-256, SHA-384 and SHA-512.
const AT_HASHES: [&str; 3] = [
    "FPlcM-1UXiivOYozpUrp7Q",
    "xyd4RqQFKTeLS6637L5Uu1yJjavToEO1",
    "9UL8Bx6o74X3_A6XW5iK4-LmMHW0iJMLZ2YNNd2z1kc",
];
const C_HASHES: [&str; 3] = [
    "N0nLSO5ujdZzgBL8Rc2r2g",
    "8BcrbEGMcGkNXAcFApC6wGTQ8Xn5IdAH",
    "CLsLZbiyat4bBa54HbZj3Kk6_pft-BbdOr-BGqRQQS0",
];

fn header() -> Value {
    json!({"alg": "ES256", "kid": "P-256"})
}

/// Claims of a good ID token, with these instead; null takes one away.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example", "sub": "u-1", "aud": "gateway", "nonce": NONCE,
        "iat": NOW - 5, "exp": NOW + 300,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

fn rules() -> IdTokenRules<'static> {
    IdTokenRules {
        issuer: "https://id.example",
        client_id: "gateway",
        nonce: Some(NONCE),
        code: Some(CODE),
        access_token: ACCESS_TOKEN,
        now: UNIX_EPOCH + Duration::from_secs(NOW),
    }
}

#[tokio::test]
async fn an_id_token_fits_client_and_sign_in() {
    let signer = Signer::new();
    let keys = signer.keys();
    let both = json!(["gateway", "other"]);
    for (name, changes, is_good) in [
        ("a good one", json!({}), true),
        (
            "of another issuer",
            json!({"iss": "https://evil.example"}),
            false,
        ),
        (
            "of a slash more",
            json!({"iss": "https://id.example/"}),
            false,
        ),
        ("of no issuer", json!({"iss": null}), false),
        (
            "of a list of issuers",
            json!({"iss": ["https://id.example"]}),
            false,
        ),
        ("for a list of one", json!({"aud": ["gateway"]}), true),
        ("for another client", json!({"aud": "other"}), false),
        ("for a longer name", json!({"aud": "gateway2"}), false),
        ("for nobody", json!({"aud": null}), false),
        ("for an empty list", json!({"aud": []}), false),
        ("for a number", json!({"aud": 1}), false),
        (
            "for two, this party",
            json!({"aud": both, "azp": "gateway"}),
            true,
        ),
        ("for two, no party", json!({"aud": both}), false),
        (
            "for two, the other party",
            json!({"aud": both, "azp": "other"}),
            false,
        ),
        ("this party", json!({"azp": "gateway"}), true),
        ("another party", json!({"azp": "other"}), false),
        (
            "a party of a wrong type",
            json!({"azp": ["gateway"]}),
            false,
        ),
        ("another nonce", json!({"nonce": "n-0S6_WzA2Mk"}), false),
        (
            "a longer nonce",
            json!({"nonce": format!("{NONCE}x")}),
            false,
        ),
        ("no nonce", json!({"nonce": null}), false),
        ("a nonce in a list", json!({"nonce": [NONCE]}), false),
        ("no iat", json!({"iat": null}), false),
        ("iat in text", json!({"iat": "1"}), false),
        ("issued soon", json!({"iat": NOW + 30}), true),
        ("issued later", json!({"iat": NOW + 31}), false),
        ("no exp", json!({"exp": null}), false),
        ("just expired", json!({"exp": NOW - 29}), true),
        ("expired", json!({"exp": NOW - 30}), false),
        ("with other hashes", json!({"s_hash": "any"}), true),
        ("a logout token", json!({"events": {}}), false),
        ("Keycloak's kind", json!({"typ": "ID"}), true),
        ("Keycloak's other kind", json!({"typ": "Bearer"}), false),
        ("Keycloak's refresh token", json!({"typ": "Refresh"}), false),
        ("Keycloak's offline token", json!({"typ": "Offline"}), false),
        ("Keycloak's logout token", json!({"typ": "Logout"}), false),
        ("Cognito's kind", json!({"token_use": "id"}), true),
        (
            "Cognito's other kind",
            json!({"token_use": "access"}),
            false,
        ),
    ] {
        let token = signer.token(&header(), &claims(&changes));
        let found = rules().verify(&token, &keys).await;
        assert_eq!(found.is_ok(), is_good, "{name}: {found:?}");
    }
}

#[tokio::test]
async fn a_foreign_id_token_names_both_values() {
    let signer = Signer::new();
    for (changes, expected) in [
        (
            json!({"iss": "https://id.example/"}),
            r#"the ID token's issuer is "https://id.example/", expected "https://id.example""#,
        ),
        (
            json!({"iss": null}),
            r#"the ID token's issuer is missing, expected "https://id.example""#,
        ),
        (
            json!({"aud": ["other", "third"]}),
            r#"the ID token's audience is "other and third", expected "gateway""#,
        ),
        (
            json!({"azp": "other"}),
            r#"the ID token's azp is "other", expected "gateway""#,
        ),
    ] {
        let token = signer.token(&header(), &claims(&changes));
        let found = rules().verify(&token, &signer.keys()).await;
        assert_eq!(said(found.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_refresh_needs_no_nonce_and_no_code() {
    let signer = Signer::new();
    let refreshed = IdTokenRules {
        nonce: None,
        code: None,
        ..rules()
    };
    for (name, changes, is_good) in [
        ("none", json!({"nonce": null}), true),
        ("another nonce", json!({"nonce": "x"}), true),
        ("the hash of a code", json!({"c_hash": "x"}), true),
        (
            "the hash of another access token",
            json!({"at_hash": "x"}),
            false,
        ),
        ("another client's", json!({"aud": "other"}), false),
    ] {
        let token = signer.token(&header(), &claims(&changes));
        let found = refreshed.verify(&token, &signer.keys()).await;
        assert_eq!(found.is_ok(), is_good, "{name}");
    }
}

#[tokio::test]
async fn hashes_use_the_function_of_the_signature() {
    let signer = Signer::new();
    for (i, (alg, kid)) in [("ES256", "P-256"), ("ES384", "P-384"), ("EdDSA", "Ed25519")]
        .into_iter()
        .enumerate()
    {
        for (j, (at_hash, c_hash)) in AT_HASHES.into_iter().zip(C_HASHES).enumerate() {
            for (name, changes, is_good) in [
                ("at_hash", json!({"at_hash": at_hash}), i == j),
                ("c_hash", json!({"c_hash": c_hash}), i == j),
                ("the other's at_hash", json!({"at_hash": c_hash}), false),
                ("the other's c_hash", json!({"c_hash": at_hash}), false),
                (
                    "at_hash of a wrong type",
                    json!({"at_hash": [at_hash]}),
                    false,
                ),
            ] {
                let token = signer.token(&json!({"alg": alg, "kid": kid}), &claims(&changes));
                let found = rules().verify(&token, &signer.keys()).await;
                assert_eq!(found.is_ok(), is_good, "{name} {j} by {alg}");
            }
        }
    }
}

#[test]
fn the_hash_is_that_of_the_standard() {
    // OpenID Connect Core 1.0 appendix A.3.
    let hashes = json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"});
    let claims = ClaimSet::parse(hashes.to_string().as_bytes()).unwrap();
    let header = Header::parse(br#"{"alg":"RS256"}"#).unwrap();
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(
        check_hash(&header, &claims, "at_hash", access_token),
        Ok(())
    );
    assert!(check_hash(&header, &claims, "at_hash", ACCESS_TOKEN).is_err());
}

#[tokio::test]
async fn an_id_token_is_signed_by_the_issuer() {
    let (signer, other) = (Signer::new(), Signer::new());
    let good = signer.token(&header(), &claims(&json!({})));
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    let (head, rest) = good.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let secret = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"P-256"}"#);
    let another = signer.token(&header(), &claims(&json!({"sub": "u-2"})));
    let (_, other_payload) = another.split_once('.').unwrap();
    let (other_payload, _) = other_payload.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let typed = |typ: &str| {
        let header = json!({"alg": "ES256", "kid": "P-256", "typ": typ});
        signer.token(&header, &claims(&json!({})))
    };
    for (name, token, is_good) in [
        ("by the issuer", good.clone(), true),
        ("typ JWT", typed("JWT"), true),
        ("typ at+jwt", typed("at+jwt"), false),
        ("typ logout+jwt", typed("logout+jwt"), false),
        (
            "by another",
            other.token(&header(), &claims(&json!({}))),
            false,
        ),
        ("not signed", unsigned, false),
        ("by none", format!("{none}.{rest}"), false),
        ("by a secret", format!("{secret}.{rest}"), false),
        (
            "of another's payload",
            format!("{head}.{other_payload}.{signature}"),
            false,
        ),
        ("encrypted", format!("{good}.a.b"), false),
        ("opaque", "an opaque token".to_owned(), false),
        ("empty", String::new(), false),
    ] {
        let found = rules().verify(&token, &signer.keys()).await;
        assert_eq!(found.is_ok(), is_good, "{name}");
    }
}

#[tokio::test]
async fn no_secret_signs_an_id_token() {
    let secret = b"a secret of the client, of 32 bytes and more";
    let keys = KeySet::from_hmac_secret(Algorithm::Hs256, secret).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!(
        "{}.{}",
        encode(&json!({"alg": "HS256"})),
        encode(&claims(&json!({})))
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag));
    let compact = Compact::parse(&token).unwrap().unwrap();
    let decoded = Decoded::of(&compact).unwrap();
    assert!(decoded.verify(&compact, &keys).is_ok());
    let found = rules().verify(&token, &keys).await;
    let fault = r#"the ID token's alg is "HS256", expected "one by a public key""#;
    assert_eq!(said(found.unwrap_err()), fault);
}

fn said(fault: IdTokenFault) -> String {
    match fault {
        IdTokenFault::Bad(detail) => detail.to_string(),
        IdTokenFault::KeysUnavailable => "unavailable".into(),
    }
}

/// Keys that come when they are asked for.
#[derive(Debug)]
struct Coming {
    asked: AtomicUsize,
    known: Option<KeySet>,
    newer: Newer,
}

#[derive(Clone, Debug)]
enum Newer {
    None,
    Unavailable,
    Lost,
    Keys(KeySet),
}

impl KeySource for Coming {
    fn keys(&self) -> Option<KeySet> {
        self.known.clone()
    }

    fn newer_than(&self, _seen: Option<&KeySet>) -> NewerKeys {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let newer = match self.newer.clone() {
            Newer::None => return NewerKeys::None,
            Newer::Unavailable => return NewerKeys::Unavailable,
            Newer::Lost => None,
            Newer::Keys(keys) => Some(keys),
        };
        NewerKeys::later(async move { newer })
    }
}

#[tokio::test]
async fn newer_keys_are_asked_for_once() {
    let signer = Signer::new();
    let keys = signer.keys();
    let empty = KeySet::from_jwks(br#"{"keys":[]}"#).unwrap();
    let good = signer.token(&header(), &claims(&json!({})));
    let expired = signer.token(&header(), &claims(&json!({"exp": 1})));
    let bad = Signer::new().token(&header(), &claims(&json!({})));
    let missing = r#"the token's alg is "ES256", expected "that of a key, and there are no keys""#;
    let unavailable = Err("unavailable");
    let wrong = Err("the signature is wrong");
    let old =
        Err(r#"the token's exp is "1699999999 seconds ago", expected "less than 30 seconds ago""#);
    for (name, token, known, newer, expected, asked) in [
        ("at hand", &good, Some(&keys), Newer::None, Ok(()), 0),
        ("soon", &good, None, Newer::Keys(keys.clone()), Ok(()), 1),
        (
            "newer",
            &good,
            Some(&empty),
            Newer::Keys(keys.clone()),
            Ok(()),
            1,
        ),
        (
            "newer, and not there",
            &good,
            None,
            Newer::Keys(empty.clone()),
            Err(missing),
            1,
        ),
        ("none yet", &good, Some(&empty), Newer::None, unavailable, 1),
        (
            "unavailable",
            &good,
            None,
            Newer::Unavailable,
            unavailable,
            1,
        ),
        ("lost", &good, None, Newer::Lost, unavailable, 1),
        (
            "a wrong signature",
            &bad,
            Some(&keys),
            Newer::Unavailable,
            wrong,
            0,
        ),
        (
            "wrong by newer keys",
            &bad,
            None,
            Newer::Keys(keys.clone()),
            wrong,
            1,
        ),
        ("expired", &expired, None, Newer::Unavailable, old, 0),
    ] {
        let source = Coming {
            asked: AtomicUsize::new(0),
            known: known.cloned(),
            newer,
        };
        let found = rules().verify(token, &source).await;
        let found = found.map(|_| ()).map_err(said);
        assert_eq!(found, expected.map_err(str::to_owned), "{name}");
        assert_eq!(source.asked.into_inner(), asked, "{name}");
    }
}
