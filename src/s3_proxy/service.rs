use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::future::ResponseFuture;
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::response::{ResponseBody, answer_to};
use crate::s3::{
    BucketClient, ContentTypes, HtmlPolicy, ObjectBody, ObjectOptions, ObjectPlan, header_names,
};
use crate::upstream::{BoxError, HttpClient, QueryParameters, RequestBody};

/// Answers with the objects of a bucket.
///
/// See the [module docs](crate::s3_proxy) for what is answered how.
#[derive(Clone)]
#[must_use]
pub struct S3Proxy<C = HttpClient> {
    bucket: BucketClient<C>,
    options: Arc<ObjectOptions>,
}

impl<C> S3Proxy<C> {
    /// Serves what `bucket` reads.
    pub fn new(bucket: BucketClient<C>) -> Self {
        Self {
            bucket,
            options: Arc::default(),
        }
    }

    /// Replaces stored content types by the suffixes of keys.
    pub fn with_content_types(mut self, content_types: ContentTypes) -> Self {
        self.options_mut().content_types = content_types;
        self
    }

    /// What a browser may do with a page in the bucket; [`HtmlPolicy::AsStored`] by default.
    pub fn with_html_policy(mut self, policy: HtmlPolicy) -> Self {
        self.options_mut().html = policy;
        self
    }

    /// Passes on more headers of S3 than those that describe the object, such as `x-amz-version-id` or
    /// `x-amz-meta-owner`. Names are matched whole; a second call replaces them.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if a name is not a header name, or is a header of the connection.
    pub fn with_response_headers<I>(mut self, names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.options_mut().more_headers = header_names(names)?;
        Ok(self)
    }

    /// Sends parameters of the query to S3: `versionId`, and `response-…`, which replaces a header of the
    /// answer. A second call replaces the names.
    ///
    /// With `response-content-type`, the author of a link chooses how browsers treat an object: see
    /// [`S3Proxy::with_html_policy`].
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for any other name, since it could select something else than the
    /// object.
    pub fn with_query_parameters<I>(mut self, names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.options_mut().query = QueryParameters::allow(names)?;
        Ok(self)
    }

    /// Sends the object at `path`, below the prefix, in place of every missing object; the status stays
    /// 404. The path is percent-encoded as in a URL, in any spelling.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the path does not name an object: see [`crate::path`].
    pub fn with_not_found_document(mut self, path: &str) -> Result<Self, ConfigError> {
        let key =
            ObjectKey::from_any_spelling(path, self.bucket.bucket().prefix()).map_err(|error| {
                ConfigError::new("not found document", format!("{path:?}: {error}"))
            })?;
        self.options_mut().not_found = Some(key);
        Ok(self)
    }

    fn options_mut(&mut self) -> &mut ObjectOptions {
        Arc::make_mut(&mut self.options)
    }
}

impl<C, B, ReqBody> Service<Request<ReqBody>> for S3Proxy<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<ObjectBody<B>>>;
    type Error = Infallible;
    type Future = ResponseFuture<ObjectBody<B>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Each request waits for a client of its own to be ready, within its future.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, _) = request.into_parts();
        let prefix = self.bucket.bucket().prefix();
        match ObjectPlan::of(&head, prefix, &self.options.query) {
            Err(reason) => {
                let answer = answer_to(&head.method, reason.answer());
                ResponseFuture::ready(Ok(answer.map(ResponseBody::short)))
            }
            Ok(plan) => {
                let (bucket, options) = (self.bucket.clone(), Arc::clone(&self.options));
                ResponseFuture::new(async move { Ok(plan.respond(&bucket, &options).await) })
            }
        }
    }
}

impl<C> fmt::Debug for S3Proxy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Proxy")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}
