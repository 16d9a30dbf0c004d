use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use tower_service::Service;

use super::body::RequestBody;
use super::error::HttpError;
use super::exchange::{Exchange, HttpBody, HttpResponseFuture};
use crate::error::ConfigError;

/// Longest wait for a TCP connection to any address of a name, by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// S3 closes an idle connection after about 20 seconds; one that is kept longer fails when used.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// By default, hyper's read buffer grows with the speed of the connection, to 400 KiB and more. A
/// stream that is read slowly holds about three buffers.
const READ_BUFFER: usize = 64 * 1024;
/// The read buffer of further exchanges while [`LARGE_BUFFERS`] run. Many streams together must not hold
/// more than some tens of MiB, while large buffers save a third of the work of a few.
const SMALL_READ_BUFFER: usize = 16 * 1024;
const LARGE_BUFFERS: usize = 64;
/// The most headers of an answer. S3 allows 2 KB of metadata, each with a header of its own ("Working with
/// object metadata" in the Amazon S3 user guide).
const MAX_HEADERS: usize = 512;

/// In the extensions of a request: it needs a new connection, since kept ones may have lost the other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewConnection;

/// The default client: HTTP/1.1 over TLS by rustls, or in the clear for an `http` endpoint.
///
/// It keeps connections for reuse, and resolves names again for new connections. The first 64
/// concurrent exchanges read with buffers of 64 KiB, further ones with 16 KiB. Cloning is cheap, and
/// clones share the connections. It must be used within a tokio runtime.
#[derive(Clone)]
pub struct HttpClient {
    tls: Arc<ClientConfig>,
    /// Each has its own connections, with buffers of its own size.
    large: Pooled<GaiResolver>,
    small: Pooled<GaiResolver>,
    /// Keeps no connection.
    unkept: Pooled<GaiResolver>,
    running: Arc<AtomicUsize>,
}

type Pooled<R> = Client<HttpsConnector<HttpConnector<R>>, RequestBody>;

impl HttpClient {
    /// A client for `https` and `http` that trusts the certificate authorities of the machine, or on Linux
    /// those in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the machine has none.
    pub fn new() -> Result<Self, ConfigError> {
        let tls = tls()?
            .with_native_roots()
            .map_err(|error| ConfigError::new("certificate authorities", error.to_string()))?;
        Ok(Self::over(tls.with_no_client_auth()))
    }

    /// A client for `https` and `http` that trusts these certificate authorities, one or more in PEM, instead
    /// of those of the machine.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no certificate in the PEM, or one that cannot be parsed.
    pub fn with_certificate_authorities(pem: &[u8]) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError::new("certificate authorities", problem);
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(wrong("the PEM has no certificate".to_owned()));
        }
        let tls = tls()?.with_root_certificates(roots);
        Ok(Self::over(tls.with_no_client_auth()))
    }

    /// A client for `http` only. It trusts no certificate authority, so a request for `https` fails.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the TLS library refuses its own defaults.
    pub fn without_tls() -> Result<Self, ConfigError> {
        let tls = tls()?.with_root_certificates(RootCertStore::empty());
        Ok(Self::over(tls.with_no_client_auth()))
    }

    /// Sets the longest wait for a TCP connection; 5 seconds by default. The addresses of a name are tried
    /// one after the other, each for an equal part of it.
    ///
    /// The new client does not share the connections of the old one.
    #[must_use]
    pub fn with_connect_timeout(self, timeout: Duration) -> Self {
        Self::build(self.tls, timeout)
    }

    fn over(tls: ClientConfig) -> Self {
        Self::build(Arc::new(tls), CONNECT_TIMEOUT)
    }

    fn build(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        let client = |buffer, kept| pooled(GaiResolver::new(), &tls, connect_timeout, buffer, kept);
        Self {
            large: client(READ_BUFFER, usize::MAX),
            small: client(SMALL_READ_BUFFER, usize::MAX),
            unkept: client(SMALL_READ_BUFFER, 0),
            running: Arc::default(),
            tls,
        }
    }
}

fn tls() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ConfigError> {
    ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new("TLS", error.to_string()))
}

/// A client that asks `resolver` for the address of each new connection, and keeps at most `kept` idle ones.
fn pooled<R>(
    resolver: R,
    tls: &ClientConfig,
    connect_timeout: Duration,
    read_buffer: usize,
    kept: usize,
) -> Pooled<R>
where
    HttpsConnector<HttpConnector<R>>: Connect + Clone,
{
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    // The TLS connector around it handles `https` targets.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    let tls = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1();
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .pool_max_idle_per_host(kept)
        .http1_read_buf_exact_size(read_buffer)
        .http1_max_headers(MAX_HEADERS)
        .build(tls.wrap_connector(tcp))
}

impl Service<Request<RequestBody>> for HttpClient {
    type Response = Response<HttpBody>;
    type Error = HttpError;
    type Future = HttpResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), HttpError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> HttpResponseFuture {
        let (exchange, before) = Exchange::begin(&self.running);
        let client = if request.extensions().get::<NewConnection>().is_some() {
            &self.unkept
        } else if before < LARGE_BUFFERS {
            &self.large
        } else {
            &self.small
        };
        HttpResponseFuture::new(client.request(request), exchange)
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::iter;
    use std::net::SocketAddr;
    use std::sync::atomic::Ordering;

    use http_body_util::BodyExt;
    use hyper_util::client::legacy::connect::dns::Name;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tower::{ServiceExt, service_fn};

    use super::*;

    /// Answers one request on each connection.
    async fn serve(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_name_is_resolved_for_each_new_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener));
        let looked_up = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&looked_up);
        let resolver = service_fn(move |name: Name| {
            assert_eq!(name.as_str(), "s3.example");
            count.fetch_add(1, Ordering::Relaxed);
            async move { Ok::<_, Infallible>(iter::once(SocketAddr::new(address.ip(), 0))) }
        });
        let config = tls()
            .unwrap()
            .with_root_certificates(RootCertStore::empty());
        let client = pooled(
            resolver,
            &config.with_no_client_auth(),
            CONNECT_TIMEOUT,
            READ_BUFFER,
            usize::MAX,
        );
        for lookups in 1..=3 {
            let mut request = Request::new(RequestBody::empty());
            let uri = format!("http://s3.example:{}/", address.port());
            *request.uri_mut() = uri.parse().unwrap();
            let response = client.clone().oneshot(request).await.unwrap();
            response.into_body().collect().await.unwrap();
            assert_eq!(looked_up.load(Ordering::Relaxed), lookups);
        }
        server.abort();
    }
}
