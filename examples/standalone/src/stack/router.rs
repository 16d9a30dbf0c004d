use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::util::{BoxCloneSyncService, Oneshot};
use tower::{Service, ServiceExt, service_fn};

use crate::endpoint::{Body, Endpoint, status_text};
use crate::host;
use crate::mount_path::MountPath;

/// Routes a canonical path to its endpoint: an exact path first, then the longest mount. A request whose
/// host cannot be told is refused with 400.
///
/// Some stores treat the key `a//b` as `a/b`. So a path is not found if it would be another mount's
/// without its empty segments: the gate of that mount may be the only one before the object.
pub(super) struct Router<B> {
    routes: Arc<Routes<B>>,
}

struct Routes<B> {
    exact: Vec<(String, Endpoint<B>)>,
    /// The longest first, so that the first match wins.
    mounts: Vec<(MountPath, Endpoint<B>)>,
    nothing: Endpoint<B>,
    no_host: Endpoint<B>,
}

impl<B: Send + 'static> Router<B> {
    pub(super) fn new(
        exact: Vec<(String, Endpoint<B>)>,
        mut mounts: Vec<(MountPath, Endpoint<B>)>,
    ) -> Self {
        mounts.sort_by_key(|(mount, _)| std::cmp::Reverse(mount.len()));
        let nothing = service_fn(async |request: Request<B>| {
            Ok(status_text(request.method(), StatusCode::NOT_FOUND))
        });
        let no_host = service_fn(async |request: Request<B>| {
            let mut answer = status_text(request.method(), StatusCode::BAD_REQUEST);
            if let Err(error) = host::judge(&request) {
                answer.extensions_mut().insert(error);
            }
            Ok(answer)
        });
        Self {
            routes: Arc::new(Routes {
                exact,
                mounts,
                nothing: BoxCloneSyncService::new(nothing),
                no_host: BoxCloneSyncService::new(no_host),
            }),
        }
    }

    fn endpoint(&self, path: &str) -> &Endpoint<B> {
        let Routes {
            exact,
            mounts,
            nothing,
            no_host: _,
        } = &*self.routes;
        if let Some((_, endpoint)) = exact.iter().find(|(exact, _)| exact == path) {
            return endpoint;
        }
        let mount_of = |path: &str| mounts.iter().find(|(it, _)| it.strip(path).is_some());
        match (mount_of(path), mount_of(&without_empty_segments(path))) {
            (Some((mount, endpoint)), Some((same, _))) if mount == same => endpoint,
            _ => nothing,
        }
    }
}

impl<B: Send + 'static> Service<Request<B>> for Router<B> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Oneshot<Endpoint<B>, Request<B>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The request decides which endpoint must be ready. `Oneshot` waits for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let endpoint = match host::judge(&request) {
            Ok(()) => self.endpoint(request.uri().path()),
            Err(_) => &self.routes.no_host,
        };
        endpoint.clone().oneshot(request)
    }
}

fn without_empty_segments(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut last = None;
    let is_kept = |byte: &char| last.replace(*byte) != Some('/') || *byte != '/';
    Cow::Owned(path.chars().filter(is_kept).collect())
}

impl<B> Clone for Router<B> {
    fn clone(&self) -> Self {
        Self {
            routes: Arc::clone(&self.routes),
        }
    }
}
