use bytes::Bytes;
use http::{Request, Response};
use portcullis::health::Health;
use portcullis::s3::{Bucket, BucketClient, S3Error};
use portcullis::upstream::HttpClient;
use portcullis::{ConfigError, S3Proxy};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};

use super::document::Document;
use crate::endpoint::{Body, Endpoint, boxed};
use crate::error_chain::{BoxError, chain};
use crate::given::SettingError;
use crate::leaf::context::Keys;
use crate::leaf::failure::LeafFailure;
use crate::leaf::open::{Description, Exposed, OpenLeaf};
use crate::leaf::store::Store;
use crate::trial::Trial;

/// A bucket, or a part of one.
pub(crate) struct S3 {
    pub(crate) bucket: Bucket,
    /// The store that has the bucket, for people.
    pub(crate) store: String,
    pub(crate) credentials: Keys,
    /// The client, if it trusts other certificate authorities than those of the machine.
    pub(crate) client: Option<HttpClient>,
    /// The path below the mount of the object that readiness requests.
    pub(crate) health_path: Option<String>,
    /// The settings, after they were judged.
    pub(crate) document: Document,
}

impl S3 {
    pub(crate) fn open<B: Send + 'static>(self) -> Result<OpenLeaf<B>, ConfigError> {
        let what = self.describe().to_string();
        let client = match self.client {
            Some(client) => BucketClient::with_client(client, self.bucket, self.credentials),
            None => BucketClient::new(self.bucket, self.credentials)?,
        };
        let client = self
            .document
            .limit(client)
            .map_err(|error| judged(&error))?;
        let health = self.health_path.as_deref();
        let readiness = health.map(|path| readiness(client.clone(), path));
        let readiness = readiness.transpose()?;
        let ready = readiness.clone().map(is_ready);
        let readiness_trial = ready.map(|it| Trial::new(format!("{what}: health_key"), it));
        let trial = Trial::new(what, answers(client.clone()));
        let proxy = self
            .document
            .apply(S3Proxy::new(client))
            .map_err(|error| judged(&error))?;
        let index = self.document.index().map_err(|error| judged(&error))?;
        let endpoint = if let Some(index) = index {
            let stack = ServiceBuilder::new().map_response(with_failure);
            BoxCloneSyncService::new(stack.layer(index).service(proxy))
        } else {
            let stack = ServiceBuilder::new().map_response(with_failure);
            BoxCloneSyncService::new(stack.service(proxy))
        };
        Ok(OpenLeaf {
            endpoint,
            readiness,
            trial,
            readiness_trial,
        })
    }

    pub(crate) fn describe(&self) -> Description {
        let (name, prefix) = (self.bucket.name(), self.bucket.prefix().as_str());
        Description {
            what: format!("{name}/{prefix}"),
            store: self.store.clone(),
        }
    }

    /// The objects, in each way in which the store may read their URL.
    pub(crate) fn exposes(&self) -> Vec<Exposed> {
        let endpoint = self.document.endpoint_url.as_ref();
        let endpoint = endpoint.and_then(|given| Store::at(&given.value));
        let store = endpoint.unwrap_or(Store::Aws);
        let (bucket, prefix) = (self.bucket.name(), self.bucket.prefix().as_str());
        let mut exposed = Vec::new();
        // To a store that addresses buckets by host, the first part of the path belongs to the key.
        let url = self.document.endpoint_url.as_ref().map(|it| &*it.value);
        let host = url.and_then(|url| url.split_once("://"));
        if let Some((first, _)) = host.and_then(|(_, host)| host.split_once('.')) {
            exposed.push(Exposed {
                store: store.clone(),
                bucket: first.to_ascii_lowercase(),
                prefix: format!("{bucket}/{prefix}"),
            });
        }
        exposed.push(Exposed {
            store,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        });
        exposed
    }
}

/// The judge applies the same settings before, so that this error does not occur.
fn judged(error: &SettingError) -> ConfigError {
    ConfigError::new("mounts.s3", error.to_string())
}

/// Whether the bucket is there, and the credentials are known.
async fn answers(client: BucketClient) -> Result<(), String> {
    let may_list = client.may_list().await;
    may_list.map(drop).map_err(|error| chain(&error))
}

async fn is_ready(readiness: Endpoint<()>) -> Result<(), String> {
    let answer = readiness.oneshot(Request::new(())).await;
    let answer = answer.unwrap_or_else(|never| match never {});
    match answer.extensions().get::<LeafFailure>() {
        Some(failure) => Err(chain(failure)),
        None => Ok(()),
    }
}

/// Requests the object at `path` from S3.
fn readiness(client: BucketClient, path: &str) -> Result<Endpoint<()>, ConfigError> {
    let ready = ServiceBuilder::new().map_response(with_failure);
    Ok(BoxCloneSyncService::new(
        ready.service(Health::ready(client, path)?),
    ))
}

/// The response with the reason of a failure.
fn with_failure<B>(response: Response<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    LeafFailure::of::<S3Error, _>(boxed(response))
}
