use bytes::Bytes;
use http::{Response, Uri};

use super::error::JwksError;
use super::metadata::MetadataOrigin;
use crate::error::ConfigError;
use crate::upstream::{Cleartext, DocumentUrl, FetchClient, document};

/// Where the keys of one issuer are.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    KeySet(DocumentUrl),
    /// Where its metadata says.
    Metadata(MetadataOrigin),
}

impl Origin {
    pub(super) fn key_set(url: &str, cleartext: Cleartext) -> Result<Self, ConfigError> {
        let url = DocumentUrl::parse(url, cleartext);
        url.map(Self::KeySet)
            .map_err(|problem| ConfigError::new("key set URL", problem))
    }

    pub(super) fn discover(issuer: &str, cleartext: Cleartext) -> Result<Self, ConfigError> {
        MetadataOrigin::new(issuer, cleartext).map(Self::Metadata)
    }

    /// The URL that is asked first.
    pub(super) fn uri(&self) -> &Uri {
        let url = match self {
            Self::KeySet(url) => url,
            Self::Metadata(origin) => origin.first(),
        };
        url.uri()
    }

    /// The host that is asked first.
    pub(super) fn host(&self) -> &str {
        self.uri().host().unwrap_or_default()
    }

    /// Fetches the document that holds the keys.
    pub(super) async fn fetch(
        &self,
        client: &dyn FetchClient,
    ) -> Result<Response<Bytes>, JwksError> {
        let found;
        let url = match self {
            Self::KeySet(url) => url,
            Self::Metadata(origin) => {
                found = origin.fetch(client).await?.key_set_url()?;
                &found
            }
        };
        let keys = document(client, url).await;
        keys.map_err(|error| JwksError::of_fetch(error, "the key set could not be fetched"))
    }
}
