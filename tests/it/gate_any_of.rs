//! Several methods as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::basic_auth::BasicAuthLayer;
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{
    AnyOf, Authenticator, Carrier, Decision, Identity, Optional, PublicPaths, Refusal,
};

use crate::support::methods::{Portal, Slow, Word};
use crate::support::{Answer, basic, get, through};

fn subject(answer: &Answer) -> &str {
    answer
        .seen()
        .extensions
        .get::<Identity>()
        .unwrap()
        .subject()
}

/// Tokens as Basic passwords first, people last, since their passwords have any shape. The counter is the
/// number of passwords that were checked.
fn tokens_then_people() -> (AnyOf, Arc<AtomicUsize>) {
    let hashed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&hashed);
    let people = BasicAuthLayer::new(
        "people",
        move |user: &str, password: &str, _: ClientNetwork| {
            counter.fetch_add(1, Ordering::Relaxed);
            match password {
                "s3cret" => Decision::admit(Identity::new("basic", user)),
                _ => Decision::refuse(Refusal::invalid("wrong password")),
            }
        },
    );
    let tokens = Slow::new(Carrier::basic_password());
    (
        AnyOf::new((Portal::new(), tokens, people.unwrap())).unwrap(),
        hashed,
    )
}

#[tokio::test]
async fn the_first_that_finds_its_kind_decides() {
    let (gate, hashed) = tokens_then_people();
    for (name, credential, status, admitted, password_checks) in [
        ("a token", basic("__token__", "slow-ci"), 200, "ci", 0),
        ("a bad token", basic("__token__", "slow-bad"), 401, "", 0),
        (
            "a store that is down",
            basic("__token__", "slow-down"),
            503,
            "",
            0,
        ),
        ("a person", basic("ana", "s3cret"), 200, "ana", 1),
        ("a wrong password", basic("ana", "guess"), 401, "", 1),
        ("malformed", "Basic ???".to_owned(), 401, "", 0),
        ("another scheme", "Digest x".to_owned(), 401, "", 0),
    ] {
        hashed.store(0, Ordering::Relaxed);
        let answer = through(&gate, get("/", &[("authorization", &credential)])).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(hashed.load(Ordering::Relaxed), password_checks, "{name}");
        if status == 200 {
            assert_eq!(subject(&answer), admitted, "{name}");
            assert!(
                !answer.seen().headers.contains_key("authorization"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_late_verdict_is_final_unless_missing() {
    let word = Word::default();
    let gate = AnyOf::new((Slow::new(Carrier::bearer()), word.clone(), Portal::new())).unwrap();
    let request = |token: &str| {
        get(
            "/",
            &[
                ("authorization", &format!("Bearer {token}")),
                ("x-word", "swordfish"),
            ],
        )
    };
    for (token, status, asked) in [
        ("slow-alice", 200, 0),
        ("slow-bad", 401, 0),
        ("slow-down", 503, 0),
        ("slow-gone", 200, 1),
    ] {
        word.asked.store(0, Ordering::Relaxed);
        let answer = through(&gate, request(token)).await;
        assert_eq!(answer.status.as_u16(), status, "{token}");
        assert_eq!(word.asked.load(Ordering::Relaxed), asked, "{token}");
    }
    let nothing_left = through(&gate, get("/", &[("authorization", "Bearer slow-gone")])).await;
    assert_eq!(nothing_left.status, 401);
}

#[tokio::test]
async fn a_refused_request_gets_all_challenges() {
    let (gate, _) = tokens_then_people();
    let answer = through(&gate, get("/", &[])).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.all("www-authenticate"),
        ["Slow", "Basic realm=\"people\", charset=\"UTF-8\""]
    );
    let browser = through(&gate, get("/", &[("accept", "text/html")])).await;
    assert_eq!(browser.header("location"), Some("/portal/sign-in"));
}

#[tokio::test]
async fn own_routes_come_before_any_credential() {
    let word = Word::default();
    let gate = AnyOf::new((word.clone(), Optional::new(Portal::new()))).unwrap();
    for credential in ["swordfish", "guess"] {
        let answer = through(&gate, get("/portal/callback", &[("x-word", credential)])).await;
        assert_eq!(answer.header("location"), Some("/welcome"), "{credential}");
    }
    assert_eq!(word.asked.load(Ordering::Relaxed), 0);
    let elsewhere = through(&gate, get("/portal", &[("x-word", "guess")])).await;
    assert_eq!(elsewhere.status, 401);
}

#[tokio::test]
async fn an_admitted_request_loses_every_credential() {
    let gate = AnyOf::new((Word::default(), Portal::new())).unwrap();
    let request = get(
        "/",
        &[
            ("x-word", "swordfish"),
            ("cookie", "portal=eve; theme=dark"),
        ],
    );
    let answer = through(&gate, request).await;
    assert_eq!(subject(&answer), "anyone");
    assert!(!answer.seen().headers.contains_key("x-word"));
    assert_eq!(answer.seen().headers["cookie"], "theme=dark");
}

#[tokio::test]
async fn methods_may_be_nested_boxed_or_none() {
    let inner = AnyOf::new((None::<Word>, Word::default())).unwrap();
    let boxed: Vec<Box<dyn Authenticator>> = vec![
        Box::new(Slow::new(Carrier::bearer())),
        Box::new(Arc::new(inner)),
    ];
    let gate = AnyOf::new(boxed).unwrap();
    assert_eq!(
        subject(&through(&gate, get("/", &[("x-word", "swordfish")])).await),
        "anyone"
    );
    assert_eq!(through(&gate, get("/", &[])).await.status, 401);
}

#[tokio::test]
async fn arrays_and_vectors_of_one_type_are_methods() {
    for gate in [
        AnyOf::new([Word::default()]).unwrap(),
        AnyOf::new([None, Some(Word::default())]).unwrap(),
        AnyOf::new(vec![Word::default()]).unwrap(),
        AnyOf::new(vec![Arc::new(Word::default()) as Arc<dyn Authenticator>]).unwrap(),
    ] {
        let admitted = through(&gate, get("/", &[("x-word", "swordfish")])).await;
        assert_eq!(subject(&admitted), "anyone");
        assert_eq!(through(&gate, get("/", &[])).await.status, 401);
    }
}

#[test]
fn an_empty_any_of_is_refused() {
    assert!(AnyOf::new([None::<Word>]).is_err());
    assert!(AnyOf::new([] as [Word; 0]).is_err());
    assert!(AnyOf::new(Vec::<Word>::new()).is_err());
    let nothing: Vec<Box<dyn Authenticator>> = Vec::new();
    assert_eq!(AnyOf::new(nothing).unwrap_err().setting(), "methods");
    assert!(AnyOf::new((None::<Word>, None::<Slow>)).is_err());
    assert!(AnyOf::new((Optional::new(None::<Word>),)).is_err());
    assert!(AnyOf::new((None::<Word>, Some(Word::default()))).is_ok());
}

#[tokio::test]
async fn the_next_method_is_asked_after_missing() {
    let gate = AnyOf::new((Word::default(), Slow::new(Carrier::bearer()))).unwrap();
    let request = get(
        "/",
        &[("x-word", "nobody"), ("authorization", "Bearer slow-bob")],
    );
    assert_eq!(subject(&through(&gate, request).await), "bob");
}

#[tokio::test]
async fn an_optional_method_does_not_bypass_others() {
    let (basic_first, _) = tokens_then_people();
    for gate in [
        AnyOf::new((Optional::new(Word::default()), Slow::new(Carrier::bearer()))).unwrap(),
        AnyOf::new((Slow::new(Carrier::bearer()), Optional::new(Word::default()))).unwrap(),
        AnyOf::new((
            Optional::new(Slow::new(Carrier::bearer())),
            Word::default(),
            basic_first,
        ))
        .unwrap(),
    ] {
        for (headers, status, admitted) in [
            (&[][..], 200, None),
            (&[("x-word", "swordfish")], 200, Some("anyone")),
            (&[("x-word", "guess")], 401, None),
            (&[("authorization", "Bearer slow-bob")], 200, Some("bob")),
            (&[("authorization", "Bearer slow-bad")], 401, None),
            (&[("authorization", "Bearer slow-gone")], 200, None),
            (
                &[("authorization", "Bearer slow-gone"), ("x-word", "guess")],
                401,
                None,
            ),
        ] {
            let answer = through(&gate, get("/", headers)).await;
            assert_eq!(answer.status.as_u16(), status, "{headers:?}");
            if status == 200 {
                let identity = answer.seen().extensions.get::<Identity>();
                assert_eq!(identity.map(Identity::subject), admitted, "{headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn nested_routes_and_public_paths_are_found() {
    let portal = AnyOf::new((None::<Word>, Some(Portal::new()))).unwrap();
    let public = PublicPaths::new(["/health"], portal).unwrap();
    let gate = AnyOf::new((Word::default(), AnyOf::new((Arc::new(public),)).unwrap())).unwrap();
    let wrong = [("x-word", "guess")];
    assert_eq!(through(&gate, get("/health", &wrong)).await.status, 200);
    let callback = through(&gate, get("/portal/callback", &wrong)).await;
    assert_eq!(callback.header("location"), Some("/welcome"));
    assert_eq!(through(&gate, get("/other", &wrong)).await.status, 401);
}

#[tokio::test]
async fn the_credential_of_an_optional_method_is_removed() {
    let gate = AnyOf::new((Some(Word::default()), None::<Portal>)).unwrap();
    let answer = through(&gate, get("/", &[("x-word", "swordfish")])).await;
    assert!(!answer.seen().headers.contains_key("x-word"));
    assert!(AnyOf::new((PublicPaths::new(["/health"], None::<Word>).unwrap(),)).is_err());
}
