use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use portcullis::s3::{BucketClient, ContentTypes, S3Error};
use portcullis::{CanonicalPathLayer, ConfigError, IndexRewriteLayer, S3Proxy};
use tower::{Service, ServiceBuilder};

use crate::settings::Settings;

/// The whole gateway.
///
/// # Errors
///
/// Returns [`ConfigError`] if there are no certificate authorities to trust S3 by.
pub(crate) fn stack(
    settings: Settings,
) -> Result<
    impl Service<
        Request<()>,
        Response = Response<impl Body<Data = Bytes, Error = S3Error> + Unpin + Send + 'static>,
        Error = Infallible,
    > + Clone,
    ConfigError,
> {
    let client = BucketClient::new(settings.bucket, settings.credentials)?;
    Ok(ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(settings.gate)
        .layer(IndexRewriteLayer::new().with_folder_object())
        .service(S3Proxy::new(client).with_content_types(ContentTypes::packages())))
}
