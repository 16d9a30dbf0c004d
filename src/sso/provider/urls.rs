use crate::upstream::DocumentUrl;

/// A URL of an OpenID Connect provider that can be configured instead of discovered.
///
/// See [`Provider::with_url`](super::Provider::with_url).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderUrl {
    /// The URL of the metadata, instead of two below the issuer.
    Metadata,
    /// The `authorization_endpoint`, which browsers open.
    Authorization,
    /// The `token_endpoint`.
    Token,
    /// The `userinfo_endpoint`.
    User,
    /// The `jwks_uri`.
    Keys,
}

/// The configured URLs, which replace those of the metadata.
#[derive(Clone, Debug, Default)]
pub(super) struct Urls {
    pub(super) authorization: Option<DocumentUrl>,
    pub(super) token: Option<DocumentUrl>,
    pub(super) user: Option<DocumentUrl>,
    pub(super) has_keys: bool,
}

impl ProviderUrl {
    pub(super) fn setting(self) -> &'static str {
        match self {
            Self::Metadata => "metadata URL",
            Self::Authorization => "authorize URL",
            Self::Token => "token URL",
            Self::User => "user URL",
            Self::Keys => "key set URL",
        }
    }
}
