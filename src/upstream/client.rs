use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::builderstates::WantsProtocols1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error, ResponseFuture as ClientFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::body::RequestBody;
use crate::error::ConfigError;

/// Longest wait for a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// S3 closes an idle connection after about 20 seconds; one that is kept longer fails when used.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// By default hyper's read buffer grows with the speed of the connection, to 400 KiB and more.
const READ_BUFFER: usize = 64 * 1024;

/// The default client: HTTP/1.1 over TLS by rustls, or in the clear for an `http` endpoint.
///
/// It keeps connections for reuse, trusts the certificate authorities of the machine, and looks up
/// names again for new connections. A clone costs a counter and shares the connections. It has to
/// be used within a tokio runtime.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, RequestBody>,
}

impl HttpClient {
    /// A client for `https` and `http`, which trusts the certificate authorities of the machine.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the machine has none.
    pub fn new() -> Result<Self, ConfigError> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .map_err(|error| ConfigError::new("certificate authorities", error.to_string()))?;
        Ok(Self::over(tls.https_or_http()))
    }

    /// A client for `http` alone: it trusts nobody, so that a request for `https` fails.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the TLS library refuses its own defaults.
    pub fn without_tls() -> Result<Self, ConfigError> {
        let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| ConfigError::new("TLS", error.to_string()))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        Ok(Self::over(
            HttpsConnectorBuilder::new()
                .with_tls_config(tls)
                .https_or_http(),
        ))
    }

    fn over(tls: HttpsConnectorBuilder<WantsProtocols1>) -> Self {
        let mut tcp = HttpConnector::new();
        // The TLS connector around it takes `https` targets apart itself.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .http1_read_buf_exact_size(READ_BUFFER)
            .build(tls.enable_http1().wrap_connector(tcp));
        Self { client }
    }
}

impl Service<Request<RequestBody>> for HttpClient {
    type Response = Response<Incoming>;
    type Error = Error;
    type Future = HttpResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> HttpResponseFuture {
        HttpResponseFuture {
            response: self.client.request(request),
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// The response future of [`HttpClient`].
#[derive(Debug)]
pub struct HttpResponseFuture {
    response: ClientFuture,
}

impl Future for HttpResponseFuture {
    type Output = Result<Response<Incoming>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.response).poll(cx)
    }
}
