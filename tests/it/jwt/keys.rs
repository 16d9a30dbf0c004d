//! Newer keys are asked for if those at hand lack one, and never by a token that is bad anyway.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portcullis::gate::{Decision, TokenVerifier, Verdict};
use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, KeySource, NewerKeys, TrustedIssuer};
use serde_json::json;

use super::Said;
use crate::support::clock::StandingClock;
use crate::support::issuer::{AUDIENCE, ISSUER, Issuer, NOW, claims, claims_with, issuer};

/// The answer of a source that is asked for newer keys.
#[derive(Clone, Debug)]
enum Newer {
    None,
    Unavailable,
    Set(Option<KeySet>),
    Never,
}

/// A scripted source that counts how often it is asked.
#[derive(Clone, Debug)]
pub(super) struct Source(Arc<State>);

#[derive(Debug)]
struct State {
    keys: Mutex<Option<KeySet>>,
    newer: Newer,
    asked: AtomicUsize,
}

impl Source {
    fn new(keys: Option<KeySet>, newer: Newer) -> Self {
        Self(Arc::new(State {
            keys: Mutex::new(keys),
            newer,
            asked: AtomicUsize::new(0),
        }))
    }

    /// Keys that change by [`set`](Self::set) alone.
    pub(super) fn of(keys: KeySet) -> Self {
        Self::new(Some(keys), Newer::None)
    }

    pub(super) fn set(&self, keys: Option<KeySet>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    pub(super) fn verifier(&self, clock: &StandingClock) -> JwtVerifier {
        let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], self.clone()).unwrap();
        let verifier = JwtVerifier::new([trusted]).unwrap();
        verifier.with_clock(clock.clone())
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

impl KeySource for Source {
    fn keys(&self) -> Option<KeySet> {
        self.0.keys.lock().unwrap().clone()
    }

    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys {
        let at_hand = self.0.keys.lock().unwrap();
        assert_eq!(
            seen.is_some(),
            at_hand.is_some(),
            "the source gets the keys that were seen"
        );
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        match self.0.newer.clone() {
            Newer::None => NewerKeys::None,
            Newer::Unavailable => NewerKeys::Unavailable,
            Newer::Set(keys) => NewerKeys::later(async { keys }),
            Newer::Never => NewerKeys::later(pending()),
        }
    }
}

/// The final verdict.
async fn said(verifier: &JwtVerifier, token: &str) -> Said {
    match verifier.verify(token) {
        Decision::Absent => Said::Absent,
        Decision::Now(verdict) => Said::of(verdict),
        Decision::Later(verdict) => Said::of(verdict.await),
        decision => panic!("{decision:?}"),
    }
}

fn empty() -> KeySet {
    KeySet::from_jwks(br#"{"keys":[]}"#).unwrap()
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once() {
    let (old, clock) = (Issuer::new(), StandingClock::at(NOW));
    let mut renamed = old.jwk(Algorithm::Es256);
    renamed["kid"] = "old".into();
    let renamed = json!({"keys": [renamed]}).to_string();
    let renamed = KeySet::from_jwks(renamed.as_bytes()).unwrap();
    let unknown = || Said::invalid(r#"the token's kid is "es256", expected "old""#);
    let token = super::es256(&claims());
    for (name, keys, newer, expected) in [
        (
            "rotated",
            Some(renamed.clone()),
            Newer::Set(Some(issuer().keys())),
            Said::Admitted,
        ),
        (
            "not in the newer ones",
            Some(renamed.clone()),
            Newer::Set(Some(renamed.clone())),
            unknown(),
        ),
        (
            "no newer ones",
            Some(renamed.clone()),
            Newer::None,
            unknown(),
        ),
        (
            "unknown for now",
            Some(renamed.clone()),
            Newer::Unavailable,
            Said::Unavailable,
        ),
        (
            "the fetch failed",
            Some(renamed.clone()),
            Newer::Set(None),
            Said::Unavailable,
        ),
        (
            "in the newer ones, and another's",
            Some(renamed),
            Newer::Set(Some(old.keys())),
            Said::invalid("the signature is wrong"),
        ),
        (
            "no keys, then some",
            None,
            Newer::Set(Some(issuer().keys())),
            Said::Admitted,
        ),
        (
            "no keys, and none to be had",
            None,
            Newer::Set(None),
            Said::Unavailable,
        ),
        (
            "no keys, and no telling",
            None,
            Newer::Unavailable,
            Said::Unavailable,
        ),
        (
            "no keys, ever",
            None,
            Newer::None,
            Said::invalid("there are no keys of the token's issuer"),
        ),
        (
            "a set of none",
            Some(empty()),
            Newer::Unavailable,
            Said::Unavailable,
        ),
    ] {
        let source = Source::new(keys, newer);
        let verifier = source.verifier(&clock);
        assert_eq!(said(&verifier, &token).await, expected, "{name}");
        assert_eq!(source.asked(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_bad_token_asks_for_no_keys() {
    let token = |changes| super::es256(&claims_with(changes));
    let header = |header| issuer().token_with_header(header, &claims());
    let good = token(json!({}));
    let (input, _) = good.rsplit_once('.').unwrap();
    for (name, token, asked) in [
        ("a good one", good.clone(), 1),
        ("an unknown kid", header(json!({"kid": "new"})), 1),
        (
            "an unknown issuer",
            token(json!({"iss": "https://other.example"})),
            0,
        ),
        ("no issuer", token(json!({"iss": null})), 0),
        ("another audience", token(json!({"aud": "other"})), 0),
        ("expired", token(json!({"exp": 1})), 0),
        ("not good yet", token(json!({"nbf": NOW + 60})), 0),
        ("an ID token", token(json!({"at_hash": "x"})), 0),
        ("alg none", header(json!({"alg": "none"})), 0),
        ("crit", header(json!({"crit": ["exp"]})), 0),
        ("another type", header(json!({"typ": "logout+jwt"})), 0),
        ("stray bits in the signature", format!("{input}.AB"), 0),
        ("not a token", "s3cret".to_owned(), 0),
        ("encrypted", "e30.a.a.a.a".to_owned(), 0),
    ] {
        let source = Source::new(None, Newer::Unavailable);
        let said = said(&source.verifier(&StandingClock::at(NOW)), &token).await;
        assert_eq!(source.asked(), asked, "{name}");
        assert_eq!(said == Said::Unavailable, asked == 1, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_signature_asks_for_no_keys() {
    let source = Source::new(Some(issuer().keys()), Newer::Unavailable);
    let forged = Issuer::new().token(Algorithm::Es256, &claims());
    let verifier = source.verifier(&StandingClock::at(NOW));
    for _ in 0..100 {
        let said = said(&verifier, &forged).await;
        assert_eq!(said, Said::invalid("the signature is wrong"));
    }
    assert_eq!(source.asked(), 0);
}

#[tokio::test]
async fn a_waiting_token_does_not_delay_another() {
    let source = Source::new(Some(issuer().keys()), Newer::Never);
    let verifier = source.verifier(&StandingClock::at(NOW));
    let waiting = issuer().token_with_header(json!({"kid": "new"}), &claims());
    let waits = verifier.verify(&waiting);
    assert!(matches!(waits, Decision::Later(_)));
    let good = super::es256(&claims());
    assert_eq!(Said::at_once(&verifier, &good), Said::Admitted);
}

#[tokio::test]
async fn a_token_may_expire_while_it_waits() {
    let clock = StandingClock::at(NOW);
    let source = Source::new(None, Newer::Set(Some(issuer().keys())));
    let verifier = source.verifier(&clock);
    let token = super::es256(&claims_with(json!({"exp": NOW + 10})));
    let Decision::Later(verdict) = verifier.verify(&token) else {
        panic!("there are no keys yet");
    };
    clock.set(NOW + 40);
    assert_eq!(
        Said::of(verdict.await),
        Said::invalid(
            r#"the token's exp is "30 seconds ago", expected "less than 30 seconds ago""#
        )
    );
}

#[tokio::test]
async fn an_unavailable_key_is_503() {
    let source = Source::new(None, Newer::Unavailable);
    let verifier = source.verifier(&StandingClock::at(NOW));
    let Decision::Now(Verdict::Refuse(refusal)) = verifier.verify(&super::es256(&claims())) else {
        panic!("it is refused at once");
    };
    assert_eq!(refusal.status(), 503);
    assert_eq!(
        refusal.reason().to_string(),
        "the issuer's keys could not be fetched"
    );
}
