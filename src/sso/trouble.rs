use std::error::Error;
use std::fmt;

use super::provider::ProviderError;
use crate::session::SessionStoreError;

/// Why no session could be created.
#[derive(Debug)]
pub(super) enum BeginError {
    /// It does not fit into the cookies.
    TooLarge,
    Store(SessionStoreError),
}

/// Why a session was not refreshed or rechecked.
#[derive(Clone, Debug)]
pub(super) enum Unkept {
    /// It has ended.
    Over(&'static str),
    /// The provider refuses its tokens. Another gateway may have renewed them, in a cookie that this one
    /// has not seen.
    Outdated(&'static str),
    /// It can be neither renewed nor ended now.
    Trouble(Trouble),
}

/// Why a session cannot be judged now.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    Provider(ProviderError),
    Store(SessionStoreError),
    /// Another gateway is renewing it.
    Busy,
    /// The call took too long or was lost.
    Lost,
}

impl From<SessionStoreError> for Unkept {
    fn from(error: SessionStoreError) -> Self {
        Self::Trouble(Trouble::Store(error))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider(_) => "the provider failed to confirm the session",
            Self::Store(_) => "the session store failed to answer about the session",
            Self::Busy => "another gateway is renewing the session",
            Self::Lost => "renewing the session took too long",
        })
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Provider(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Busy | Self::Lost => None,
        }
    }
}
