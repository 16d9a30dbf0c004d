use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::refusal::Refusal;

type StyleFn = dyn Fn(&Parts, &Refusal, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// The closure of [`GateLayer::with_refusal_response`](super::GateLayer::with_refusal_response).
#[derive(Clone)]
pub(super) struct RefusalStyle(Arc<StyleFn>);

impl RefusalStyle {
    pub(super) fn new<F>(style: F) -> Self
    where
        F: Fn(&Parts, &Refusal, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        Self(Arc::new(style))
    }

    pub(super) fn apply(
        &self,
        head: &Parts,
        refusal: &Refusal,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        (self.0)(head, refusal, response)
    }
}

impl fmt::Debug for RefusalStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<fn>")
    }
}
