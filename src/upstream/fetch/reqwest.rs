use std::fmt;

use ::reqwest::redirect::Policy;
use ::reqwest::{Certificate, Client, ClientBuilder, Error};
use bytes::Bytes;
use http::{Request, Response};

use super::client::{FetchClient, FetchFuture};
use super::error::FetchError;
use crate::error::ConfigError;

/// The default [`FetchClient`]: reqwest over rustls, HTTP/1.1, without a proxy.
///
/// It trusts the certificate authorities of the machine, or on Linux those in `SSL_CERT_FILE` and
/// `SSL_CERT_DIR`; nothing else of the environment has an effect. No connection is kept. A clone costs a
/// counter. It must be used within a tokio runtime.
#[derive(Clone)]
pub struct ReqwestClient {
    client: Client,
}

impl ReqwestClient {
    /// A client that trusts the certificate authorities of the machine.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if they cannot be read.
    pub fn new() -> Result<Self, ConfigError> {
        Self::build(Client::builder())
    }

    /// A client that also trusts these certificate authorities, one or more in PEM, such as that of a
    /// company.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is none, or if one cannot be read.
    pub fn with_certificate_authorities(pem: &[u8]) -> Result<Self, ConfigError> {
        let authorities =
            Certificate::from_pem_bundle(pem).map_err(|_| authorities("is not PEM"))?;
        if authorities.is_empty() {
            return Err(self::authorities("the PEM has no certificate"));
        }
        Self::build(Client::builder().tls_certs_merge(authorities))
    }

    fn build(builder: ClientBuilder) -> Result<Self, ConfigError> {
        let client = builder
            // Whatever features another crate asks reqwest for.
            .tls_backend_rustls()
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            // The next fetch is minutes away, and the process may be frozen until then: the other side would
            // have closed a kept connection, and the fetch over it would fail.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| authorities(error.to_string()))?;
        Ok(Self { client })
    }
}

fn authorities(problem: impl Into<String>) -> ConfigError {
    ConfigError::new("certificate authorities", problem)
}

/// One exchange. Errors leave out the URL, whose query may be a secret.
async fn exchange(
    client: &Client,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Bytes>, FetchError> {
    let unreachable = |error: Error| FetchError::unreachable(error.without_url());
    let request = request.try_into().map_err(unreachable)?;
    let mut answer = client.execute(request).await.map_err(unreachable)?;
    let max = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    if answer.content_length().is_some_and(|length| length > max) {
        return Err(FetchError::too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if chunk.len() > max_bytes - body.len() {
            return Err(FetchError::too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

impl FetchClient for ReqwestClient {
    fn fetch(&self, request: Request<Bytes>, max_bytes: usize) -> FetchFuture<'_> {
        FetchFuture::new(exchange(&self.client, request, max_bytes))
    }
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestClient").finish_non_exhaustive()
    }
}
