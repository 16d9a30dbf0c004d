//! Signed tokens at a gate, alone and beside opaque tokens and users.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::basic_auth::BasicAuthLayer;
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{
    AnyOf, Carrier, Decision, Identity, Optional, PasswordVerifier, RefusalReason,
    RequireScopeLayer, ScopePolicy,
};
use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};
use portcullis::jwt::{
    Algorithm, ClaimSet, JwtVerifier, KeySet, KeySource, NewerKeys, TrustedIssuer,
};
use portcullis::token::{Lookup, TokenDigest, TokenFormat, TokenRecord, TokenStore, Tokens};
use portcullis::{JwtScopeLayer, TokenAuthLayer};
use serde_json::{Value, json};
use tower::ServiceBuilder;

use crate::support::issuer::{AUDIENCE, ISSUER, claims, claims_with, issuer};
use crate::support::{Answer, basic, echo, get, send, through};

fn token(claims: &Value) -> String {
    issuer().token(Algorithm::Es256, claims)
}

fn layer() -> JwtScopeLayer {
    JwtScopeLayer::new("packages", issuer().verifier()).unwrap()
}

fn bearer(token: &str) -> http::Request<axum::body::Body> {
    get("/", &[("authorization", &format!("Bearer {token}"))])
}

fn bearer_line(answer: &Answer) -> &str {
    answer
        .all("www-authenticate")
        .first()
        .copied()
        .unwrap_or_default()
}

/// The name, the status, and the error of the challenge.
fn tried() -> Vec<(&'static str, String, u16, &'static str)> {
    let scope = |scope: &str| token(&claims_with(json!({ "scope": scope })));
    let good = token(&claims());
    vec![
        ("both scopes", good.clone(), 200, ""),
        ("the other of two", scope("admin read"), 200, ""),
        (
            "in a list",
            token(&claims_with(
                json!({"scope": null, "scp": ["read", "list"]}),
            )),
            200,
            "",
        ),
        ("one is lacking", scope("read"), 403, "insufficient_scope"),
        (
            "parts of the names",
            scope("rea readonly list"),
            403,
            "insufficient_scope",
        ),
        (
            "in another case",
            scope("READ list"),
            403,
            "insufficient_scope",
        ),
        (
            "no scope",
            token(&claims_with(json!({"scope": null}))),
            403,
            "insufficient_scope",
        ),
        (
            "an element of two words",
            token(&claims_with(json!({"scope": null, "scp": ["read list"]}))),
            403,
            "insufficient_scope",
        ),
        (
            "another audience",
            token(&claims_with(json!({"aud": "others"}))),
            401,
            "invalid_token",
        ),
        (
            "another issuer",
            token(&claims_with(json!({"iss": "https://idp.example/"}))),
            401,
            "invalid_token",
        ),
        (
            "expired",
            token(&claims_with(json!({"exp": 1_700_000_000}))),
            401,
            "invalid_token",
        ),
        (
            "a signature of another token",
            format!(
                "{}.{}",
                &good[..good.rfind('.').unwrap()],
                scope("x").rsplit('.').next().unwrap()
            ),
            401,
            "invalid_token",
        ),
        ("no JWT", "abc".into(), 401, "invalid_token"),
        (
            "encrypted",
            "e30.e30.e30.e30.e30".into(),
            401,
            "invalid_token",
        ),
        ("not a b64token", "a b".into(), 400, "invalid_request"),
    ]
}

#[tokio::test]
async fn tokens_are_judged_and_their_scopes_compared_whole() {
    let policy = ScopePolicy::all_of(["read"])
        .unwrap()
        .and(ScopePolicy::any_of(["list", "admin"]).unwrap());
    let layer = layer().with_required_scopes(policy);
    for (name, token, status, error) in tried() {
        let answer = through(&layer, bearer(&token)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(answer.passed(), status == 200, "{name}");
        if status == 200 {
            let identity = answer.seen().extensions.get::<Identity>().unwrap();
            assert_eq!(
                (identity.method(), identity.subject()),
                ("jwt", "ci"),
                "{name}"
            );
            let claims = identity.claims::<ClaimSet>().unwrap();
            assert_eq!(claims.get("aud").unwrap(), AUDIENCE, "{name}");
            continue;
        }
        let line = bearer_line(&answer);
        assert!(
            line.contains(&format!("error=\"{error}\"")),
            "{name}: {line}"
        );
        let scope = "scope=\"read list admin\"";
        assert_eq!(line.contains(scope), status == 403, "{name}: {line}");
        // The client gets the same answer whatever was wrong.
        let everything = format!("{:?}{}", answer.headers, answer.body);
        let reason = answer
            .extensions
            .get::<RefusalReason>()
            .unwrap()
            .to_string();
        assert!(!everything.contains(&reason), "{name}: {everything}");
        let names_scopes = reason.ends_with(r#"expected "read list admin""#);
        assert_eq!(names_scopes, status == 403, "{name}: {reason}");
        assert!(!format!("{answer:?}").contains(&token), "{name}");
    }
}

/// Keys that cannot be fetched now.
#[derive(Debug)]
struct Unavailable;

impl KeySource for Unavailable {
    fn keys(&self) -> Option<KeySet> {
        None
    }

    fn newer_than(&self, _: Option<&KeySet>) -> NewerKeys {
        NewerKeys::Unavailable
    }
}

#[tokio::test]
async fn unavailable_keys_are_503_without_a_challenge() {
    let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], Unavailable).unwrap();
    let verifier = JwtVerifier::new([trusted]).unwrap();
    let layer = JwtScopeLayer::new("packages", verifier).unwrap();
    let answer = through(&layer, bearer(&token(&claims()))).await;
    assert_eq!(answer.status, 503);
    assert!(answer.all("www-authenticate").is_empty());
    assert!(answer.headers.contains_key("retry-after"));
    let expired = token(&claims_with(json!({"exp": 1_700_000_000})));
    assert_eq!(through(&layer, bearer(&expired)).await.status, 401);
}

#[tokio::test]
async fn an_optional_token_is_never_a_wrong_one() {
    let gate = Optional::new(layer());
    let stack = ServiceBuilder::new()
        .layer(gate.clone())
        .layer(RequireScopeLayer::signed_in())
        .service(echo());
    let wrong = token(&claims_with(json!({"aud": "others"})));
    let good = token(&claims());
    for (name, token, open, closed) in [
        ("nothing", None, 200, 401),
        ("a good one", Some(&good), 200, 200),
        ("a wrong one", Some(&wrong), 401, 401),
    ] {
        let request = || token.map_or_else(|| get("/", &[]), |token| bearer(token));
        let answer = through(&gate, request()).await;
        assert_eq!(answer.status.as_u16(), open, "{name}");
        let answer = send(stack.clone(), request()).await;
        assert_eq!(answer.status.as_u16(), closed, "{name}");
    }
}

/// Counts how often a password is checked.
struct Counted {
    users: HtpasswdUsers,
    checks: Arc<AtomicUsize>,
}

impl PasswordVerifier for Counted {
    fn verify(&self, user: &str, password: &str, network: ClientNetwork) -> Decision {
        self.checks.fetch_add(1, Ordering::Relaxed);
        self.users.verify(user, password, network)
    }
}

/// One good token and one revoked.
struct TwoTokens {
    good: TokenDigest,
    revoked: TokenDigest,
}

impl TokenStore for TwoTokens {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let record = TokenRecord::new("robot");
        Lookup::Now(Ok(if *digest == self.good {
            Some(record)
        } else if *digest == self.revoked {
            Some(record.revoked())
        } else {
            None
        }))
    }
}

#[tokio::test]
async fn users_tokens_and_jwts_share_one_mount() {
    let [good, revoked, unknown] = [(); 3].map(|()| TokenFormat::default().generate());
    let tokens = Tokens::new(TwoTokens {
        good: TokenDigest::of(good.expose()),
        revoked: TokenDigest::of(revoked.expose()),
    });
    let checks = Arc::new(AtomicUsize::new(0));
    // ana:s3cret, by `htpasswd -nbs`.
    let table = HtpasswdTable::parse(b"ana:{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=").unwrap();
    let users = Counted {
        users: HtpasswdUsers::new(table),
        checks: Arc::clone(&checks),
    };
    let gate = AnyOf::new((
        layer(),
        TokenAuthLayer::new("packages", tokens).unwrap(),
        BasicAuthLayer::new("packages", users).unwrap(),
    ))
    .unwrap();

    let jwt = token(&claims());
    let wrong_jwt = token(&claims_with(json!({"aud": "others"})));
    for (name, user, password, status, method, hashes) in [
        ("a JWT", "__token__", &*jwt, 200, "jwt", 0),
        ("a JWT, any user", "ana", &*jwt, 200, "jwt", 0),
        ("a token", "__token__", good.expose(), 200, "token", 0),
        ("a token, no user", "", good.expose(), 200, "token", 0),
        ("a user", "ana", "s3cret", 200, "basic", 1),
        ("a wrong JWT", "ana", &*wrong_jwt, 401, "", 0),
        ("an encrypted JWT", "ana", "e30.e30.e30.e30.e30", 401, "", 0),
        ("a revoked token", "ana", revoked.expose(), 401, "", 0),
        ("an unknown token", "ana", unknown.expose(), 401, "", 0),
        ("a wrong password", "ana", "guess", 401, "", 1),
        ("an unknown user", "eve", "s3cret", 401, "", 1),
        ("a password with dots", "ana", "a..b", 401, "", 1),
        ("a password of that form", "ana", "a.b.c", 401, "", 0),
    ] {
        let before = checks.load(Ordering::Relaxed);
        let request = get("/", &[("authorization", &basic(user, password))]);
        let answer = through(&gate, request).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(checks.load(Ordering::Relaxed) - before, hashes, "{name}");
        if status == 200 {
            let seen = answer.seen();
            let identity = seen.extensions.get::<Identity>().unwrap();
            assert_eq!(identity.method(), method, "{name}");
            assert!(!seen.headers.contains_key("authorization"), "{name}");
        } else {
            assert_eq!(
                answer.all("www-authenticate"),
                [
                    "Bearer realm=\"packages\", error=\"invalid_token\"",
                    "Basic realm=\"packages\", charset=\"UTF-8\""
                ],
                "{name}"
            );
        }
    }
    for (name, token, status) in [
        ("a JWT", &*jwt, 200),
        ("a token", good.expose(), 200),
        ("a wrong JWT", &*wrong_jwt, 401),
        ("a user's password", "s3cret", 401),
    ] {
        let before = checks.load(Ordering::Relaxed);
        let answer = through(&gate, bearer(token)).await;
        assert_eq!(answer.status.as_u16(), status, "{name} as a bearer token");
        assert_eq!(checks.load(Ordering::Relaxed), before, "{name}");
    }
}

#[tokio::test]
async fn a_jwt_comes_by_any_configured_carrier() {
    let layer = layer()
        .with_carriers([Carrier::insecure_query("access_token").unwrap()])
        .unwrap();
    let target = format!("/x?access_token={}", token(&claims()));
    let answer = through(&layer, get(&target, &[])).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.seen().uri, "/x");
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert_eq!(through(&layer, bearer(&token(&claims()))).await.status, 401);
}

#[test]
fn a_layer_of_jwts_prints_its_settings() {
    let printed = format!("{:?}", layer());
    assert!(
        printed.starts_with("JwtScopeLayer { challenge: "),
        "{printed}"
    );
}
