use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use http::header::{CONTENT_LENGTH, RANGE};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::canonical_path::CanonicalPath;
use portcullis::s3::{BucketClient, ContentTypes};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, S3Proxy};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::support::server::Server;

/// Has what a URL must escape, and the colon that ends a user name.
pub(super) const PASSWORD: &str = "p@ss:wo/rd%";
const PASSWORD_IN_URL: &str = "p%40ss%3Awo%2Frd%25";

/// What serves a bucket of packages, below `mount`: a path, or nothing.
pub(super) fn stack(bucket: BucketClient, mount: &str) -> CanonicalPath<Router> {
    let users = FixedUsers::new([("ci", PASSWORD)]).unwrap();
    let packages = ServiceBuilder::new()
        .layer(BasicAuthLayer::new("packages", users).unwrap())
        .layer(IndexRewriteLayer::new().with_folder_object())
        .service(S3Proxy::new(bucket).with_content_types(ContentTypes::packages()));
    let router = match mount {
        "" => Router::new().fallback_service(packages),
        mount => Router::new().nest_service(mount, packages),
    };
    CanonicalPathLayer::new().layer(router)
}

/// A request that came over the wire, and what was answered.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) is_ranged: bool,
    pub(super) status: StatusCode,
    /// The `Content-Length` of the answer.
    pub(super) length: Option<usize>,
}

/// The stack on a port, which remembers what passes.
#[derive(Debug)]
pub(super) struct Gateway {
    server: Server,
    mount: String,
    wire: Arc<Mutex<Vec<Exchange>>>,
}

impl Gateway {
    pub(super) async fn start(bucket: BucketClient, mount: &str) -> Self {
        let stack = stack(bucket, mount);
        let wire = Arc::<Mutex<Vec<Exchange>>>::default();
        let log = Arc::clone(&wire);
        let server = Server::start(service_fn(move |request: Request<Incoming>| {
            let (stack, log) = (stack.clone(), Arc::clone(&log));
            async move {
                let (method, path) = (request.method().clone(), request.uri().path().to_owned());
                let is_ranged = request.headers().contains_key(RANGE);
                let response = stack.oneshot(request).await?;
                let length = response.headers().get(CONTENT_LENGTH);
                let length = length.map(|length| length.to_str().unwrap().parse().unwrap());
                let status = response.status();
                log.lock().unwrap().push(Exchange {
                    method,
                    path,
                    is_ranged,
                    status,
                    length,
                });
                Ok::<_, Infallible>(response)
            }
        }));
        Self {
            server: server.await,
            mount: mount.to_owned(),
            wire,
        }
    }

    /// The URL of the index, with the credentials.
    pub(super) fn url(&self) -> String {
        self.url_with(PASSWORD_IN_URL)
    }

    pub(super) fn url_with(&self, password: &str) -> String {
        let (address, mount) = (self.server.address, &self.mount);
        format!("http://ci:{password}@{address}{mount}/")
    }

    /// What came since this was asked last.
    pub(super) fn take_wire(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.wire.lock().unwrap())
    }
}
