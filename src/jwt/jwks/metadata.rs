use serde_json::{Map, Value};

use super::error::{JwksError, JwksErrorKind, is_gone};
use crate::error::ConfigError;
use crate::gate::Mismatch;
use crate::jwt::json;
use crate::upstream::{Cleartext, DocumentUrl, FetchClient, FetchErrorKind, document};

/// Where the metadata of one issuer is: at its own URL, or at one of two, in this order.
#[derive(Clone, Debug)]
pub(crate) struct MetadataOrigin {
    issuer: String,
    at: Box<(DocumentUrl, Option<DocumentUrl>)>,
}

/// The metadata of an issuer.
#[derive(Debug)]
pub(crate) struct Metadata {
    members: Map<String, Value>,
    at: DocumentUrl,
}

impl MetadataOrigin {
    pub(crate) fn new(issuer: &str, cleartext: Cleartext) -> Result<Self, ConfigError> {
        let wrong = |problem: &str| ConfigError::new("issuer", problem);
        let url = DocumentUrl::parse(issuer, cleartext).map_err(wrong)?;
        // OIDC Discovery 1.0 section 2 and RFC 8414 section 2.
        if url.has_query() {
            return Err(wrong("must not have a query"));
        }
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let at = [
            // OIDC Discovery 1.0 section 4.1 appends.
            format!("{path}/.well-known/openid-configuration"),
            // RFC 8414 section 3.1 inserts.
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        let [openid, oauth] = at.map(|path| url.with_path(&path).map_err(wrong));
        Ok(Self {
            issuer: issuer.to_owned(),
            at: Box::new((openid?, Some(oauth?))),
        })
    }

    /// The same issuer, whose metadata is at another URL.
    #[cfg(feature = "sso")]
    pub(crate) fn with_url(self, url: DocumentUrl) -> Self {
        Self {
            at: Box::new((url, None)),
            ..self
        }
    }

    /// The URL that is asked first.
    pub(super) fn first(&self) -> &DocumentUrl {
        &self.at.0
    }

    #[cfg(feature = "sso")]
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Fetches the metadata. The second URL, if there is one, counts if the first is answered with a client
    /// error (404, and by some servers 400, 401 or 403).
    pub(crate) async fn fetch(&self, client: &dyn FetchClient) -> Result<Metadata, JwksError> {
        let (first, second) = &*self.at;
        let (at, found) = match (document(client, first).await, second) {
            (Err(refused), Some(second)) if is_client_error(refused.kind()) => {
                let found = document(client, second).await;
                // Most servers have nothing at the second URL, so it tells nothing about a 403 at the first.
                let gone = is_gone(refused.kind());
                (
                    second,
                    found.map_err(|error| if gone { error } else { refused }),
                )
            }
            (found, _) => (first, found),
        };
        let found = found.map_err(|error| {
            JwksError::of_fetch(error, "the issuer's metadata could not be fetched")
        })?;
        let members = json::object(found.body()).unwrap_or_default();
        let metadata = Metadata {
            members,
            at: at.clone(),
        };
        let named = metadata.text("issuer");
        let named = named.ok_or_else(|| unusable("the issuer's metadata is malformed"))?;
        // OIDC Discovery 1.0 section 4.3 and RFC 8414 section 3.3: equal, byte for byte.
        if named != self.issuer {
            let problem = if named.contains("{tenantid}") {
                "the metadata is for all tenants: the issuer must have the id of one tenant in its URL"
            } else {
                "the metadata belongs to another issuer"
            };
            let mismatch = Mismatch::new("the issuer in the metadata", Some(named));
            return Err(unusable(problem).with_source(mismatch.with_expected([&*self.issuer])));
        }
        Ok(metadata)
    }
}

impl Metadata {
    #[cfg(feature = "sso")]
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    /// Where the set of keys is.
    pub(super) fn key_set_url(&self) -> Result<DocumentUrl, JwksError> {
        let keys = self.text("jwks_uri");
        let keys = keys.ok_or_else(|| unusable("the issuer's metadata is malformed"))?;
        self.at
            .named(keys)
            .map_err(|_| unusable("the jwks_uri of the metadata must not be fetched"))
    }

    /// A URL in the metadata, if it may be fetched.
    #[cfg(feature = "sso")]
    pub(crate) fn url(&self, name: &str) -> Option<DocumentUrl> {
        self.at.named(self.text(name)?).ok()
    }
}

fn is_client_error(kind: FetchErrorKind) -> bool {
    matches!(kind, FetchErrorKind::Status(status) if status.is_client_error())
}

fn unusable(problem: &'static str) -> JwksError {
    JwksError::new(JwksErrorKind::Metadata, problem)
}
