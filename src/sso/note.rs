use std::error::Error;
use std::fmt;

use http::HeaderValue;

/// How much of a response's head nginx accepts by default on most machines.
const USUAL_BUFFER: usize = 4096;

/// A remark about an answer of the sign-in that is not a refusal, for the log.
///
/// It is in the extensions of the response, for outer layers to log: a function that the provider's metadata
/// makes impossible, or cookies that are too large for many proxies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInNote(String);

impl SignInNote {
    /// The `Set-Cookie` lines of a sign-in, if they are larger than many proxies accept.
    pub(super) fn of_cookies(lines: &[HeaderValue]) -> Option<Self> {
        let bytes: usize = lines.iter().map(HeaderValue::len).sum();
        (bytes > USUAL_BUFFER).then(|| {
            Self(format!(
                "the session's cookies have {bytes} bytes, and nginx accepts {USUAL_BUFFER} by default: raise its \
                 proxy_buffer_size, or keep sessions in a store such as Redis"
            ))
        })
    }

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
