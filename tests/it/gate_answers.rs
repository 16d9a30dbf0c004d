//! Methods with a response of their own to a refusal, at once or later.

use std::error::Error;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use axum::Router;
use axum::routing::get as route;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use portcullis::gate::{
    AnyOf, Authenticator, Decision, GateLayer, Identity, Optional, PublicPaths, Refusal,
    RefusalKind, RefusalReason, RequireScopeLayer,
};
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::support::methods::{Portal, Word};
use crate::support::{Answer, Echo, echo, get, send, through};

/// Admits no request, and asks elsewhere before it redirects a client.
#[derive(Clone, Debug, Default)]
struct Ferry {
    at_once: bool,
    /// The number of answers that were requested, and of those that were started.
    asked: Arc<AtomicUsize>,
    begun: Arc<AtomicUsize>,
    /// Whether the refusal was of several methods.
    is_of_several: Arc<AtomicBool>,
}

impl Authenticator for Ferry {
    fn authenticate(&self, head: &Parts) -> Decision {
        match head.headers.get("x-ferry").map(HeaderValue::as_bytes) {
            Some(b"stale") => {
                let clear = HeaderValue::from_static("ticket=; Max-Age=0");
                let also = HeaderValue::from_static("seat=; Max-Age=0");
                let refusal = Refusal::missing().with_header("set-cookie", clear);
                let refusal = refusal.with_header("set-cookie", also);
                let wait = HeaderValue::from_static("7");
                Decision::refuse(refusal.with_header("retry-after", wait))
            }
            Some(b"down") => Decision::refuse(Refusal::unavailable("no ferry today")),
            _ => Decision::Absent,
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let is_of_several = refusal.is_of_several_methods();
        self.is_of_several.store(is_of_several, Ordering::Relaxed);
        let has_own_reason = head.headers.contains_key("x-own-reason");
        let begun = Arc::clone(&self.begun);
        if self.at_once {
            refusal.answer_with(away(has_own_reason));
        } else {
            refusal.answer_later(async move {
                begun.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                away(has_own_reason)
            });
        }
    }

    fn strip(&self, _head: &mut Parts) {}
}

fn away(has_own_reason: bool) -> Response<Bytes> {
    let response = Response::builder().status(302).header("location", "/quay");
    let response = response.header("set-cookie", "ticket=1");
    let mut response = response.body(Bytes::new()).unwrap();
    if has_own_reason {
        let source = std::io::Error::other("the river is frozen");
        let refusal = Refusal::unavailable("no ferry").with_source(source);
        response.extensions_mut().insert(refusal.reason().clone());
    }
    response
}

fn reason(answer: &Answer) -> &RefusalReason {
    answer.extensions.get::<RefusalReason>().unwrap()
}

#[tokio::test]
async fn a_late_answer_has_a_reason() {
    for at_once in [true, false] {
        let ferry = Ferry {
            at_once,
            ..Ferry::default()
        };
        let answer = through(&GateLayer::new(ferry.clone()), get("/", &[])).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (302, Some("/quay")),
            "at once: {at_once}"
        );
        assert!(answer.all("www-authenticate").is_empty() && !answer.passed());
        assert_eq!(reason(&answer).kind(), RefusalKind::Missing);

        let gate = GateLayer::new(ferry.clone());
        let answer = through(&gate, get("/", &[("x-own-reason", "1")])).await;
        assert_eq!(reason(&answer).kind(), RefusalKind::Unavailable);
        let source = reason(&answer).source().unwrap().to_string();
        assert_eq!(source, "the river is frozen", "at once: {at_once}");

        let answer = through(&gate, get("/", &[("x-ferry", "down")])).await;
        assert_eq!(answer.status, 503);
        let asked = ferry.asked.load(Ordering::Relaxed);
        assert_eq!(asked, 2, "no method answers a server fault");
    }
}

#[tokio::test]
async fn an_answer_keeps_only_the_refusals_cookies() {
    for at_once in [true, false] {
        let gate = GateLayer::new(Ferry {
            at_once,
            ..Ferry::default()
        });
        let answer = through(&gate, get("/", &[("x-ferry", "stale")])).await;
        assert_eq!(
            answer.all("set-cookie"),
            ["ticket=1", "ticket=; Max-Age=0", "seat=; Max-Age=0"],
            "at once: {at_once}"
        );
        assert_eq!(answer.header("retry-after"), None);
    }
    // A refusal without such an answer has all headers.
    let lone = AnyOf::new((Word::default(),)).unwrap();
    let both = AnyOf::new((Ferry::default(), lone)).unwrap();
    let gate = GateLayer::new(Silent(both));
    let answer = through(&gate, get("/", &[("x-ferry", "stale")])).await;
    assert_eq!(answer.all("set-cookie").len(), 2);
    assert_eq!(answer.header("retry-after"), Some("7"));
}

/// Decides as another method, and adds no challenge.
#[derive(Clone, Debug)]
struct Silent<A>(A);

impl<A: Authenticator> Authenticator for Silent<A> {
    fn authenticate(&self, head: &Parts) -> Decision {
        self.0.authenticate(head)
    }
    fn challenge(&self, _: &Parts, _: &mut Refusal) {}
    fn strip(&self, _: &mut Parts) {}
}

#[tokio::test]
async fn the_first_answer_wins() {
    let browser = || get("/", &[("accept", "text/html")]);
    let (ferry, second) = (Ferry::default(), Ferry::default());
    let gate = AnyOf::new((Portal::new(), ferry.clone())).unwrap();
    let answer = through(&gate, browser()).await;
    assert_eq!(answer.header("location"), Some("/portal/sign-in"));
    assert_eq!(ferry.asked.load(Ordering::Relaxed), 1);
    assert_eq!(ferry.begun.load(Ordering::Relaxed), 0);

    let gate = AnyOf::new((ferry.clone(), Portal::new(), second.clone())).unwrap();
    let answer = through(&gate, browser()).await;
    assert_eq!(answer.header("location"), Some("/quay"));
    assert_eq!(ferry.begun.load(Ordering::Relaxed), 1);
    assert_eq!(second.begun.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_dropped_request_drops_its_answer() {
    #[derive(Clone, Debug)]
    struct Stuck(Arc<()>);
    impl Authenticator for Stuck {
        fn authenticate(&self, _: &Parts) -> Decision {
            Decision::Absent
        }
        fn challenge(&self, _: &Parts, refusal: &mut Refusal) {
            let held = Arc::clone(&self.0);
            refusal.answer_later(async move {
                let answer = pending().await;
                drop(held);
                answer
            });
        }
        fn strip(&self, _: &mut Parts) {}
    }
    let witness = Arc::new(());
    let gate = GateLayer::new(Stuck(Arc::clone(&witness))).layer(Echo::new(echo()));
    let before = Arc::strong_count(&witness);
    {
        let mut answer = pin!(gate.clone().oneshot(get("/", &[])));
        let polled = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        assert!(Arc::strong_count(&witness) > before);
    }
    assert_eq!(Arc::strong_count(&witness), before);
}

#[tokio::test]
async fn scopes_inside_wait_for_the_methods_answer() {
    let gate = GateLayer::new(Optional::new(Ferry::default()));
    let by_layer = ServiceBuilder::new()
        .layer(gate.clone())
        .layer(RequireScopeLayer::signed_in())
        .service(echo());
    let handler = route(|who: Identity| async move { who.subject().to_owned() });
    let by_extractor = gate.layer(Router::new().route("/", handler));
    let by_layer = send(by_layer, get("/", &[("x-ferry", "stale")])).await;
    let by_extractor = send(by_extractor, get("/", &[("x-ferry", "stale")])).await;
    for (name, answer) in [("layer", by_layer), ("extractor", by_extractor)] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (302, Some("/quay")),
            "{name}"
        );
        assert_eq!(reason(&answer).kind(), RefusalKind::Missing, "{name}");
        // The gate has admitted the request, with the headers that clear its cookies.
        assert_eq!(answer.all("set-cookie").len(), 3, "{name}");
    }
}

#[tokio::test]
async fn a_refusal_knows_whether_methods_are_several() {
    type Boxed = Box<dyn Authenticator>;
    type Build = fn(Boxed) -> Boxed;
    fn any(methods: Vec<Boxed>) -> Boxed {
        Box::new(AnyOf::new(methods).unwrap())
    }
    let word = || -> Boxed { Box::new(Word::default()) };
    let nobody = || -> Boxed { Box::new(None::<Word>) };
    let rows: [(&str, Build, bool); 5] = [
        ("alone", |ferry| ferry, false),
        ("optional", |ferry| Box::new(Optional::new(ferry)), false),
        (
            "beside a public path",
            |ferry| Box::new(PublicPaths::new(["/health"], ferry).unwrap()),
            false,
        ),
        ("some", |ferry| Box::new(Some(ferry)), false),
        ("the only one of any", |ferry| any(vec![ferry]), false),
    ];
    for (name, build, expected) in rows {
        let ferry = Ferry::default();
        told(name, &ferry, build(Box::new(ferry.clone())), expected).await;
    }
    let ferry = Ferry::default();
    let boxed = || -> Boxed { Box::new(ferry.clone()) };
    for (name, gate, expected) in [
        ("beside nobody", any(vec![boxed(), nobody()]), false),
        ("beside another", any(vec![boxed(), word()]), true),
        ("after another", any(vec![word(), boxed()]), true),
        ("of two in one", any(vec![any(vec![boxed(), word()])]), true),
        ("alone within", any(vec![any(vec![boxed()]), word()]), true),
        (
            "optional beside another",
            any(vec![Box::new(Optional::new(boxed())), word()]),
            true,
        ),
    ] {
        told(name, &ferry, gate, expected).await;
    }
}

/// Sends a request to the gate, and to a gate with a `RequireScopeLayer` inside.
async fn told(name: &str, ferry: &Ferry, gate: Box<dyn Authenticator>, expected: bool) {
    let gate = GateLayer::new(Arc::new(gate));
    let stack = ServiceBuilder::new()
        .layer(gate)
        .layer(RequireScopeLayer::signed_in())
        .service(echo());
    ferry.is_of_several.store(!expected, Ordering::Relaxed);
    let answer = send(stack, get("/", &[])).await;
    assert_eq!(answer.status, 302, "{name}");
    let is_of_several = ferry.is_of_several.load(Ordering::Relaxed);
    assert_eq!(is_of_several, expected, "{name}");
}
