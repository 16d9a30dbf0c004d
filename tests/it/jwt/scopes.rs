//! Scopes: strings are split, scopes are compared whole and never granted by accident.

use portcullis::jwt::{ClaimPath, JwtVerifier};
use serde_json::{Value, json};

use super::{check, es256, identity, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{NOW, claims, claims_with, issuer};

const WRONG: &str = "the token's claim…";

async fn scopes(verifier: &JwtVerifier, claims: &Value) -> Vec<String> {
    let identity = identity(verifier, &es256(claims)).await;
    identity.scopes().map(str::to_owned).collect()
}

#[tokio::test]
async fn scopes_come_from_four_claims_in_order() {
    for (name, changes, expected) in [
        ("a string", json!({"scope": "a b"}), vec!["a", "b"]),
        ("an array", json!({"scope": ["a", "b"]}), vec!["a", "b"]),
        ("scp", json!({"scope": null, "scp": "a b"}), vec!["a", "b"]),
        ("scopes", json!({"scope": null, "scopes": ["a"]}), vec!["a"]),
        (
            "permissions",
            json!({"scope": null, "permissions": ["a"]}),
            vec!["a"],
        ),
        (
            "all of them",
            json!({"permissions": ["d", "a"], "scopes": "c", "scp": ["b", "c"], "scope": "a b"}),
            vec!["a", "b", "c", "d"],
        ),
        ("none of them", json!({"scope": null}), vec![]),
        ("an empty string", json!({"scope": ""}), vec![]),
        ("an empty array", json!({"scope": []}), vec![]),
        ("more spaces", json!({"scope": " a  b "}), vec!["a", "b"]),
        ("the same twice", json!({"scope": "a b a"}), vec!["a", "b"]),
        ("by case", json!({"scope": "a A"}), vec!["a", "A"]),
        (
            "no other white space",
            json!({"scope": "a\tb\nc"}),
            vec!["a\tb\nc"],
        ),
        ("no other separator", json!({"scope": "a,b"}), vec!["a,b"]),
        (
            "an element is never split",
            json!({"scope": ["a b", ""]}),
            vec!["a b"],
        ),
        (
            "another claim",
            json!({"scope": "a", "roles": ["b"]}),
            vec!["a"],
        ),
    ] {
        assert_eq!(
            scopes(&verifier(), &claims_with(changes)).await,
            expected,
            "{name}"
        );
    }
}

#[test]
fn a_scope_claim_of_wrong_type_is_refused() {
    for name in ["scope", "scp", "scopes", "permissions"] {
        for value in [
            json!(1),
            json!(true),
            json!({"read": true}),
            json!(["read", 1]),
            json!([["read"]]),
        ] {
            let mut claims = claims();
            claims[name] = value;
            check(
                &claims.to_string(),
                &verifier(),
                &es256(&claims),
                Some(WRONG),
            );
        }
    }
}

#[tokio::test]
async fn a_scope_is_never_a_part_of_another() {
    let token = es256(&claims_with(json!({"scope": "treasure:readonly"})));
    let identity = identity(&verifier(), &token).await;
    assert!(identity.has_scope("treasure:readonly"));
    assert!(!identity.has_scope("treasure:read"));
    assert!(!identity.has_scope("treasure"));
}

#[test]
fn the_number_of_scopes_is_bounded() {
    let scopes = |count: usize| -> Vec<_> { (0..count).map(|i| i.to_string()).collect() };
    let token = |count| es256(&claims_with(json!({"scope": scopes(count).join(" ")})));
    check("512", &verifier(), &token(512), None);
    let reason = r#"the number of the token's scopes is "513", expected "at most 512""#;
    check("513", &verifier(), &token(513), Some(reason));
}

#[tokio::test]
async fn a_claim_path_finds_roles_and_groups() {
    let changes = json!({
        "realm_access": {"roles": ["reader", "lister"]},
        "https://example.com/groups": "staff ops",
        "a.b": {"": ["odd"]},
        "entitlements": ["e"],
    });
    for (name, paths, expected) in [
        (
            "Keycloak's roles",
            vec![vec!["realm_access", "roles"]],
            vec!["reader", "lister"],
        ),
        (
            "a name like a URL",
            vec![vec!["https://example.com/groups"]],
            vec!["staff ops"],
        ),
        (
            "names are taken as they are",
            vec![vec!["a.b", ""]],
            vec!["odd"],
        ),
        (
            "two, in their order",
            vec![vec!["entitlements"], vec!["scope"]],
            vec!["e", "read", "list"],
        ),
        ("one that is not there", vec![vec!["roles"]], vec![]),
        (
            "one that leads nowhere",
            vec![vec!["realm_access", "roles", "x"]],
            vec![],
        ),
        ("one through a string", vec![vec!["scope", "roles"]], vec![]),
    ] {
        let paths = paths
            .into_iter()
            .map(|names| ClaimPath::new(names).unwrap());
        let trusted = issuer().trusted().with_scope_claims(paths).unwrap();
        let by_path = JwtVerifier::new([trusted])
            .unwrap()
            .with_clock(StandingClock::at(NOW));
        let claims = claims_with(changes.clone());
        assert_eq!(scopes(&by_path, &claims).await, expected, "{name}");
    }
    let path = ClaimPath::new(["realm_access"]).unwrap();
    let trusted = issuer().trusted().with_scope_claims([path]).unwrap();
    let object = JwtVerifier::new([trusted])
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    check(
        "an object",
        &object,
        &es256(&claims_with(changes)),
        Some(WRONG),
    );
}

#[test]
fn empty_paths_and_lists_are_refused() {
    let error = ClaimPath::new([""; 0]).unwrap_err();
    assert_eq!(error.to_string(), "claim path: must have at least one name");
    let error = issuer().trusted().with_scope_claims([]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "scope claims: there must be at least one"
    );
    let error = issuer().trusted().with_algorithms([]).unwrap_err();
    assert_eq!(error.to_string(), "algorithms: there must be at least one");
}
