//! What every part answers to HEAD: the status, the headers and the length of GET, and no body.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{Decision, Refusal, Verdict, token_verifier_fn};
use portcullis::health::Health;
use portcullis::{
    CanonicalPathLayer, IndexRewriteLayer, PathTokenLayer, RequestLimitLayer, ResourceMetadata,
    StripPrefixLayer, TokenAuthLayer,
};
use tower::{Layer, Service};

use crate::support::{echo, get, send};

async fn has_no_body<S, B>(name: &str, service: S, target: &str, status: u16)
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let ask = |method: Method| {
        let mut request = get(target, &[("authorization", "Bearer slow")]);
        *request.method_mut() = method;
        send(service.clone(), request)
    };
    let got = ask(Method::GET).await;
    let said = ask(Method::HEAD).await;
    let statuses = [got.status.as_u16(), said.status.as_u16()];
    assert_eq!(statuses, [status; 2], "{name}");
    assert!(!got.body.is_empty() && said.body.is_empty(), "{name}");
    let length = got.body.len().to_string();
    assert_eq!(said.header("content-length"), Some(&*length), "{name}");
}

#[tokio::test]
async fn no_answer_to_head_has_a_body() {
    let canonical = CanonicalPathLayer::new().layer(echo());
    has_no_body("an unsafe path", canonical, "/%2e%2e/x", 400).await;
    let strip = StripPrefixLayer::new("/a").unwrap().layer(echo());
    has_no_body("outside of a mount", strip, "/b", 404).await;
    let tokens = PathTokenLayer::new().layer(echo());
    has_no_body("a malformed token", tokens, "/t/a~/x", 400).await;
    let index = IndexRewriteLayer::new().with_slash_redirect().layer(echo());
    has_no_body("a redirect", index, "/simple/pkg", 301).await;
    let limit = RequestLimitLayer::new(0).layer(echo());
    has_no_body("a limit", limit, "/x", 503).await;
    let users = BasicAuthLayer::new("r", FixedUsers::new([("x", "y")]).unwrap()).unwrap();
    has_no_body("a gate at once", users.layer(echo()), "/x", 401).await;
    let later = token_verifier_fn(|_| {
        Decision::later(async { Verdict::Refuse(Refusal::invalid("unknown token")) })
    });
    let later = TokenAuthLayer::new("r", later).unwrap().layer(echo());
    has_no_body("a gate later", later, "/x", 401).await;
    has_no_body("health", Health::live(), "/x", 200).await;
    let metadata = ResourceMetadata::new("https://packages.example").unwrap();
    let path = metadata.path().to_owned();
    has_no_body("a document", metadata.clone(), &path, 200).await;
    has_no_body("no document", metadata, "/x", 404).await;
}
