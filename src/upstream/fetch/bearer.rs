use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Uri};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::client::{FetchClient, FetchFuture};
use super::error::FetchError;
use crate::https_url::is_loopback;
use crate::secret::Secret;

/// A bearer token for the documents of one server.
#[derive(Clone)]
pub(crate) enum BearerToken {
    Fixed(Secret),
    /// In a file, which is read for each request: Kubernetes replaces it every hour.
    File(PathBuf),
}

impl BearerToken {
    /// The header, with a token as RFC 6750 section 2.1 spells it.
    async fn header(&self) -> io::Result<HeaderValue> {
        let token = match self {
            Self::Fixed(secret) => Zeroizing::new(secret.expose().to_owned()),
            Self::File(path) => {
                let path = path.clone();
                let read = spawn_blocking(|| std::fs::read_to_string(path)).await;
                Zeroizing::new(read.map_err(io::Error::other)??)
            }
        };
        let header = Zeroizing::new(format!("Bearer {}", token.trim_ascii()));
        let mut header = HeaderValue::try_from(&**header)
            .map_err(|_| io::Error::other("a bearer token must be one line of ASCII"))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(secret) => secret.fmt(f),
            Self::File(path) => path.fmt(f),
        }
    }
}

/// A client that sends a bearer token to the server of one URL, and to no other: a redirect or a URL in the
/// metadata may lead elsewhere.
#[derive(Debug)]
pub(crate) struct BearerClient {
    pub(crate) client: Arc<dyn FetchClient>,
    pub(crate) token: BearerToken,
    pub(crate) server: Uri,
}

impl BearerClient {
    fn is_for(&self, uri: &Uri) -> bool {
        // Both are spelt as the crate `url` does it, without the usual port.
        let is_same =
            uri.scheme() == self.server.scheme() && uri.authority() == self.server.authority();
        let is_private = uri.scheme_str() == Some("https") || uri.host().is_some_and(is_loopback);
        is_same && is_private
    }
}

impl FetchClient for BearerClient {
    fn fetch(&self, mut request: Request<Bytes>, max_bytes: usize) -> FetchFuture<'_> {
        FetchFuture::new(async move {
            if self.is_for(request.uri()) {
                let header = self.token.header().await.map_err(FetchError::no_token)?;
                request.headers_mut().insert(AUTHORIZATION, header);
            }
            self.client.fetch(request, max_bytes).await
        })
    }
}
