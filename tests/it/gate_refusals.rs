//! The response to a refused request, and the reason for the log.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use portcullis::gate::{
    AnyOf, Authenticator, Carrier, Challenge, Decision, GateLayer, Optional, Refusal, RefusalKind,
    RefusalReason,
};
use tower::Layer;

use crate::support::methods::{Portal, Slow, Word};
use crate::support::{Answer, echo, get, send, through};

fn reason(answer: &Answer) -> &RefusalReason {
    answer
        .extensions
        .get::<RefusalReason>()
        .expect("every refusal has its reason")
}

#[tokio::test]
async fn an_inner_gate_names_the_outer_gate() {
    let inner = GateLayer::new(Word::default());
    let word = || get("/", &[("x-word", "swordfish")]);
    let twice = inner.layer(inner.layer(echo()));
    let answer = send(twice, word()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(reason(&answer).kind(), RefusalKind::Missing);
    let expected = "no credential: a gate further out has admitted the request and taken it";
    assert_eq!(reason(&answer).to_string(), expected);

    // Not without an outer gate, nor if the outer gate has admitted the request anonymously.
    let open = Optional::new(Slow::new(Carrier::bearer())).layer(inner.layer(echo()));
    for answer in [
        send(open, get("/", &[])).await,
        through(&inner, get("/", &[])).await,
    ] {
        assert_eq!(reason(&answer).to_string(), "no credential");
    }
}

#[tokio::test]
async fn a_refusal_has_status_challenge_and_reason() {
    let gate = GateLayer::new(Word::default());
    let words = &["Word realm=\"words\""][..];
    for (headers, status, challenges, kind, why) in [
        (&[][..], 401, words, RefusalKind::Missing, "no credential"),
        (
            &[("x-word", "guess")],
            401,
            words,
            RefusalKind::Invalid,
            "wrong word",
        ),
        (
            &[("x-word", "nobody")],
            401,
            words,
            RefusalKind::Missing,
            "no credential",
        ),
        (
            &[("x-word", "with space")],
            400,
            words,
            RefusalKind::Malformed,
            "two words",
        ),
        (
            &[("x-word", "worded")],
            401,
            &["Word error=\"expired\""],
            RefusalKind::Invalid,
            "worded by the method",
        ),
    ] {
        let answer = through(&gate, get("/", headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        assert_eq!(answer.all("www-authenticate"), challenges, "{headers:?}");
        assert_eq!(reason(&answer).kind(), kind, "{headers:?}");
        assert_eq!(reason(&answer).to_string(), why);
        assert!(!answer.passed());
        assert!(
            !answer.body.contains("word"),
            "no hint in {:?}",
            answer.body
        );
    }
}

#[tokio::test]
async fn missing_and_wrong_credentials_look_the_same() {
    let gate = GateLayer::new(Word::default());
    let missing = through(&gate, get("/", &[])).await;
    let wrong = through(&gate, get("/", &[("x-word", "guess")])).await;
    assert_eq!(
        (missing.status, &missing.headers, &missing.body),
        (wrong.status, &wrong.headers, &wrong.body)
    );
    assert_eq!(missing.body, "401 Unauthorized\n");
    assert_eq!(missing.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_server_fault_has_no_challenge() {
    let gate = GateLayer::new(Slow::new(Carrier::bearer()));
    let answer = through(&gate, get("/", &[("authorization", "Bearer slow-down")])).await;
    assert_eq!(answer.status, 503);
    assert!(answer.all("www-authenticate").is_empty());
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(answer.body, "503 Service Unavailable\n");
    assert_eq!(
        reason(&answer).source().unwrap().to_string(),
        "the store is down"
    );
}

#[tokio::test]
async fn no_method_adds_challenges_to_server_faults() {
    // The method of this test would add a line to any refusal.
    let answer = through(
        &GateLayer::new(Word::default()),
        get("/", &[("x-word", "down")]),
    )
    .await;
    assert_eq!(answer.status, 503);
    assert!(answer.all("www-authenticate").is_empty());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn the_first_answer_of_several_methods_counts() {
    #[derive(Clone, Debug)]
    struct Elsewhere;
    impl Authenticator for Elsewhere {
        fn authenticate(&self, _: &http::request::Parts) -> Decision {
            Decision::Absent
        }
        fn challenge(&self, _: &http::request::Parts, refusal: &mut Refusal) {
            let response = Response::builder()
                .status(302)
                .header("location", "/elsewhere");
            refusal.answer_with(response.body(Bytes::new()).unwrap());
        }
        fn strip(&self, _: &mut http::request::Parts) {}
    }
    let browser = || get("/", &[("accept", "text/html")]);
    let gate = AnyOf::new((Portal::new(), Elsewhere)).unwrap();
    assert_eq!(
        through(&gate, browser()).await.header("location"),
        Some("/portal/sign-in")
    );
    let gate = AnyOf::new((Elsewhere, Portal::new())).unwrap();
    assert_eq!(
        through(&gate, browser()).await.header("location"),
        Some("/elsewhere")
    );
}

#[tokio::test]
async fn a_browser_is_redirected_instead() {
    let gate = GateLayer::new(Portal::new());
    let browser = through(&gate, get("/", &[("accept", "text/html")])).await;
    assert_eq!(
        (browser.status.as_u16(), browser.header("location")),
        (302, Some("/portal/sign-in"))
    );
    assert!(browser.all("www-authenticate").is_empty());
    assert_eq!(reason(&browser).kind(), RefusalKind::Missing);
    assert_eq!(through(&gate, get("/", &[])).await.status, 401);
}

#[tokio::test]
async fn a_style_changes_words_and_keeps_the_reason() {
    let style =
        |head: &http::request::Parts, refusal: &Refusal, response: Response<Bytes>| match refusal
            .kind()
        {
            RefusalKind::Missing => response.map(|_| format!("sign in for {}", head.uri).into()),
            _ => Response::new(Bytes::from_static(b"replaced")),
        };
    let gate = GateLayer::new(Word::default()).with_refusal_response(style);
    let missing = through(&gate, get("/x", &[])).await;
    assert_eq!(
        (missing.status.as_u16(), missing.body.as_str()),
        (401, "sign in for /x")
    );
    assert_eq!(missing.all("www-authenticate"), ["Word realm=\"words\""]);
    let replaced = through(&gate, get("/x", &[("x-word", "guess")])).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.body.as_str()),
        (200, "replaced")
    );
    assert_eq!(reason(&replaced).kind(), RefusalKind::Invalid);
    assert!(!replaced.passed());

    let portal = GateLayer::new(Portal::new())
        .with_refusal_response(|_, _, _| Response::new(Bytes::from_static(b"restyled")));
    let redirect = through(&portal, get("/", &[("accept", "text/html")])).await;
    assert_eq!(
        redirect.status, 302,
        "a method's own answer is not restyled"
    );
}

#[tokio::test]
async fn a_gate_without_a_method_refuses_with_500() {
    let answer = through(
        &GateLayer::new(None::<Word>),
        get("/", &[("x-word", "swordfish")]),
    )
    .await;
    assert_eq!(answer.status, 500);
    assert!(answer.all("www-authenticate").is_empty());
    assert_eq!(reason(&answer).kind(), RefusalKind::Misconfigured);
    let some = GateLayer::new(Some(Word::default()));
    assert_eq!(
        through(&some, get("/", &[("x-word", "swordfish")]))
            .await
            .status,
        200
    );
}

/// Adds these challenges.
#[derive(Clone, Debug)]
struct Lines(Vec<Challenge>);
impl Authenticator for Lines {
    fn authenticate(&self, _: &http::request::Parts) -> Decision {
        Decision::Absent
    }
    fn challenge(&self, _: &http::request::Parts, refusal: &mut Refusal) {
        for line in &self.0 {
            refusal.add_challenge(line.clone());
        }
    }
    fn strip(&self, _: &mut http::request::Parts) {}
}

#[tokio::test]
async fn challenges_share_a_line_by_scheme_and_realm() {
    let line = |scheme, realm: &str| {
        Challenge::new(scheme)
            .unwrap()
            .with_param("realm", realm)
            .unwrap()
    };
    let lines = Lines(vec![
        line("Basic", "a"),
        line("Basic", "b"),
        line("basic", "a"),
        line("Bearer", "a"),
        Challenge::new("Basic").unwrap(),
    ]);
    let answer = through(&GateLayer::new(lines), get("/", &[])).await;
    let expected = [
        "Basic realm=\"a\"",
        "Basic realm=\"b\"",
        "Bearer realm=\"a\"",
        "Basic",
    ];
    assert_eq!(answer.all("www-authenticate"), expected);
}

#[test]
fn another_parser_reads_back_the_same_challenge() {
    for value in [
        "plain",
        "with \"quotes\"",
        "back\\slash",
        "a, b=\"c\"",
        "\\\"",
        " ",
        "~!#$%&'()*",
    ] {
        let challenge = Challenge::new("Basic")
            .unwrap()
            .with_param("realm", value)
            .unwrap();
        let challenge = challenge.with_param("charset", "UTF-8").unwrap();
        let line = challenge.header_value();
        let parsed = http_auth::parse_challenges(line.to_str().unwrap()).unwrap();
        assert_eq!(parsed.len(), 1, "{line:?}");
        assert_eq!(parsed[0].scheme, "Basic");
        let params: Vec<_> = parsed[0]
            .params
            .iter()
            .map(|(name, value)| (*name, value.to_unescaped()))
            .collect();
        assert_eq!(
            params,
            [("realm", value.to_owned()), ("charset", "UTF-8".to_owned())]
        );
    }
    for (name, value) in [
        ("realm", "line\nfeed"),
        ("realm", "nul\0"),
        ("realm", "caf\u{e9}"),
        ("realm", "tab\t"),
        ("realm", "del\u{7f}"),
        ("re alm", "x"),
        ("", "x"),
    ] {
        let refused = Challenge::new("Basic")
            .unwrap()
            .with_param(name, value)
            .unwrap_err();
        assert_eq!(refused.setting(), name, "{value:?}");
    }
    assert!(Challenge::new("Ba sic").is_err() && Challenge::new("").is_err());
    let twice = Challenge::new("Basic")
        .unwrap()
        .with_param("realm", "a")
        .unwrap();
    assert!(twice.with_param("Realm", "b").is_err());
}

#[test]
fn each_kind_has_its_status() {
    for (refusal, status) in [
        (Refusal::missing(), StatusCode::UNAUTHORIZED),
        (Refusal::invalid("x"), StatusCode::UNAUTHORIZED),
        (Refusal::malformed("x"), StatusCode::BAD_REQUEST),
        (Refusal::forbidden("x"), StatusCode::FORBIDDEN),
        (Refusal::insufficient_scope("a b"), StatusCode::FORBIDDEN),
        (Refusal::unavailable("x"), StatusCode::SERVICE_UNAVAILABLE),
        (
            Refusal::misconfigured("x"),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    ] {
        assert_eq!(refusal.status(), status, "{:?}", refusal.kind());
    }
    let with_header = Refusal::unavailable("x").with_header("retry-after", HeaderValue::from(3));
    assert_eq!(with_header.reason().kind(), RefusalKind::Unavailable);
}
