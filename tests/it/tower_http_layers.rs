//! tower-http's layers compile outside and inside of a stack with a gate.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, SERVER};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, PathTokenLayer, S3Proxy};
use tower::{Layer, Service, ServiceBuilder, service_fn};
use tower_http::add_extension::AddExtensionLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::map_request_body::MapRequestBodyLayer;
use tower_http::map_response_body::MapResponseBodyLayer;
use tower_http::metrics::InFlightRequestsLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::on_early_drop::{EarlyDropsAsFailures, OnEarlyDropLayer};
use tower_http::propagate_header::PropagateHeaderLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::set_status::SetStatusLayer;
use tower_http::timeout::{
    RequestBodyDeadlineLayer, RequestBodyTimeoutLayer, ResponseBodyDeadlineLayer,
    ResponseBodyTimeoutLayer, TimeoutLayer,
};
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::support::fake_s3::FakeS3;
use crate::support::{basic, echo, get, send};

fn gate() -> BasicAuthLayer {
    BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")]).unwrap()).unwrap()
}

async fn admits_and_refuses<S, B>(name: &str, service: S)
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = bytes::Bytes>,
    B::Error: std::fmt::Debug,
{
    for (password, passes) in [("s3cret", true), ("guess", false)] {
        let request = get("/", &[("authorization", &basic("ci", password))]);
        let answer = send(service.clone(), request).await;
        assert_eq!(answer.passed(), passes, "{name}, {password}");
    }
}

macro_rules! fit_outside_and_inside {
    ($($name:literal: $layer:expr,)+) => {$(
        let stack = ServiceBuilder::new()
            .layer(CanonicalPathLayer::new())
            .layer(PathTokenLayer::new())
            .layer(gate())
            .layer(IndexRewriteLayer::new());
        let outside = $layer.layer(stack.clone().service(echo()));
        admits_and_refuses(concat!($name, " outside"), outside).await;
        let inside = stack.service($layer.layer(echo()));
        admits_and_refuses(concat!($name, " inside"), inside).await;
    )+};
}

#[tokio::test]
async fn layers_fit_outside_and_inside_of_a_gate() {
    let id = HeaderName::from_static("x-request-id");
    let minute = Duration::from_mins(1);
    fit_outside_and_inside! {
        "add-extension": AddExtensionLayer::new(1_u8),
        "catch-panic": CatchPanicLayer::new(),
        "cors": CorsLayer::permissive(),
        "csrf": CsrfLayer::new(),
        "in-flight requests": InFlightRequestsLayer::pair().0,
        "map-response-body": MapResponseBodyLayer::new(Body::new),
        "normalize-path": NormalizePathLayer::trim_trailing_slash(),
        "on-early-drop": OnEarlyDropLayer::new(EarlyDropsAsFailures::new(DefaultOnFailure::new())),
        "propagate-header": PropagateHeaderLayer::new(id.clone()),
        "propagate-request-id": PropagateRequestIdLayer::x_request_id(),
        "request-id": SetRequestIdLayer::x_request_id(MakeRequestUuid),
        "response body deadline": ResponseBodyDeadlineLayer::new(minute),
        "response body timeout": ResponseBodyTimeoutLayer::new(minute),
        "sensitive-headers": SetSensitiveHeadersLayer::new([AUTHORIZATION]),
        "set-request-header": SetRequestHeaderLayer::overriding(id.clone(), HeaderValue::from_static("1")),
        "set-response-header":
            SetResponseHeaderLayer::if_not_present(SERVER, HeaderValue::from_static("gateway")),
        "set-status": SetStatusLayer::new(StatusCode::IM_A_TEAPOT),
        "timeout": TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, minute),
        "trace": TraceLayer::new_for_http(),
        "validate-request": ValidateRequestHeaderLayer::accept("text/plain"),
    }
}

/// Their `Request<Limited<Body>>` and the like become a `Request<Body>` again before the gate or the leaf.
#[tokio::test]
async fn layers_of_request_bodies_fit_outside_and_inside() {
    let minute = Duration::from_mins(1);
    fit_outside_and_inside! {
        "map-request-body": MapRequestBodyLayer::new(|body: Body| body),
        "limit": (RequestBodyLimitLayer::new(9), MapRequestBodyLayer::new(Body::new)),
        "request body deadline":
            (RequestBodyDeadlineLayer::new(minute), MapRequestBodyLayer::new(Body::new)),
        "request body timeout":
            (RequestBodyTimeoutLayer::new(minute), MapRequestBodyLayer::new(Body::new)),
    }
}

#[tokio::test]
async fn a_preflight_is_answered_outside_of_the_gate() {
    let origin = HeaderValue::from_static("https://docs.example");
    let cors = CorsLayer::new().allow_origin([origin]);
    let stack = cors.layer(gate().layer(echo()));
    let preflight = [
        ("origin", "https://docs.example"),
        ("access-control-request-method", "GET"),
    ];
    let mut request = get("/", &preflight);
    *request.method_mut() = http::Method::OPTIONS;
    let answer = send(stack.clone(), request).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, ""));
    assert!(!answer.passed());
    let login = basic("ci", "s3cret");
    for (name, origin, login, status, allowed) in [
        (
            "a refusal",
            "https://docs.example",
            "",
            401,
            Some("https://docs.example"),
        ),
        (
            "an answer",
            "https://docs.example",
            &*login,
            200,
            Some("https://docs.example"),
        ),
        ("another origin", "https://evil.example", &*login, 200, None),
    ] {
        let request = get("/", &[("origin", origin), ("authorization", login)]);
        let answer = send(stack.clone(), request).await;
        assert_eq!(answer.status, status, "{name}");
        let found = answer.header("access-control-allow-origin");
        assert_eq!(found, allowed, "{name}");
        assert!(answer.header("vary").unwrap().contains("origin"), "{name}");
    }
}

#[tokio::test]
async fn layers_fit_around_the_proxy_without_a_gate() {
    let s3 = FakeS3::start().await;
    s3.put("wheel", "bytes");
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_mins(1));
    let stack = (CorsLayer::permissive(), timeout).layer(S3Proxy::new(s3.client()));
    let answer = send(stack, get("/wheel", &[])).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "bytes"));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_the_gate_answers_in_time() {
    let never = service_fn(|_: Request<Body>| pending::<Result<Response<Full<_>>, Infallible>>());
    let status = StatusCode::GATEWAY_TIMEOUT;
    let stack = TimeoutLayer::with_status_code(status, Duration::from_secs(9));
    let stack = stack.layer(gate().layer(never));
    for (password, expected) in [("s3cret", 504), ("guess", 401)] {
        let request = get("/", &[("authorization", &basic("ci", password))]);
        let answer = send(stack.clone(), request).await;
        assert_eq!(answer.status, expected, "{password}");
    }
}
