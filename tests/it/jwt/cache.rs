//! Good tokens are remembered as long as everything that made them good holds.

use allocation_counter::measure;
use portcullis::gate::TokenVerifier;
use portcullis::jwt::JwtVerifier;
use serde_json::json;

use super::keys::Source;
use super::{Said, check, es256, identity, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{Issuer, NOW, claims, claims_with, issuer};

/// Whether nothing is verified: that would allocate.
fn is_remembered(verifier: &JwtVerifier, token: &str) -> bool {
    let mut decision = None;
    let cost = measure(|| decision = Some(verifier.verify(token)));
    cost.count_total == 0
}

#[test]
fn one_verifier_remembers_its_good_tokens() {
    let verifier = verifier();
    let token = es256(&claims());
    assert!(!is_remembered(&verifier, &token), "the first time");
    assert!(is_remembered(&verifier, &token));
    assert!(
        is_remembered(&verifier.clone(), &token),
        "a clone shares it"
    );
    for (name, anew) in [
        (
            "with_clock",
            verifier.clone().with_clock(StandingClock::at(NOW)),
        ),
        (
            "with_cache_capacity",
            verifier.clone().with_cache_capacity(1),
        ),
    ] {
        assert!(!is_remembered(&anew, &token), "{name}");
        assert!(is_remembered(&anew, &token), "{name}");
    }
    let none = verifier.clone().with_cache_capacity(0);
    check("without a cache", &none, &token, None);
    assert!(!is_remembered(&none, &token));
    for (name, token) in [
        (
            "forged",
            Issuer::new().token(portcullis::jwt::Algorithm::Es256, &claims()),
        ),
        ("expired", es256(&claims_with(json!({"exp": 1})))),
        ("of no subject", es256(&claims_with(json!({"sub": null})))),
    ] {
        assert!(!is_remembered(&verifier, &token), "{name}");
        assert!(!is_remembered(&verifier, &token), "{name}");
    }
}

#[test]
fn time_is_checked_again_with_every_hit() {
    let clock = StandingClock::at(NOW);
    let verifier = issuer().verifier().with_clock(clock.clone());
    let token = es256(&claims_with(json!({"nbf": NOW - 10, "exp": NOW + 10})));
    for (name, now, refused) in [
        ("the first time", NOW, None),
        ("the last second", NOW + 39, None),
        ("expired", NOW + 40, Some("the token's exp is…")),
        ("back again", NOW, None),
        ("the first second", NOW - 40, None),
        (
            "too early",
            NOW - 41,
            Some(r#"the token's nbf is "in 31 seconds", expected "in at most 30 seconds""#),
        ),
    ] {
        clock.set(now);
        check(name, &verifier, &token, refused);
    }
}

#[test]
fn a_removed_key_ends_its_remembered_tokens() {
    let source = Source::of(issuer().keys());
    let verifier = source.verifier(&StandingClock::at(NOW));
    let token = es256(&claims());
    let unknown = Some("there are no keys of the token's issuer");
    check("the first time", &verifier, &token, None);
    assert!(is_remembered(&verifier, &token));
    source.set(None);
    check("no keys any more", &verifier, &token, unknown);
    source.set(Some(Issuer::new().keys()));
    check(
        "another key",
        &verifier,
        &token,
        Some("the signature is wrong"),
    );
    // The same keys in a newer set must verify it anew.
    source.set(Some(issuer().keys()));
    assert!(!is_remembered(&verifier, &token));
    assert!(is_remembered(&verifier, &token));
}

#[tokio::test]
async fn no_two_tokens_are_confused_in_little_room() {
    let tokens: Vec<_> = (0..20)
        .map(|i| {
            (
                format!("user{i}"),
                es256(&claims_with(json!({"sub": format!("user{i}")}))),
            )
        })
        .collect();
    for capacity in [1, 8, 4096] {
        let verifier = verifier().with_cache_capacity(capacity);
        for (subject, token) in tokens.iter().chain(&tokens) {
            let identity = identity(&verifier, token).await;
            assert_eq!(identity.subject(), subject, "room for {capacity}");
        }
        let remembered = tokens
            .iter()
            .filter(|(_, token)| is_remembered(&verifier, token));
        // Verifying a token that is not remembered puts it in the place of another.
        assert!(remembered.count() <= capacity.next_multiple_of(4));
    }
}

#[test]
fn a_token_like_a_remembered_one_is_judged() {
    let verifier = verifier();
    let token = es256(&claims());
    check("the first time", &verifier, &token, None);
    let (input, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let near = format!("{input}.{other}{}", &signature[1..]);
    check(
        "another signature",
        &verifier,
        &near,
        Some("the signature is wrong"),
    );
    assert_eq!(Said::at_once(&verifier, input), Said::Absent);
}
