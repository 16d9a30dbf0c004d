//! The layer for tokens: their carriers, and the responses to refused requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::basic_auth::BasicAuthLayer;
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{
    AnyOf, Carrier, Decision, Identity, Refusal, RefusalReason, ScopePolicy, TokenFromPath,
};
use portcullis::token::{
    InsecureSaltedToken, Lookup, TokenDigest, TokenRecord, TokenStore, TokenStoreError, Tokens,
};
use portcullis::{Secret, TokenAuthLayer};

use crate::support::clock::StandingClock;
use crate::support::{Answer, basic, get, through};

const GOOD: &str = "pcl-0000000000000000000000000000003IZszq";
const REVOKED: &str = "pcl-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0knwuT";
const EXPIRED: &str = "pcl-0123456789ABCDEFGHIJKLMNOPQRST0vwYjf";
const UNKNOWN: &str = "pcl-UVWXYZabcdefghijklmnopqrstuvwx1MvXe9";
const FAILING: &str = "pcl-000000000000000000000000005617000YVE";

struct Store;

impl TokenStore for Store {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let is = |token| *digest == TokenDigest::of(token);
        let record = TokenRecord::new("ci").with_scopes(["read"]);
        Lookup::Now(match () {
            () if is(GOOD) => Ok(Some(record)),
            () if is(REVOKED) => Ok(Some(record.revoked())),
            () if is(EXPIRED) => Ok(Some(record.with_expires_at(std::time::UNIX_EPOCH))),
            () if is(FAILING) => Err(TokenStoreError::new("away")),
            () => Ok(None),
        })
    }
}

fn layer() -> TokenAuthLayer {
    let tokens = Tokens::new(Store).with_clock(StandingClock::new());
    TokenAuthLayer::new("packages", tokens).unwrap()
}

fn subject(answer: &Answer) -> &str {
    answer
        .seen()
        .extensions
        .get::<Identity>()
        .unwrap()
        .subject()
}

#[tokio::test]
async fn the_verdict_does_not_depend_on_the_carrier() {
    let layer = layer()
        .with_carriers([
            Carrier::bearer(),
            Carrier::basic_password(),
            Carrier::header("x-token".parse().unwrap()),
            Carrier::cookie("token").unwrap(),
            Carrier::insecure_query("token").unwrap(),
            Carrier::path_token(),
        ])
        .unwrap();
    for (token, status, why) in [
        (GOOD, 200, ""),
        (REVOKED, 401, "revoked token"),
        (EXPIRED, 401, "expired token"),
        (UNKNOWN, 401, "unknown token"),
        ("s3cret", 401, "no credential"),
        (FAILING, 503, "the token could not be looked up"),
    ] {
        let bearer = format!("Bearer {token}");
        let mut by_path = get("/", &[]);
        let path_token = TokenFromPath::new(Secret::new(token));
        by_path.extensions_mut().insert(path_token);
        for (carrier, request) in [
            ("bearer", get("/", &[("authorization", &bearer)])),
            (
                "password",
                get("/", &[("authorization", &basic("__token__", token))]),
            ),
            (
                "of anybody",
                get("/", &[("authorization", &basic("", token))]),
            ),
            ("header", get("/", &[("x-token", token)])),
            (
                "cookie",
                get("/", &[("cookie", &format!("a=b; token={token}"))]),
            ),
            ("query", get(&format!("/?token={token}"), &[])),
            ("path", by_path),
        ] {
            let name = format!("{token} by {carrier}");
            let answer = through(&layer, request).await;
            assert_eq!(answer.status, status, "{name}");
            if answer.passed() {
                assert_eq!(subject(&answer), "ci", "{name}");
                assert!(
                    !format!("{:?}", answer.seen()).contains(GOOD),
                    "{name}: stripped"
                );
            } else {
                let reason = answer.extensions.get::<RefusalReason>().unwrap();
                let kind = match carrier {
                    "bearer" => Some("an opaque bearer token"),
                    "password" | "of anybody" => Some("a Basic password"),
                    _ => None,
                };
                match kind.filter(|_| why == "no credential") {
                    Some(kind) => assert_eq!(reason.mismatch().unwrap().given(), Some(kind)),
                    None => assert_eq!(reason.to_string(), why, "{name}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn unknown_revoked_and_expired_look_the_same() {
    let refused = async |authorization: &str| {
        let answer = through(&layer(), get("/", &[("authorization", authorization)])).await;
        assert!(!answer.passed());
        format!("{} {:?} {}", answer.status, answer.headers, answer.body)
    };
    for authorization in [
        |token: &str| format!("Bearer {token}"),
        |token: &str| basic("__token__", token),
    ] {
        let unknown = refused(&authorization(UNKNOWN)).await;
        assert!(unknown.contains("invalid_token"), "{unknown}");
        for token in [REVOKED, EXPIRED, "s3cret"] {
            assert_eq!(refused(&authorization(token)).await, unknown, "{token}");
        }
    }
}

#[tokio::test]
async fn challenges_tell_the_client_what_to_do() {
    let layer = layer()
        .with_required_scopes(ScopePolicy::all_of(["read", "write"]).unwrap())
        .with_resource_metadata("https://host/.well-known/oauth-protected-resource")
        .unwrap();
    let metadata = "resource_metadata=\"https://host/.well-known/oauth-protected-resource\"";
    let basic_line = "Basic realm=\"packages\", charset=\"UTF-8\"";
    for (name, token, status, bearer, with_basic) in [
        ("nothing", "", 401, "", true),
        ("not good", UNKNOWN, 401, "error=\"invalid_token\", ", true),
        (
            "not enough",
            GOOD,
            403,
            "error=\"insufficient_scope\", scope=\"read write\", ",
            false,
        ),
    ] {
        let field = format!("Bearer {token}");
        let field = ("authorization", &*field);
        let headers = if token.is_empty() { &[][..] } else { &[field] };
        let answer = through(&layer, get("/", headers)).await;
        assert_eq!(answer.status, status, "{name}");
        let bearer = format!("Bearer realm=\"packages\", {bearer}{metadata}");
        let expected = if with_basic {
            vec![&*bearer, basic_line]
        } else {
            vec![&*bearer]
        };
        assert_eq!(answer.all("www-authenticate"), expected, "{name}");
    }
    let field = format!("Bearer {FAILING}");
    let answer = through(&layer, get("/", &[("authorization", &field)])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn tokens_users_and_salted_tokens_share_a_header() {
    let checks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&checks);
    let users = move |user: &str, password: &str, _: ClientNetwork| {
        counted.fetch_add(1, Ordering::Relaxed);
        match (user, password) {
            ("ana", "s3cret") => Decision::admit(Identity::new("basic", "ana")),
            // As a table before other methods does.
            _ if user.is_empty() => Decision::Absent,
            _ => Decision::refuse(Refusal::invalid("unknown user or wrong password")),
        }
    };
    let hash = "f4e7b109e7aaef9a56f019d83fba027513ee8f63faf73fbb3c993071089eeb81";
    let salted = InsecureSaltedToken::new(hash, "uploader").unwrap();
    let methods = AnyOf::new((
        layer(),
        BasicAuthLayer::new("packages", users).unwrap(),
        TokenAuthLayer::new("packages", salted).unwrap(),
    ))
    .unwrap();
    for (name, field, expected, hashes) in [
        ("a token", basic("__token__", GOOD), Some("ci"), 0),
        ("a token of a user", basic("ana", GOOD), Some("ci"), 0),
        ("one that is revoked", basic("ana", REVOKED), None, 0),
        ("a user", basic("ana", "s3cret"), Some("ana"), 1),
        ("a wrong password", basic("ana", "mysecuretoken"), None, 1),
        (
            "the salted token",
            basic("", "mysecuretoken"),
            Some("uploader"),
            1,
        ),
        (
            "by bearer",
            "Bearer mysecuretoken".into(),
            Some("uploader"),
            0,
        ),
        ("another", "Bearer guess".into(), None, 0),
    ] {
        checks.store(0, Ordering::Relaxed);
        let answer = through(&methods, get("/", &[("authorization", &field)])).await;
        assert_eq!(
            answer.passed().then(|| subject(&answer)),
            expected,
            "{name}"
        );
        assert_eq!(checks.load(Ordering::Relaxed), hashes, "{name}");
    }
}
