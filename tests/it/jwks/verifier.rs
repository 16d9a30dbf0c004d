//! Tokens at a gate that are verified by fetched keys.

use std::sync::Arc;

use http::StatusCode;
use portcullis::jwt::jwks::JwksKeys;
use portcullis::jwt::{Algorithm, JwtVerifier, TrustedIssuer};
use portcullis::jwt_scope::JwtScopeLayer;
use serde_json::json;

use super::{URL, settle};
use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};
use crate::support::issuer::{AUDIENCE, ISSUER, NOW, claims, issuer};
use crate::support::{get, through};

struct Gateway {
    layer: JwtScopeLayer,
    provider: Arc<FakeProvider>,
    clock: StandingClock,
    now: u64,
}

impl Gateway {
    fn new() -> Self {
        let provider = FakeProvider::new();
        let clock = StandingClock::at(NOW);
        let keys = JwksKeys::new(URL).unwrap();
        let keys = keys
            .with_client(Arc::clone(&provider))
            .with_clock(clock.clone());
        let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], keys).unwrap();
        let verifier = JwtVerifier::new([trusted]).unwrap();
        let verifier = verifier.with_clock(clock.clone());
        Self {
            layer: JwtScopeLayer::new("packages", verifier).unwrap(),
            provider,
            clock,
            now: NOW,
        }
    }

    /// Makes these the keys of the issuer.
    fn publish(&self, keys: &[Algorithm]) {
        let keys: Vec<_> = keys.iter().map(|one| issuer().jwk(*one)).collect();
        let keys = json!({ "keys": keys }).to_string();
        self.provider.publish("/keys", Answer::ok(keys));
    }

    fn pass(&mut self, seconds: u64) {
        self.now += seconds;
        self.clock.set(self.now);
    }

    /// The status for a token, and the number of fetches, after the tasks that it has started have run.
    async fn judge(&self, token: &str) -> (u16, usize) {
        let field = format!("Bearer {token}");
        let answer = through(&self.layer, get("/", &[("authorization", &field)])).await;
        assert_eq!(answer.passed(), answer.status == StatusCode::OK);
        // A client need not send another credential because of a fault of the server.
        let is_challenged = answer.header("www-authenticate").is_some();
        assert_eq!(is_challenged, answer.status == StatusCode::UNAUTHORIZED);
        settle().await;
        let asked = self.provider.asked();
        assert!(asked.iter().all(|target| target == "/keys"), "{asked:?}");
        (answer.status.as_u16(), asked.len())
    }
}

fn token(algorithm: Algorithm) -> String {
    issuer().token(algorithm, &claims())
}

#[tokio::test(start_paused = true)]
async fn keys_come_and_go_without_a_restart() {
    use Algorithm::{EdDsa, Es256};
    let mut gateway = Gateway::new();
    let (old, new) = (token(Es256), token(EdDsa));
    // The seconds that pass, the keys that are published then (if any), the token, the status and the fetches.
    let rows = [
        ("the first token", 0, &[Es256][..], &old, (200, 1)),
        ("again", 0, &[][..], &old, (200, 0)),
        ("too soon", 29, &[Es256, EdDsa][..], &new, (401, 0)),
        ("after the cooldown", 1, &[][..], &new, (200, 1)),
        ("beside it", 0, &[][..], &old, (200, 0)),
        ("before the refresh", 539, &[EdDsa][..], &old, (200, 0)),
        ("at the refresh", 61, &[][..], &old, (200, 1)),
        // It is remembered as good, by keys that have been replaced.
        ("a key that has gone", 0, &[][..], &old, (401, 0)),
        ("a key that stays", 0, &[][..], &new, (200, 0)),
        ("after the cooldown", 30, &[][..], &old, (401, 1)),
        ("back again", 30, &[EdDsa, Es256][..], &old, (200, 1)),
        ("beside it", 0, &[][..], &new, (200, 0)),
    ];
    for (number, (name, pass, publish, token, expected)) in rows.into_iter().enumerate() {
        gateway.pass(pass);
        if !publish.is_empty() {
            gateway.publish(publish);
        }
        assert_eq!(gateway.judge(token).await, expected, "{number}: {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_issuer_is_503() {
    use Algorithm::{EdDsa, Es256};
    let mut gateway = Gateway::new();
    gateway.provider.publish("/keys", Answer::status(500));
    let (known, unknown) = (token(Es256), token(EdDsa));
    assert_eq!(gateway.judge(&known).await, (503, 1), "at the start");
    assert_eq!(gateway.judge(&known).await, (503, 0), "in the cooldown");
    gateway.pass(30);
    gateway.publish(&[Es256]);
    assert_eq!(gateway.judge(&known).await, (200, 1), "mended");

    gateway.provider.publish("/keys", Answer::Breaks);
    gateway.pass(30);
    assert_eq!(gateway.judge(&unknown).await, (503, 1), "an unknown key");
    assert_eq!(gateway.judge(&unknown).await, (503, 0), "in the cooldown");
    assert_eq!(gateway.judge(&known).await, (200, 0), "a known one");
    gateway.pass(24 * 3600 - 30);
    assert_eq!(gateway.judge(&known).await, (503, 1), "a day later");
    gateway.pass(30);
    gateway.publish(&[Es256]);
    assert_eq!(gateway.judge(&known).await, (200, 1), "mended again");
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_ends_with_its_fetch() {
    use Algorithm::{EdDsa, Es256};
    let mut later = claims();
    later["jti"] = "signed after the withdrawal".into();
    let [remembered, fresh] = [token(Es256), issuer().token(Es256, &later)];
    for (name, left, refused) in [
        ("every key", &[][..], 503),
        ("one of two", &[EdDsa][..], 401),
    ] {
        let mut gateway = Gateway::new();
        gateway.publish(&[Es256, EdDsa]);
        assert_eq!(gateway.judge(&remembered).await, (200, 1), "{name}");
        // While the issuer has an outage, its key serves.
        gateway.provider.publish("/keys", Answer::status(503));
        gateway.pass(600);
        assert_eq!(gateway.judge(&remembered).await, (200, 1), "{name}");
        assert_eq!(gateway.judge(&fresh).await, (200, 0), "{name}");
        gateway.publish(left);
        gateway.pass(30);
        assert_eq!(gateway.judge(&remembered).await, (200, 1), "{name}");
        for token in [&remembered, &fresh] {
            assert_eq!(gateway.judge(token).await, (refused, 0), "{name}");
        }
        let expected = if left.is_empty() { 503 } else { 200 };
        assert_eq!(gateway.judge(&token(EdDsa)).await.0, expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hopeless_token_costs_no_fetch() {
    let mut gateway = Gateway::new();
    gateway.publish(&[Algorithm::Es256]);
    let good = token(Algorithm::Es256);
    assert_eq!(gateway.judge(&good).await, (200, 1));
    gateway.pass(30);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let stranger = crate::support::issuer::Issuer::new();
    let mut elsewhere = claims();
    elsewhere["iss"] = "https://elsewhere.example".into();
    for (name, token) in [
        (
            "a signature of nobody",
            format!("{signed}.{}", "A".repeat(86)),
        ),
        (
            "a key of somebody else by this name",
            stranger.token(Algorithm::Es256, &claims()),
        ),
        (
            "another issuer",
            issuer().token(Algorithm::EdDsa, &elsewhere),
        ),
    ] {
        assert_eq!(gateway.judge(&token).await, (401, 0), "{name}");
    }
    assert_eq!(gateway.judge(&token(Algorithm::EdDsa)).await, (401, 1));
}

#[tokio::test(start_paused = true)]
async fn a_kid_never_becomes_part_of_a_request() {
    let mut gateway = Gateway::new();
    gateway.publish(&[Algorithm::Es256]);
    for kid in [
        "es256",
        "../secret",
        "?x=y",
        "https://evil.example/",
        "%0d%0a",
    ] {
        let token = issuer().token_with_header(json!({ "kid": kid }), &claims());
        let expected = if kid == "es256" { 200 } else { 401 };
        assert_eq!(gateway.judge(&token).await, (expected, 1), "{kid}");
        gateway.pass(30);
    }
}
