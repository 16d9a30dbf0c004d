//! Sign-in as a method of a gate: beside other methods, with scopes and extractors, and as a tower
//! service.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use http::{Request, Response};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::extract::Claims;
use portcullis::gate::{
    AnyOf, GateLayer, Identity, Optional, PublicPaths, RefusalKind, RequireScopeLayer, ScopePolicy,
};
use portcullis::token::{TokenTable, Tokens};
use portcullis::{SsoLayer, TokenAuthLayer};
use serde::Deserialize;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use super::{Fixture, NAVIGATION, ask, files, reason};
use crate::contract::spends_readiness_once;
use crate::support::{basic, get, send};

const TOKEN: &str = "pcl-0000000000000000000000000000003IZszq";

fn token_auth() -> TokenAuthLayer {
    let digest = "8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61";
    let file = format!(
        r#"{{"tokens":[{{"id":"ci","sha256":"{digest}","created":"2001-09-09T01:46:40Z"}}]}}"#
    );
    let tokens = Tokens::new(TokenTable::parse(file.as_bytes()).unwrap());
    TokenAuthLayer::new("files", tokens).unwrap()
}

fn basic_auth() -> BasicAuthLayer {
    BasicAuthLayer::new("files", FixedUsers::new([("bob", "s3cret")]).unwrap()).unwrap()
}

/// The cookie of a person who has signed in.
async fn signed_in(fixture: &Fixture, layer: &SsoLayer) -> String {
    let mut browser = fixture.browser(layer.clone());
    assert_eq!(browser.open("/").await.status(), 200);
    browser.cookie_header()
}

#[tokio::test]
async fn each_method_finds_its_own_credential() {
    let fixture = Fixture::new();
    for layer in [fixture.layer(), fixture.stored_layer()] {
        let session = signed_in(&fixture, &layer).await;
        let stale = "__Host-portcullis=stale".to_owned();
        let (password, wrong) = (basic("bob", "s3cret"), basic("bob", "guess"));
        let token = format!("Bearer {TOKEN}");
        let methods = AnyOf::new((layer, token_auth(), basic_auth())).unwrap();
        for (name, cookie, authorization, status, who) in [
            ("a session", Some(&session), None, 200, "u-1"),
            ("a password", None, Some(&password), 200, "bob"),
            ("a token", None, Some(&token), 200, "ci"),
            (
                "a session first",
                Some(&session),
                Some(&password),
                200,
                "u-1",
            ),
            (
                "a session beside a guess",
                Some(&session),
                Some(&wrong),
                200,
                "u-1",
            ),
            (
                "a password beside a session that is over",
                Some(&stale),
                Some(&password),
                200,
                "bob",
            ),
            (
                "a guess beside a session that is over",
                Some(&stale),
                Some(&wrong),
                401,
                "",
            ),
            ("a session that is over", Some(&stale), None, 401, ""),
        ] {
            let mut headers = Vec::new();
            headers.extend(cookie.map(|value| ("cookie", value.as_str())));
            headers.extend(authorization.map(|value| ("authorization", value.as_str())));
            let answer = ask(&methods, get("/x", &headers)).await;
            assert_eq!(answer.status.as_u16(), status, "{name}");
            if status == 200 {
                assert_eq!(answer.body, format!("{who} /x"), "{name}");
            } else {
                // curl and pip get the challenges of the other methods.
                let challenges = answer.all("www-authenticate");
                assert_eq!(challenges.len(), 2, "{name}: {challenges:?}");
                assert!(
                    !challenges.iter().any(|line| line.starts_with("Cookie")),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_credential_does_not_end_a_callback() {
    let fixture = Fixture::new();
    let methods = AnyOf::new((basic_auth(), fixture.layer())).unwrap();
    let mut browser = fixture.browser(methods.clone());
    let url = browser.open_up_to_the_callback("/x").await;
    let wrong = basic("bob", "guess");
    let cookies = browser.cookie_header();
    let headers = [("authorization", &*wrong), ("cookie", &*cookies)];
    let target = url.strip_prefix(super::ORIGIN).unwrap();
    let answer = ask(&methods, get(target, &headers)).await;
    assert_eq!(answer.status, 302);
    assert_eq!(ask(&methods, get("/x", &headers)).await.status, 401);
}

#[tokio::test]
async fn every_answer_clears_an_ended_session() {
    let fixture = Fixture::new();
    let anybody = ask(&Optional::new(fixture.layer()), get("/x", &NAVIGATION)).await;
    assert_eq!(anybody.header("cache-control"), None);
    let mut dead = NAVIGATION.to_vec();
    dead.push(("cookie", "__Host-portcullis=stale; x=1"));
    let clear = "__Host-portcullis=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";
    for layer in [fixture.layer(), fixture.stored_layer()] {
        // On a redirect, beside the cookie of the pending sign-in.
        let answer = ask(&layer, get("/x", &dead)).await;
        assert_eq!(answer.status, 302);
        let lines = answer.all("set-cookie");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].starts_with("__Host-portcullis-login="),
            "{lines:?}"
        );
        assert_eq!(lines[1], clear);
        // On a 401, and on an answer that needs no sign-in.
        let answer = ask(&layer, get("/x", &dead[4..])).await;
        assert_eq!(answer.status.as_u16(), 302, "it is alone");
        let script = [("sec-fetch-mode", "cors"), dead[4]];
        let answer = ask(&layer, get("/x", &script)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.all("set-cookie")),
            (401, vec![clear])
        );
        let answer = ask(&Optional::new(layer), get("/x", &dead)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.all("set-cookie")),
            (200, vec![clear])
        );
        assert_eq!(answer.body, "nobody /x x=1");
        // A shared cache would sign others out with it, so a public answer has no such line.
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    }
}

#[tokio::test]
async fn only_own_cookies_are_removed() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let session = signed_in(&fixture, &layer).await;
    let pending = "__Host-portcullis-login=x";
    for (name, cookies, left) in [
        ("ours alone", format!("{session}; {pending}"), ""),
        (
            "between others",
            format!("a=1; {session}; b=2"),
            " a=1; b=2",
        ),
        (
            "one of a longer name",
            format!("{session}; __Host-portcullisx=1"),
            " __Host-portcullisx=1",
        ),
        (
            "without its prefix",
            format!("{session}; portcullis=1"),
            " portcullis=1",
        ),
    ] {
        let answer = ask(&layer, get("/x", &[("cookie", &cookies)])).await;
        assert_eq!(answer.body, format!("u-1 /x{left}"), "{name}");
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-cache"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_cross_site_request_cannot_use_a_session() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let session = signed_in(&fixture, &layer).await;
    for (name, site, status) in [
        ("the same origin", "same-origin", 200),
        ("another origin", "same-site", 403),
        ("another site", "cross-site", 403),
    ] {
        let request = Request::post("/x").header("cookie", &session);
        let request = request.header("sec-fetch-site", site).body(Body::empty());
        let answer = ask(&layer, request.unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
    }
}

#[tokio::test]
async fn a_cookie_needs_the_origin_of_the_site() {
    let fixture = Fixture::new();
    let fixed = fixture.layer();
    let session = signed_in(&fixture, &fixed).await;
    let upload = |host: &str, origin: &str| {
        let request = Request::put("/x").header("cookie", &session);
        let request = request.header("host", host).header("origin", origin);
        request.body(Body::empty()).unwrap()
    };
    for (name, origin, status) in [
        ("the site", "https://files.example.com", 200),
        ("without TLS", "http://files.example.com", 403),
        ("another port", "https://files.example.com:8443", 403),
        (
            "a port that browsers leave out",
            "https://files.example.com:443",
            403,
        ),
        ("a trailing dot", "https://files.example.com.", 403),
        ("another host", "https://example.com", 403),
        ("none that is told", "null", 403),
    ] {
        let answer = ask(&fixed, upload("files.example.com", origin)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        if status == 403 {
            let why = "a cookie does not authorise a cross-site request";
            assert_eq!(reason(&answer).1, why, "{name}");
        }
        // A read needs none.
        let read = get("/x", &[("cookie", &session), ("origin", origin)]);
        assert_eq!(ask(&fixed, read).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_public_path_starts_no_sign_in() {
    let fixture = Fixture::new();
    let public = PublicPaths::new(["/health"], fixture.layer()).unwrap();
    let answer = ask(&public, get("/health", &NAVIGATION)).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, "nobody /health")
    );
    assert_eq!(ask(&public, get("/other", &NAVIGATION)).await.status, 302);
    let callback = ask(&public, get("/oauth2/callback", &NAVIGATION)).await;
    assert_eq!(callback.status, 400, "its routes are its own");
}

#[tokio::test]
async fn scopes_of_a_session_are_checked_inside() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let session = signed_in(&fixture, &layer).await;
    for (scope, status) in [
        ("email", 200),
        ("openid", 200),
        ("admin", 403),
        ("mail", 403),
    ] {
        let policy = ScopePolicy::all_of([scope]).unwrap();
        let stack = ServiceBuilder::new()
            .layer(layer.clone())
            .layer(RequireScopeLayer::new(policy))
            .service(service_fn(files));
        let mut headers = NAVIGATION.to_vec();
        headers.push(("cookie", &session));
        let answer = send(stack, get("/x", &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{scope}");
        assert!(
            answer.header("location").is_none(),
            "it would go round in circles"
        );
        if status == 403 {
            assert_eq!(reason(&answer).0, RefusalKind::InsufficientScope);
        }
    }
}

#[tokio::test]
async fn handlers_get_the_person_and_claims() {
    #[derive(Deserialize)]
    struct Person {
        email: String,
        groups: Vec<String>,
    }
    let whoami = |who: Identity, Claims(person): Claims<Person>| async move {
        format!(
            "{} {} {} {:?}",
            who.method(),
            who.subject(),
            person.email,
            person.groups
        )
    };
    let maybe = |who: Option<Identity>, person: Option<Claims<Person>>| async move {
        format!("{} {}", who.is_some(), person.is_some())
    };
    let misfit = |Claims(_): Claims<Vec<u8>>| async { "it fits" };
    let router = Router::new()
        .route("/", route(whoami))
        .route("/maybe", route(maybe))
        .route("/misfit", route(misfit));
    let fixture = Fixture::new();
    let methods = AnyOf::new((fixture.layer(), basic_auth())).unwrap();
    let session = signed_in(&fixture, &fixture.layer()).await;
    let service = GateLayer::new(Optional::new(methods)).layer(router);
    let send = |target, credential| {
        let mut headers = NAVIGATION.to_vec();
        headers.extend(credential);
        send(service.clone(), get(target, &headers))
    };
    let cookie = Some(("cookie", &*session));
    let password = basic("bob", "s3cret");
    let password = Some(("authorization", &*password));
    let answer = send("/", cookie).await;
    assert_eq!(
        answer.body,
        r#"sso u-1 ana@example.com ["staff", "builders"]"#
    );
    assert_eq!(send("/misfit", cookie).await.status, 403);
    assert_eq!(send("/maybe", cookie).await.body, "true true");
    assert_eq!(send("/maybe", password).await.body, "true false");
    let answer = send("/", password).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        reason(&answer).1,
        "the client signed in by a method without claims"
    );
    // A handler can send a browser to sign in, as the layer does.
    let answer = send("/", None).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.all("set-cookie").len(), 1);
    assert_eq!(send("/maybe", None).await.body, "false false");
}

#[tokio::test]
async fn the_ready_service_is_called() {
    let fixture = Fixture::new();
    for layer in [fixture.layer(), fixture.stored_layer()] {
        let session = signed_in(&fixture, &layer).await;
        spends_readiness_once(layer, get("/x", &[("cookie", &session)])).await;
    }
}

#[tokio::test]
async fn an_abandoned_sign_in_leaves_nothing_usable() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    fixture.provider.hold(true);
    let gate = layer.layer(service_fn(files));
    {
        let mut waiting = tokio_test::task::spawn(gate.clone().oneshot(get("/x", &NAVIGATION)));
        assert!(waiting.poll().is_pending());
    }
    assert!(fixture.store.asked().is_empty());
    fixture.provider.hold(false);
    // An abandoned sign-in cannot be completed by another browser.
    fixture.clock.advance(Duration::from_mins(1));
    assert_eq!(send(gate, get("/x", &NAVIGATION)).await.status, 302);
}

#[tokio::test]
async fn service_and_bodies_need_not_be_send() {
    #[derive(Clone)]
    struct Local(Rc<Cell<usize>>);
    impl Service<Request<Rc<str>>> for Local {
        type Response = Response<Rc<str>>;
        type Error = Rc<str>;
        type Future = std::future::Ready<Result<Self::Response, Rc<str>>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Rc<str>>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Rc<str>>) -> Self::Future {
            self.0.set(self.0.get() + 1);
            std::future::ready(Ok(Response::new(request.into_body())))
        }
    }
    let fixture = Fixture::new();
    let calls = Rc::new(Cell::new(0));
    let layer = fixture.stored_layer();
    let session = signed_in(&fixture, &layer).await;
    let gate = layer.layer(Local(Rc::clone(&calls)));
    for (path, cookie, status) in [
        ("/x", &*session, 200),
        ("/x", "a=1", 302),
        ("/oauth2/callback", &*session, 400),
    ] {
        let request = Request::get(path).header("cookie", cookie);
        let request = request.header("accept", "text/html").body(Rc::from("body"));
        let answer = gate.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}, {cookie}");
    }
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn layer_service_and_futures_are_send() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    fn future<T: Send>(_: &T) {}
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    shared(&layer);
    let mut gate = layer.layer(service_fn(files));
    shared(&gate);
    let answer = gate.call(get("/oauth2/callback", &[]));
    future(&answer);
    assert_eq!(answer.await.unwrap().status(), 400);
}
