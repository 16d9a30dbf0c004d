use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::error::{JwksError, JwksErrorKind};
use crate::error::ConfigError;
use crate::jwt::json;
use crate::upstream::{Cleartext, DocumentUrl, FetchClient, FetchErrorKind, document};

/// Where the keys of one issuer are.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    KeySet(DocumentUrl),
    /// Where the metadata of this issuer says, which is at one of these, in this order.
    Metadata {
        issuer: String,
        at: Box<[DocumentUrl; 2]>,
    },
}

impl Origin {
    pub(super) fn key_set(url: &str, cleartext: Cleartext) -> Result<Self, ConfigError> {
        let url = DocumentUrl::parse(url, cleartext);
        url.map(Self::KeySet)
            .map_err(|problem| ConfigError::new("key set URL", problem))
    }

    pub(super) fn discover(issuer: &str, cleartext: Cleartext) -> Result<Self, ConfigError> {
        let wrong = |problem: &str| ConfigError::new("issuer", problem);
        let url = DocumentUrl::parse(issuer, cleartext).map_err(wrong)?;
        // OIDC Discovery 1.0 section 2 and RFC 8414 section 2.
        if url.has_query() {
            return Err(wrong("it has a query"));
        }
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let at = [
            // OIDC Discovery 1.0 section 4.1 appends.
            format!("{path}/.well-known/openid-configuration"),
            // RFC 8414 section 3.1 inserts.
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        let [openid, oauth] = at.map(|path| url.with_path(&path).map_err(wrong));
        Ok(Self::Metadata {
            issuer: issuer.to_owned(),
            at: Box::new([openid?, oauth?]),
        })
    }

    /// Fetches the document that holds the keys.
    pub(super) async fn fetch(
        &self,
        client: &dyn FetchClient,
    ) -> Result<Response<Bytes>, JwksError> {
        let found;
        let url = match self {
            Self::KeySet(url) => url,
            Self::Metadata { issuer, at } => {
                found = key_set_url(client, issuer, at).await?;
                &found
            }
        };
        let keys = document(client, url).await;
        keys.map_err(|error| fetch("the key set could not be fetched").with_source(error))
    }
}

/// Asks the metadata where the keys are. The second address counts where a client error (404, and with
/// some servers 400, 401 or 403) tells that there is nothing at the first.
async fn key_set_url(
    client: &dyn FetchClient,
    issuer: &str,
    [first, second]: &[DocumentUrl; 2],
) -> Result<DocumentUrl, JwksError> {
    let (at, found) = match document(client, first).await {
        Err(error) if is_client_error(error.kind()) => (second, document(client, second).await),
        found => (first, found),
    };
    let found = found
        .map_err(|error| fetch("the issuer's metadata could not be fetched").with_source(error))?;
    let metadata = json::object(found.body()).unwrap_or_default();
    let member = |name| metadata.get(name).and_then(Value::as_str);
    let (Some(named), Some(keys)) = (member("issuer"), member("jwks_uri")) else {
        return Err(unusable("the issuer's metadata is malformed"));
    };
    // OIDC Discovery 1.0 section 4.3 and RFC 8414 section 3.3: equal, byte for byte.
    if named != issuer {
        return Err(unusable("the metadata is another issuer's"));
    }
    at.named(keys)
        .map_err(|_| unusable("the metadata has a URL of keys that must not be fetched from"))
}

fn is_client_error(kind: FetchErrorKind) -> bool {
    matches!(kind, FetchErrorKind::Status(status) if status.is_client_error())
}

fn fetch(problem: &'static str) -> JwksError {
    JwksError::new(JwksErrorKind::Fetch, problem)
}

fn unusable(problem: &'static str) -> JwksError {
    JwksError::new(JwksErrorKind::Metadata, problem)
}
