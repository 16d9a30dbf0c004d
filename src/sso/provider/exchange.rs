use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderValue, Request, Response};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::error::{ProviderError, ProviderErrorKind};
use super::settings::Provider;
use crate::jwt::json_object;
use crate::upstream::{DocumentUrl, FetchError, is_plain};

/// The longest answer that is read, in bytes. One with the claims of many groups has some tens of KiB.
const MAX_BYTES: usize = 256 * 1024;

impl Provider {
    /// Sends one request that contains a secret or a token. Redirects are not followed.
    pub(super) async fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ProviderError> {
        let fetched = self.settings.client.fetch(request, MAX_BYTES);
        let fetched = timeout(self.settings.timeout, fetched).await;
        let unreachable = |problem| ProviderError::new(ProviderErrorKind::Unreachable, problem);
        let fetched = fetched.map_err(|_| unreachable("the provider did not answer in time"))?;
        let failed = |error: FetchError| {
            unreachable("the provider sent no complete answer").with_source(error)
        };
        let answer = fetched.map_err(failed)?;
        if answer.body().len() > MAX_BYTES {
            return Err(failed(FetchError::too_large()));
        }
        Ok(answer)
    }
}

/// A GET request for JSON.
pub(super) fn json_request(url: &DocumentUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.uri().clone();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(ACCEPT, json);
    // What is compressed is refused, and some servers compress unless they are asked not to.
    let plain = HeaderValue::from_static("identity");
    request.headers_mut().insert(ACCEPT_ENCODING, plain);
    // GitHub refuses requests without it.
    let agent = HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(USER_AGENT, agent);
    request
}

/// The value of `Authorization`.
pub(super) fn credentials(scheme: &str, text: &str) -> Result<HeaderValue, ProviderError> {
    let credentials = HeaderValue::try_from(format!("{scheme} {text}"));
    let mut credentials = credentials.map_err(|_| {
        let problem = "a credential has a character that a header cannot have";
        ProviderError::new(ProviderErrorKind::Malformed, problem)
    })?;
    credentials.set_sensitive(true);
    Ok(credentials)
}

/// The JSON object in an answer.
pub(super) fn object(answer: &Response<Bytes>) -> Result<Map<String, Value>, ProviderError> {
    let object = is_plain(answer.headers()).then(|| json_object(answer.body()));
    object.flatten().ok_or_else(|| {
        let problem = "the provider's answer is not a strict JSON object";
        ProviderError::new(ProviderErrorKind::Malformed, problem).with_status(answer.status())
    })
}
