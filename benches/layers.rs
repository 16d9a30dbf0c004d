//! The cost of each layer over a service that does nothing, for an admitted and a refused request.
//!
//! `decide` is the decision alone, on the head of a request; `call` is a whole request through the layer
//! and back. Creating the request and dropping the response are not counted, but dropping the request
//! is: compare with `call_nothing`.
//!
//! ```text
//! cargo bench --bench layers --features full
//! ```

#![allow(clippy::wildcard_imports, reason = "the modules are rows of one table")]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use divan::{AllocProfiler, Bencher, Divan, black_box};
use http::request::{Builder, Parts};
use http::{Request, Response};
use portcullis::basic_auth::FixedUsers;
use portcullis::gate::{
    Authenticator, Decision, Identity, RequireScopeLayer, ScopePolicy, Verdict,
};
use portcullis::{BasicAuthLayer, CanonicalPathLayer, IndexRewriteLayer};
use tower::{Layer, Service};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    // Samples of many calls, because one takes little longer than reading the clock.
    Divan::default()
        .sample_count(500)
        .sample_size(32)
        .config_with_args()
        .main();
}

#[derive(Clone)]
struct Nothing;

impl<B> Service<Request<B>> for Nothing {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

fn call<S: Service<Request<()>>>(
    bencher: Bencher<'_, '_>,
    mut service: S,
    request: impl Fn() -> Request<()>,
) {
    let mut cx = Context::from_waker(Waker::noop());
    bencher.with_inputs(request).bench_local_values(|request| {
        let _ = service.poll_ready(&mut cx);
        match pin!(service.call(request)).poll(&mut cx) {
            Poll::Ready(outcome) => outcome.ok(),
            Poll::Pending => None,
        }
    });
}

fn empty(request: Builder) -> Request<()> {
    request.body(()).expect("a request")
}

fn head(request: Request<()>) -> Parts {
    request.into_parts().0
}

/// uv's request for an index page.
fn page(path: &str) -> Builder {
    Request::get(path)
        .header("host", "packages.example.com")
        .header("user-agent", "uv/0.9.5")
        .header("accept", "application/vnd.pypi.simple.v1+json")
        .header("accept-encoding", "gzip, br")
}

mod bare {
    use super::*;

    #[divan::bench]
    fn call_nothing(bencher: Bencher<'_, '_>) {
        call(bencher, Nothing, || empty(page("/simple/pkg/")));
    }
}

mod basic_auth {
    use super::*;

    const COUNTS: [usize; 2] = [1, 1000];
    const KNOWN: &str = "user-0:correct-horse-battery-staple-0";
    const WRONG: &str = "user-0:correct-horse-battery-staple-1";
    const UNKNOWN: &str = "nobody:correct-horse-battery-staple-0";

    fn layer(users: usize) -> BasicAuthLayer {
        let users = (0..users).map(|i| {
            let password = format!("correct-horse-battery-staple-{i}");
            (format!("user-{i}"), password)
        });
        let users = FixedUsers::new(users).expect("users");
        BasicAuthLayer::new("packages", users).expect("a realm")
    }

    fn request(credentials: &str) -> Request<()> {
        let field = format!("Basic {}", STANDARD.encode(credentials));
        empty(page("/simple/pkg/").header("authorization", field))
    }

    fn decide(bencher: Bencher<'_, '_>, users: usize, credentials: &str, admits: bool) {
        let layer = layer(users);
        let head = head(request(credentials));
        let decision = layer.authenticate(&head);
        assert_eq!(matches!(decision, Decision::Now(Verdict::Admit(_))), admits);
        bencher.bench_local(|| layer.authenticate(black_box(&head)));
    }

    #[divan::bench(args = COUNTS)]
    fn decide_right_password(bencher: Bencher<'_, '_>, users: usize) {
        decide(bencher, users, KNOWN, true);
    }

    #[divan::bench(args = COUNTS)]
    fn decide_wrong_password(bencher: Bencher<'_, '_>, users: usize) {
        decide(bencher, users, WRONG, false);
    }

    #[divan::bench(args = COUNTS)]
    fn decide_unknown_user(bencher: Bencher<'_, '_>, users: usize) {
        decide(bencher, users, UNKNOWN, false);
    }

    #[divan::bench(args = COUNTS)]
    fn call_right_password(bencher: Bencher<'_, '_>, users: usize) {
        call(bencher, layer(users).layer(Nothing), || request(KNOWN));
    }

    #[divan::bench(args = COUNTS)]
    fn call_wrong_password(bencher: Bencher<'_, '_>, users: usize) {
        call(bencher, layer(users).layer(Nothing), || request(WRONG));
    }

    #[divan::bench]
    fn call_no_credentials(bencher: Bencher<'_, '_>) {
        call(bencher, layer(1).layer(Nothing), || {
            empty(page("/simple/pkg/"))
        });
    }
}

mod require_scope {
    use super::*;

    fn layer() -> RequireScopeLayer {
        RequireScopeLayer::new(ScopePolicy::all_of(["wheels:read"]).expect("a scope"))
    }

    fn request(scope: &str) -> Request<()> {
        let identity = Identity::new("token", "ci").with_scopes(["index:read", scope]);
        empty(page("/simple/pkg/").extension(identity))
    }

    #[divan::bench]
    fn decide_scope_granted(bencher: Bencher<'_, '_>) {
        let (layer, head) = (layer(), head(request("wheels:read")));
        bencher.bench_local(|| layer.authenticate(black_box(&head)));
    }

    #[divan::bench]
    fn call_scope_granted(bencher: Bencher<'_, '_>) {
        call(bencher, layer().layer(Nothing), || request("wheels:read"));
    }

    #[divan::bench]
    fn call_scope_lacking(bencher: Bencher<'_, '_>) {
        call(bencher, layer().layer(Nothing), || request("wheels:write"));
    }
}

mod canonical_path {
    use super::*;

    const PATHS: [&str; 3] = [
        "/simple/pkg/pkg-1.0-py3-none-any.whl",
        "/simple/pkg/pkg-1.0+cpu-py3-none-any.whl?q=1",
        "/simple/%2e%2e/private/pkg-1.0.whl",
    ];

    /// A canonical path, one that is rewritten, and one that is refused.
    #[divan::bench(args = PATHS)]
    fn call_path(bencher: Bencher<'_, '_>, path: &str) {
        let service = CanonicalPathLayer::new().layer(Nothing);
        call(bencher, service, || empty(page(path)));
    }
}

mod index_rewrite {
    use super::*;

    const PATHS: [&str; 3] = ["/simple/pkg/", "/simple/pkg/pkg-1.0.whl", "/simple/pkg"];

    #[divan::bench(args = PATHS)]
    fn call_switches_off(bencher: Bencher<'_, '_>, path: &str) {
        let layer = IndexRewriteLayer::new();
        call(bencher, layer.layer(Nothing), || empty(page(path)));
    }

    #[divan::bench(args = PATHS)]
    fn call_switches_on(bencher: Bencher<'_, '_>, path: &str) {
        let layer = IndexRewriteLayer::new()
            .with_folder_object()
            .with_slash_redirect();
        call(bencher, layer.layer(Nothing), || empty(page(path)));
    }
}
