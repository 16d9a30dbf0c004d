use std::error::Error;
use std::fmt;

/// A remark about an answer of the sign-in that is not a refusal, for the log.
///
/// It is in the extensions of the response, for outer layers to log: a function that the provider's metadata
/// makes impossible, or cookies that are too large for many proxies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInNote(String);

impl SignInNote {
    /// The metadata has this endpoint, and its URL must not be used.
    pub(super) fn unused(endpoint: &str) -> Self {
        Self(format!(
            "the {endpoint} in the provider's metadata is not a URL that may be used, and is ignored"
        ))
    }
}

impl fmt::Display for SignInNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SignInNote {}
