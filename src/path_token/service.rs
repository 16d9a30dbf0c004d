use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::REFERER;
use http::{HeaderMap, Request, Response, Uri};
use tower_service::Service;

use super::future::ResponseFuture;
use super::mounts::{Found, Mounts};
use super::redacted::Redacted;
use crate::gate::{Refusal, TokenFromPath};
use crate::path::replace_path;
use crate::response::{self, ResponseBody, short_text};
use crate::secret::Secret;

/// Removes the token from the path and keeps it as a [`TokenFromPath`].
///
/// See the [module docs](crate::path_token) for the tokens that it removes and those that it refuses.
#[derive(Clone, Debug)]
#[must_use]
pub struct PathToken<S> {
    inner: S,
    mounts: Arc<Mounts>,
}

impl<S> PathToken<S> {
    /// Wraps `inner`, and removes tokens at the root only.
    pub fn new(inner: S) -> Self {
        Self::with_mounts(inner, Arc::default())
    }

    pub(super) fn with_mounts(inner: S, mounts: Arc<Mounts>) -> Self {
        Self { inner, mounts }
    }

    inner_service_accessors!();
}

/// The token of a request and the target without it, or why the request is refused. `None` without a
/// token.
fn take<B>(
    mounts: &Mounts,
    request: &Request<B>,
) -> Result<Option<(TokenFromPath, Uri)>, &'static str> {
    let uri = request.uri();
    let (token, path) = match mounts.find(uri.path()) {
        Found::Nothing => return Ok(None),
        Found::Malformed(detail) => return Err(detail),
        Found::Token { token, path } => (token, path),
    };
    // From another layer of this kind, further out.
    if request.extensions().get::<TokenFromPath>().is_some() {
        return Err("two tokens in the path");
    }
    // It cannot be too long, since it gets shorter.
    let uri = replace_path(uri, &path).map_err(|_| "the path is too long")?;
    Ok(Some((TokenFromPath::new(Secret::new(token)), uri)))
}

/// Removes a `Referer` that has a token or is not ASCII.
fn strip_referer(headers: &mut HeaderMap) {
    let is_clean = headers.get_all(REFERER).iter().all(|referer| {
        let referer = referer.to_str();
        referer.is_ok_and(|referer| !Redacted::new(referer).is_redacted())
    });
    if !is_clean {
        headers.remove(REFERER);
    }
}

fn refuse(detail: &'static str) -> Response<Bytes> {
    let refusal = Refusal::malformed(detail);
    let mut response = short_text(refusal.status(), "");
    let reason = refusal.reason().clone();
    response.extensions_mut().insert(reason);
    response
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PathToken<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let had_token = match take(&self.mounts, &request) {
            Ok(None) => false,
            Ok(Some((token, uri))) => {
                *request.uri_mut() = uri;
                request.extensions_mut().insert(token);
                true
            }
            Err(detail) => {
                let answer = response::ResponseFuture::answer(request.method(), refuse(detail));
                return ResponseFuture::new(answer, true);
            }
        };
        strip_referer(request.headers_mut());
        let future = response::ResponseFuture::inner(self.inner.call(request));
        ResponseFuture::new(future, had_token)
    }
}
