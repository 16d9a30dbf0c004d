//! Scopes, inside of a gate and without one.

use bytes::Bytes;
use http::Response;
use portcullis::gate::{
    GateLayer, Identity, Optional, PublicPaths, RefusalKind, RefusalReason, RequireScopeLayer,
    ScopePolicy,
};
use tower::{Layer, ServiceBuilder};

use crate::support::methods::{Portal, Slow, Word};
use crate::support::{Answer, Echo, echo, get, send, through};

fn kind(answer: &Answer) -> RefusalKind {
    answer.extensions.get::<RefusalReason>().unwrap().kind()
}

/// The method of these tests grants `read` and `write:all`.
#[tokio::test]
async fn scopes_are_compared_whole() {
    type Rule = Result<ScopePolicy, portcullis::ConfigError>;
    let all: fn(&[&str]) -> Rule = |scopes| ScopePolicy::all_of(scopes);
    let any: fn(&[&str]) -> Rule = |scopes| ScopePolicy::any_of(scopes);
    for (rule, scopes, status) in [
        (all, &["read"][..], 200),
        (all, &["write:all", "read"], 200),
        (all, &["read", "delete"], 403),
        (all, &["rea"], 403),
        (all, &["write"], 403),
        (all, &["write:"], 403),
        (all, &["write:all:too"], 403),
        (all, &["READ"], 403),
        (any, &["delete", "read"], 200),
        (any, &["delete"], 403),
        (any, &["delete", "rea"], 403),
    ] {
        let inner = RequireScopeLayer::new(rule(scopes).unwrap()).layer(Echo::new(echo()));
        let stack = GateLayer::new(Word::default()).layer(inner);
        let answer = send(stack, get("/", &[("x-word", "swordfish")])).await;
        assert_eq!(answer.status.as_u16(), status, "{scopes:?}");
        if status == 403 {
            assert_eq!(kind(&answer), RefusalKind::InsufficientScope);
            let line = format!("Word realm=\"words\", scope=\"{}\"", scopes.join(" "));
            assert_eq!(answer.all("www-authenticate"), [line]);
        }
    }
}

#[tokio::test]
async fn one_scope_is_required_by_its_name() {
    for (scope, status) in [("read", 200), ("rea", 403)] {
        let rule = RequireScopeLayer::scope(scope).unwrap();
        let stack = GateLayer::new(Word::default()).layer(rule.layer(echo()));
        let answer = send(stack, get("/", &[("x-word", "swordfish")])).await;
        assert_eq!(answer.status, status, "{scope}");
    }
    for wrong in ["", "two words"] {
        let error = RequireScopeLayer::scope(wrong).unwrap_err();
        assert_eq!(error.setting(), "scopes", "{wrong:?}");
    }
}

#[tokio::test]
async fn anonymous_requests_are_refused_as_by_the_gate() {
    let stack = |rule: RequireScopeLayer| {
        let gate = GateLayer::new(Optional::new(Word::default())).with_refusal_response(
            |_, _, response: Response<Bytes>| response.map(|_| "styled".into()),
        );
        ServiceBuilder::new()
            .layer(gate)
            .layer(rule)
            .service(echo())
    };
    for rule in [
        RequireScopeLayer::signed_in(),
        RequireScopeLayer::new(ScopePolicy::all_of(["read"]).unwrap()),
    ] {
        let anonymous = send(stack(rule.clone()), get("/", &[])).await;
        assert_eq!(
            (anonymous.status.as_u16(), anonymous.body.as_str()),
            (401, "styled")
        );
        assert_eq!(anonymous.all("www-authenticate"), ["Word realm=\"words\""]);
        let known = send(stack(rule), get("/", &[("x-word", "swordfish")])).await;
        assert_eq!(known.status, 200);
    }

    let browsers = GateLayer::new(Optional::new(Portal::new()));
    let signed_in = RequireScopeLayer::signed_in();
    let stack = ServiceBuilder::new()
        .layer(browsers)
        .layer(signed_in)
        .service(echo());
    let redirect = send(stack.clone(), get("/", &[("accept", "text/html")])).await;
    assert_eq!(redirect.header("location"), Some("/portal/sign-in"));
    assert_eq!(
        send(stack, get("/", &[("cookie", "portal=eve")]))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_public_path_has_no_scopes() {
    let gate = PublicPaths::new(["/health"], Word::default()).unwrap();
    let stack = ServiceBuilder::new()
        .layer(gate)
        .layer(RequireScopeLayer::signed_in())
        .service(echo());
    assert_eq!(send(stack.clone(), get("/health", &[])).await.status, 401);
    assert_eq!(
        send(stack, get("/other", &[("x-word", "swordfish")]))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn without_a_gate_outside_every_request_is_500() {
    for rule in [
        RequireScopeLayer::signed_in(),
        RequireScopeLayer::new(ScopePolicy::any_of(["read"]).unwrap()),
    ] {
        let answer = through(&rule, get("/", &[("x-word", "swordfish")])).await;
        assert_eq!(answer.status, 500);
        assert_eq!(kind(&answer), RefusalKind::Misconfigured);
        assert!(answer.all("www-authenticate").is_empty());
    }
    // Outside of the gate, no identity is known yet.
    let wrong_order = ServiceBuilder::new()
        .layer(RequireScopeLayer::signed_in())
        .layer(GateLayer::new(Word::default()))
        .service(echo());
    assert_eq!(
        send(wrong_order, get("/", &[("x-word", "swordfish")]))
            .await
            .status,
        500
    );
}

#[tokio::test]
async fn nested_scopes_get_the_gates_challenges() {
    let stack = ServiceBuilder::new()
        .layer(GateLayer::new(Word::default()))
        .layer(RequireScopeLayer::signed_in())
        .layer(RequireScopeLayer::new(
            ScopePolicy::all_of(["delete"]).unwrap(),
        ))
        .service(echo());
    let answer = send(stack, get("/", &[("x-word", "swordfish")])).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.all("www-authenticate"),
        ["Word realm=\"words\", scope=\"delete\""]
    );
}

#[tokio::test]
async fn a_method_may_have_no_challenge_for_403() {
    let gate = GateLayer::new(Slow::new(portcullis::gate::Carrier::bearer()));
    let rule = RequireScopeLayer::new(ScopePolicy::all_of(["read"]).unwrap());
    let stack = ServiceBuilder::new()
        .layer(gate)
        .layer(rule)
        .service(echo());
    let answer = send(stack, get("/", &[("authorization", "Bearer slow-bob")])).await;
    assert_eq!(answer.status, 403);
    assert!(answer.all("www-authenticate").is_empty());
}

#[test]
fn policies_nest() {
    let all = |scopes: &[&str]| ScopePolicy::all_of(scopes).unwrap();
    let any = |scopes: &[&str]| ScopePolicy::any_of(scopes).unwrap();
    for (name, policy, enough, too_little) in [
        (
            "all of and any of",
            all(&["a"]).and(any(&["b", "c"])),
            &["a b", "c a", "a b c"][..],
            &["", "a", "b c", "a bc"][..],
        ),
        (
            "all of or all of",
            all(&["a", "b"]).or(all(&["c"])),
            &["b a", "c", "a c"],
            &["a", "b", "d"],
        ),
        (
            "from left to right",
            all(&["a"]).or(all(&["b"])).and(all(&["c"])),
            &["a c", "b c"],
            &["a", "a b", "c"],
        ),
        (
            "from right to left",
            all(&["a"]).or(all(&["b"]).and(all(&["c"]))),
            &["a", "b c"],
            &["b", "c"],
        ),
        ("given twice", all(&["a", "a"]), &["a", "b a"], &["aa", "b"]),
    ] {
        // Used twice, like a policy for two routes.
        let copy = policy.clone().and(policy.clone());
        for (rows, is_enough) in [(enough, true), (too_little, false)] {
            for scopes in rows {
                let identity = Identity::new("test", "ana").with_scopes(scopes.split(' '));
                assert_eq!(
                    policy.is_satisfied_by(&identity),
                    is_enough,
                    "{name}: {scopes}"
                );
                assert_eq!(
                    copy.is_satisfied_by(&identity),
                    is_enough,
                    "{name}: {scopes}"
                );
            }
        }
    }
    let policy = all(&["a"]).and(any(&["b", "c"])).or(all(&["d"]));
    assert_eq!(
        format!("{policy:?}"),
        "any_of(all_of(all_of(\"a\"), any_of(\"b\", \"c\")), all_of(\"d\"))"
    );
}

#[test]
fn a_scope_of_odd_characters_matches_nothing() {
    let policy = ScopePolicy::any_of(["read", "write"]).unwrap();
    for scope in [
        "read write",
        "read\u{a0}",
        " read",
        "read,",
        "\"read\"",
        "read\0",
        "",
    ] {
        let identity = Identity::new("test", "ana").with_scopes([scope]);
        assert!(!policy.is_satisfied_by(&identity), "{scope:?}");
        let identity = identity.with_scopes([scope, "read"]);
        assert!(policy.is_satisfied_by(&identity), "{scope:?}");
    }
}

#[test]
fn scope_tokens_are_checked_when_built() {
    for bad in ["", "a b", "a\"b", "a\\b", "é", "a\tb", "\u{7f}"] {
        assert_eq!(
            ScopePolicy::all_of([bad]).unwrap_err().setting(),
            "scopes",
            "{bad:?}"
        );
        assert!(ScopePolicy::any_of(["ok", bad]).is_err(), "{bad:?}");
    }
    assert!(ScopePolicy::all_of(Vec::<&str>::new()).is_err());
    assert!(ScopePolicy::all_of(["!#[]~", "wheels:read"]).is_ok());
}

#[tokio::test]
async fn scopes_inside_an_empty_gate_are_500() {
    let rule = RequireScopeLayer::signed_in();
    let nobody = GateLayer::new(Optional::new(None::<Word>));
    let stack = ServiceBuilder::new()
        .layer(nobody)
        .layer(rule)
        .service(echo());
    let answer = send(stack, get("/", &[])).await;
    assert_eq!(
        (answer.status.as_u16(), kind(&answer)),
        (500, RefusalKind::Misconfigured)
    );
}
