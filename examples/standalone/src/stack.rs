use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::index_rewrite::IndexRewrite;
use portcullis::s3::{BucketClient, S3Error};
use portcullis::{CanonicalPathLayer, ConfigError, IndexRewriteLayer, S3Proxy};
use tower::util::{MapRequest, MapRequestLayer};
use tower::{Layer, Service, ServiceBuilder};

use crate::access_log::{AccessLogLayer, Log, report_identity};

/// What stands behind the gate.
pub(crate) type Guarded = MapRequest<IndexRewrite<S3Proxy>, PassOn>;
type PassOn = fn(Request<Incoming>) -> Request<Incoming>;

/// The gate of this program.
pub(crate) fn gate(users: FixedUsers) -> Result<BasicAuthLayer, ConfigError> {
    BasicAuthLayer::new("portcullis", users)
}

/// The whole gateway. `gate` is [`tower::layer::util::Identity`] where there is none.
pub(crate) fn stack<G, B>(
    gate: G,
    bucket: BucketClient,
    log: Log,
) -> impl Service<
    Request<Incoming>,
    Response = Response<impl Body<Data = Bytes, Error = S3Error> + Send + 'static>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ 'static
where
    G: Layer<Guarded>,
    G::Service: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data = Bytes, Error = S3Error> + Send + 'static,
{
    let report_identity: PassOn = report_identity;
    ServiceBuilder::new()
        .layer(AccessLogLayer::new(log))
        .layer(CanonicalPathLayer::new())
        .layer(gate)
        .layer(MapRequestLayer::new(report_identity))
        .layer(IndexRewriteLayer::new().with_folder_object())
        .service(S3Proxy::new(bucket))
}
