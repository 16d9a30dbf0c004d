use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use portcullis::aws::Credentials;
use portcullis::s3::Bucket;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use super::folder::Folder;
use super::{index, random, wheel};
use crate::error_chain::BoxError;
use crate::listen::Listener;
use crate::server::{Limits, Proxies, Server};

/// The bucket's name, and its folder within the data folder.
pub(super) const NAME: &str = "packages";
/// The project in it.
pub(super) const PROJECT: &str = "portcullis-demo";

const REGION: &str = "us-east-1";
const ACCESS_KEY_ID: &str = "demo";

/// The built-in S3 server.
pub(super) struct EmbeddedBucket {
    pub(super) bucket: Bucket,
    pub(super) credentials: Credentials,
    pub(super) address: SocketAddr,
}

impl EmbeddedBucket {
    /// Serves the bucket in `folder` on a free port of the loopback address until the runtime ends.
    /// Only this program knows the secret key.
    pub(super) async fn start(folder: Folder) -> Result<Self, BoxError> {
        let secret = random::password()?;
        let mut server = S3ServiceBuilder::new(folder);
        server.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, secret.as_str()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let listener = Listener::Tcp(listener);
        let server = server.build();
        tokio::spawn(async {
            let connections = Server::new(&Limits::default(), Proxies::default(), None);
            connections.serve_until(pending(), listener, server).await;
        });

        let bucket = Bucket::new(NAME, REGION)?.with_endpoint(&format!("http://{address}"))?;
        let credentials = Credentials::new(ACCESS_KEY_ID, secret)?;
        Ok(Self {
            bucket,
            credentials,
            address,
        })
    }
}

/// Creates the bucket below `data`, or overwrites its objects.
pub(super) async fn fill(data: &Path) -> io::Result<Folder> {
    let folder = Folder::open(data)?;
    let wheel = wheel::build().map_err(io::Error::other)?;
    let page = index::project_page(wheel::FILE_NAME, &wheel);
    let root_page = index::root_page(PROJECT);
    let in_project = |name: &str| format!("{PROJECT}/{name}");
    for (key, content_type, content) in [
        (
            String::from("index.html"),
            "text/html",
            root_page.into_bytes(),
        ),
        (in_project("index.html"), "text/html", page.into_bytes()),
        (in_project(wheel::FILE_NAME), "application/zip", wheel),
    ] {
        folder.put(NAME, &key, content_type, content).await?;
    }
    Ok(folder)
}
