//! How the gate enforces a verdict.

use axum::body::Body;
use http::{HeaderValue, Method, Request};
use portcullis::gate::{
    Admission, AnyOf, Authenticator, Carrier, Decision, GateLayer, Identity, InsecureNoAuth,
    Optional, PublicPaths, Refusal, RequireScopeLayer, Verdict,
};
use tower::{Layer, ServiceBuilder};

use crate::support::methods::{Portal, Slow, Word};
use crate::support::{Echo, echo, get, send, through};

/// Every method that may change something, and an unknown one.
const UNSAFE_METHODS: [&str; 8] = [
    "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "PROPFIND", "get",
];

fn word() -> GateLayer<Word> {
    GateLayer::new(Word::default())
}

#[tokio::test]
async fn an_admitted_request_has_identity_and_no_credential() {
    let request = get(
        "/a?b=c",
        &[("x-word", "swordfish"), ("authorization", "Basic eDp5")],
    );
    let answer = through(&word(), request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "inner")
    );
    let seen = answer.seen();
    let identity = seen.extensions.get::<Identity>().unwrap();
    assert_eq!((identity.method(), identity.subject()), ("word", "anyone"));
    assert!(!seen.headers.contains_key("x-word"));
    assert_eq!(
        seen.headers["authorization"], "Basic eDp5",
        "another method's credential stays"
    );
    assert_eq!(seen.uri, "/a?b=c");
}

#[tokio::test]
async fn a_late_verdict_is_enforced_as_well() {
    let gate = GateLayer::new(Slow::new(Carrier::bearer()));
    for (token, status) in [
        ("slow-alice", 200),
        ("slow-bad", 401),
        ("slow-gone", 401),
        ("slow-down", 503),
    ] {
        let answer = through(
            &gate,
            get("/", &[("authorization", &format!("Bearer {token}"))]),
        )
        .await;
        assert_eq!(answer.status.as_u16(), status, "{token}");
        assert_eq!(answer.passed(), status == 200, "{token}");
        if status == 200 {
            let seen = answer.seen();
            assert_eq!(
                seen.extensions.get::<Identity>().unwrap().subject(),
                "alice"
            );
            assert!(!seen.headers.contains_key("authorization"));
        }
    }
}

#[tokio::test]
async fn a_method_may_decorate_the_answer() {
    let gate = GateLayer::new(Portal::new());
    let answer = through(&gate, get("/", &[("cookie", "a=1; portal=eve; b=2")])).await;
    assert_eq!(
        answer.all("set-cookie"),
        ["inner=1", "portal=new", "seen=1"]
    );
    assert_eq!(answer.all("x-inner"), ["replaced", "and added"]);
    assert_eq!(answer.seen().headers["cookie"], "a=1; b=2");

    let anonymous = through(&GateLayer::new(Optional::new(Portal::new())), get("/", &[])).await;
    assert_eq!(anonymous.all("set-cookie"), ["inner=1"]);
}

#[tokio::test]
async fn a_method_answers_its_own_routes() {
    let gate = GateLayer::new(Portal::new());
    let callback = through(&gate, get("/portal/callback?code=1", &[])).await;
    assert_eq!(
        (callback.status.as_u16(), callback.header("location")),
        (302, Some("/welcome"))
    );
    assert!(!callback.passed());
    let other = through(&gate, get("/portal/callback/", &[])).await;
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn the_open_method_admits_every_request_anonymously() {
    let open = GateLayer::new(InsecureNoAuth::new());
    for headers in [&[][..], &[("x-word", "swordfish")], &[("x-word", "guess")]] {
        let answer = through(&open, get("/", headers)).await;
        assert_eq!(answer.status, 200, "{headers:?}");
        let seen = answer.seen();
        assert!(seen.extensions.get::<Identity>().is_none(), "{headers:?}");
        assert_eq!(seen.headers.len(), headers.len(), "{headers:?}");
    }
    let signed_in = open.layer(RequireScopeLayer::signed_in().layer(Echo::new(echo())));
    assert_eq!(send(signed_in, get("/", &[])).await.status, 401);
}

#[tokio::test]
async fn the_open_method_leaves_wrong_credentials_refused() {
    let gate = AnyOf::new((Word::default(), InsecureNoAuth::new())).unwrap();
    for (headers, status) in [
        (&[][..], 200),
        (&[("x-word", "swordfish")], 200),
        (&[("x-word", "guess")], 401),
    ] {
        let answer = through(&gate, get("/", headers)).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn optional_still_refuses_wrong_credentials() {
    let gate = GateLayer::new(Optional::new(Word::default()));
    for (headers, status, known) in [
        (&[][..], 200, false),
        (&[("x-word", "swordfish")], 200, true),
        (&[("x-word", "nobody")], 200, false),
        (&[("x-word", "guess")], 401, false),
        (&[("x-word", "with space")], 400, false),
    ] {
        let answer = through(&gate, get("/", headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        if status == 200 {
            let identity = answer.seen().extensions.get::<Identity>();
            assert_eq!(identity.is_some(), known, "{headers:?}");
        }
    }
    let slow = GateLayer::new(Optional::new(Slow::new(Carrier::bearer())));
    for (token, status) in [("slow-gone", 200), ("slow-bad", 401), ("slow-down", 503)] {
        let answer = through(
            &slow,
            get("/", &[("authorization", &format!("Bearer {token}"))]),
        )
        .await;
        assert_eq!(answer.status.as_u16(), status, "{token}");
    }
}

#[tokio::test]
async fn public_paths_are_exact_and_canonical() {
    let gate = PublicPaths::new(["/health", "/a b"], Word::default());
    assert!(gate.is_ok(), "a path may be written without escapes");
    let gate = PublicPaths::new(["/health", "/%61%20b"], Word::default()).unwrap();
    for (target, status) in [
        ("/health", 200),
        ("/health?x=1", 200),
        ("/a%20b", 200),
        ("/health/", 401),
        ("/healthy", 401),
        ("/Health", 401),
        ("//health", 401),
        ("/x/health", 401),
        ("/%68ealth", 401),
        ("/health%3F", 401),
        ("/x/../health", 401),
        ("/", 401),
    ] {
        assert_eq!(
            through(&gate, get(target, &[])).await.status.as_u16(),
            status,
            "{target}"
        );
    }
    let public = through(&gate, get("/health", &[("x-word", "guess")])).await;
    assert_eq!(
        public.status, 200,
        "a credential is ignored on a public path"
    );
    assert!(public.seen().extensions.get::<Identity>().is_none());
    assert!(!public.seen().headers.contains_key("x-word"));
    for method in UNSAFE_METHODS {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder()
            .method(&method)
            .uri("/health")
            .body(Body::empty());
        assert_eq!(
            through(&gate, request.unwrap()).await.status,
            401,
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_public_folder_has_everything_below_it() {
    let gate = PublicPaths::new(["/public/*", "/%61/b/*", "/%2A"], Word::default()).unwrap();
    for (target, status) in [
        ("/public/", 200),
        ("/public/x", 200),
        ("/public/x/y?z", 200),
        ("/a/b/c", 200),
        ("/%2A", 200),
        ("/public", 401),
        ("/publicity", 401),
        ("/Public/x", 401),
        ("/a/b", 401),
        ("/x/public/x", 401),
        ("/public/../x", 401),
        ("/public/%2e%2e/x", 401),
        ("/public/%2E%2E%2Fx", 401),
        ("/public/..%5cx", 401),
        ("/public/%78", 401),
        ("/public/./x", 401),
        ("/%70ublic/x", 401),
        ("/", 401),
    ] {
        let answer = through(&gate, get(target, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
    }
    for path in [
        "/*",
        "*",
        "/public*",
        "/a/*/b",
        "/a/*.html",
        "/a/**",
        "/a/../*",
    ] {
        let refused = PublicPaths::new([path], Word::default());
        assert!(refused.is_err(), "{path} is taken");
    }
}

#[tokio::test]
async fn public_paths_see_the_path_within_their_mount() {
    let gate = PublicPaths::new(["/health"], Word::default()).unwrap();
    let nested = axum::Router::new().nest_service("/api", gate.layer(Echo::new(echo())));
    let send = |target| send(nested.clone(), get(target, &[]));
    assert_eq!(send("/api/health").await.status, 200);
    assert_eq!(send("/api/other").await.status, 401);
}

#[tokio::test]
async fn a_cookie_authorises_changes_from_its_origin_only() {
    let gate = GateLayer::new(Portal::new());
    for (name, method, headers, status) in [
        (
            "safe",
            Method::GET,
            &[("sec-fetch-site", "cross-site")][..],
            200,
        ),
        ("safe", Method::HEAD, &[], 200),
        ("safe", Method::OPTIONS, &[], 200),
        (
            "fetch metadata",
            Method::POST,
            &[("sec-fetch-site", "same-origin")],
            200,
        ),
        ("origin", Method::PUT, &[("origin", "http://h:8080")], 200),
        (
            "origin, any case",
            Method::PUT,
            &[("origin", "http://H:8080")],
            200,
        ),
        ("neither", Method::POST, &[], 403),
        (
            "cross-site",
            Method::POST,
            &[("sec-fetch-site", "cross-site")],
            403,
        ),
        (
            "same site, other origin",
            Method::POST,
            &[("sec-fetch-site", "same-site")],
            403,
        ),
        (
            "typed by the user",
            Method::DELETE,
            &[("sec-fetch-site", "none")],
            403,
        ),
        (
            "fetch metadata wins",
            Method::POST,
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://h:8080"),
            ],
            403,
        ),
        (
            "other origin",
            Method::POST,
            &[("origin", "http://evil:8080")],
            403,
        ),
        ("other port", Method::POST, &[("origin", "http://h")], 403),
        ("opaque origin", Method::POST, &[("origin", "null")], 403),
        ("no scheme", Method::POST, &[("origin", "h:8080")], 403),
        (
            "another scheme",
            Method::POST,
            &[("origin", "ftp://h:8080")],
            403,
        ),
        (
            "two origins",
            Method::POST,
            &[("origin", "http://h:8080"), ("origin", "http://evil")],
            403,
        ),
        (
            "two fetch sites",
            Method::POST,
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            403,
        ),
        ("not safe", Method::TRACE, &[], 403),
    ] {
        let mut request = Request::builder()
            .method(&method)
            .uri("/")
            .header("host", "h:8080");
        request = request.header("cookie", "portal=eve");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = through(&gate, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{name} {method} {headers:?}"
        );
        assert_eq!(answer.passed(), status == 200, "{name}");
    }
}

#[tokio::test]
async fn an_unauthorising_cookie_gives_no_identity() {
    let gate = GateLayer::new(Portal::new()).with_refusal_response(|head, _, response| {
        assert!(head.extensions.get::<Identity>().is_none());
        response
    });
    let request = Request::post("/")
        .header("cookie", "portal=eve")
        .body(Body::empty())
        .unwrap();
    assert_eq!(through(&gate, request).await.status, 403);
}

#[tokio::test]
async fn a_cookie_alone_authorises_only_safe_methods() {
    let gate = GateLayer::new(Portal::new());
    for method in UNSAFE_METHODS {
        let request = Request::builder()
            .method(method)
            .uri("/")
            .header("cookie", "portal=eve");
        let answer = through(&gate, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 403, "{method}");
    }
    // Browsers do not send this credential by themselves, so it needs no proof of the origin.
    let request = Request::post("/")
        .header("x-word", "swordfish")
        .body(Body::empty())
        .unwrap();
    assert_eq!(through(&word(), request).await.status, 200);
    // HTTP/2 has the host in the target, which wins over `Host`.
    let request = Request::post("http://h:8080/").header("cookie", "portal=eve");
    let request = request
        .header("host", "evil")
        .header("origin", "http://evil");
    assert_eq!(
        through(&gate, request.body(Body::empty()).unwrap())
            .await
            .status,
        403
    );
    let request = Request::post("http://h:8080/").header("cookie", "portal=eve");
    let request = request
        .header("origin", "http://h:8080")
        .body(Body::empty())
        .unwrap();
    assert_eq!(through(&gate, request).await.status, 200);
}

#[tokio::test]
async fn an_inner_gate_finds_the_credential_removed() {
    let stack = ServiceBuilder::new()
        .layer(word())
        .layer(word())
        .service(echo());
    let answer = send(stack, get("/", &[("x-word", "swordfish")])).await;
    assert_eq!(answer.status, 401);

    let other = GateLayer::new(Slow::new(Carrier::bearer()));
    let stack = ServiceBuilder::new()
        .layer(word())
        .layer(other)
        .service(echo());
    let request = get(
        "/",
        &[
            ("x-word", "swordfish"),
            ("authorization", "Bearer slow-bob"),
        ],
    );
    let answer = send(stack, request).await;
    assert_eq!(
        answer
            .seen()
            .extensions
            .get::<Identity>()
            .unwrap()
            .subject(),
        "bob"
    );
}

#[tokio::test]
async fn extensions_of_the_request_reach_the_inner_service() {
    #[derive(Clone)]
    struct Outer(u8);
    let mut request = get("/", &[("x-word", "swordfish")]);
    request.extensions_mut().insert(Outer(7));
    let answer = through(&word(), request).await;
    assert_eq!(answer.seen().extensions.get::<Outer>().unwrap().0, 7);
}

#[test]
fn an_identity_keeps_its_facts() {
    #[derive(Debug, PartialEq)]
    struct Groups(Vec<&'static str>);
    let expiry = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(9);
    let identity = Identity::new("sso", "eve")
        .with_scopes(["read", "read:all"])
        .with_expires_at(expiry)
        .with_claims(Groups(vec!["staff"]));
    assert_eq!(identity.scopes().collect::<Vec<_>>(), ["read", "read:all"]);
    assert_eq!(identity.expires_at(), Some(expiry));
    assert_eq!(identity.claims::<Groups>(), Some(&Groups(vec!["staff"])));
    assert_eq!(identity.claims::<String>(), None);
    for (scope, has) in [
        ("read", true),
        ("read:all", true),
        ("rea", false),
        ("read:", false),
        ("READ", false),
        ("", false),
    ] {
        assert_eq!(identity.has_scope(scope), has, "{scope:?}");
    }
    let clone = identity.clone().with_scopes(["other"]);
    assert!(
        identity.has_scope("read") && !clone.has_scope("read"),
        "a clone is its own"
    );
}

#[test]
fn a_decision_says_what_it_was_made_of() {
    assert!(matches!(
        Decision::admit(Identity::new("x", "y")),
        Decision::Now(Verdict::Admit(_))
    ));
    let anonymous = Verdict::Admit(Admission::anonymous());
    assert!(matches!(
        Decision::later(async { anonymous }),
        Decision::Later(_)
    ));
}

#[tokio::test]
async fn an_optional_method_still_clears_its_cookie() {
    #[derive(Clone, Debug)]
    struct Stale;
    impl Authenticator for Stale {
        fn authenticate(&self, _: &http::request::Parts) -> Decision {
            let clear = HeaderValue::from_static("sid=; max-age=0");
            Decision::refuse(Refusal::missing().with_header("set-cookie", clear))
        }
        fn challenge(&self, _: &http::request::Parts, _: &mut Refusal) {}
        fn strip(&self, _: &mut http::request::Parts) {}
    }
    let optional = through(&Optional::new(Stale), get("/", &[])).await;
    assert_eq!(optional.status, 200);
    assert_eq!(optional.all("set-cookie"), ["inner=1", "sid=; max-age=0"]);
    let any = AnyOf::new((Stale, Word::default())).unwrap();
    let refused = through(&any, get("/", &[])).await;
    assert_eq!(
        (refused.status.as_u16(), refused.all("set-cookie")),
        (401, vec!["sid=; max-age=0"])
    );
    assert_eq!(
        through(&any, get("/", &[("x-word", "swordfish")]))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_anonymous_admission_keeps_the_outer_identity() {
    let stack = ServiceBuilder::new()
        .layer(word())
        .layer(Optional::new(Slow::new(Carrier::bearer())))
        .service(echo());
    let answer = send(stack, get("/", &[("x-word", "swordfish")])).await;
    assert_eq!(
        answer
            .seen()
            .extensions
            .get::<Identity>()
            .unwrap()
            .subject(),
        "anyone"
    );
}
