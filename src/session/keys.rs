use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::sealer::{Sealer, random};
use crate::error::ConfigError;
use crate::secret::Secret;

/// As many bytes as the keys that are derived have.
const LEAST_LENGTH: usize = 32;

/// More would make a cookie that nobody has sealed costly to refuse.
const MOST_PREVIOUS: usize = 3;

/// The secrets that cookies and sessions are sealed with.
///
/// What is sealed can neither be read nor changed without them, so they are worth as much as every
/// session: keep them as a password is kept, the same for all gateways that share their sessions. 32
/// random bytes do, as `openssl rand -base64 32` prints them.
///
/// ```
/// use portcullis::session::CookieKeys;
///
/// let keys = CookieKeys::new("b7GnQoF3Uo2bBZbG2n4h6pQ8mB0rI7m9c3Rkq5mXb1w=")?;
/// // Sessions from before the change go on: this one opens, and never seals.
/// let keys = keys.with_previous("Zt0mYw6cJ5b9N1q7Vh2x4k8Rr3sD6fG0aLpPzXcVbNm=")?;
/// assert_eq!(format!("{keys:?}"), "CookieKeys { previous: 1, .. }");
/// assert!(CookieKeys::new("too short").is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct CookieKeys {
    current: Secret,
    previous: Vec<Secret>,
}

impl CookieKeys {
    /// Seals with this secret.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is shorter than 32 bytes.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, ConfigError> {
        Ok(Self {
            current: checked(secret.into())?,
            previous: Vec::new(),
        })
    }

    /// Opens what was sealed with this secret, and seals nothing with it. Take it away when the
    /// lifetime of a session has passed since the change.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is shorter than 32 bytes, and for the fourth.
    pub fn with_previous(mut self, secret: impl Into<Secret>) -> Result<Self, ConfigError> {
        if self.previous.len() == MOST_PREVIOUS {
            let problem = format!("more than {MOST_PREVIOUS} previous ones");
            return Err(ConfigError::new("cookie secret", problem));
        }
        self.previous.push(checked(secret.into())?);
        Ok(self)
    }

    /// A random secret, which nobody else has: sessions end with the process, and no other gateway
    /// knows them.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    #[must_use]
    pub fn random() -> Self {
        let bytes = Zeroizing::new(random::<LEAST_LENGTH>());
        Self {
            current: Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())),
            previous: Vec::new(),
        }
    }

    /// What is sealed for one purpose opens for no other.
    pub(crate) fn sealer(&self, purpose: &str) -> Sealer {
        let secrets = [&self.current].into_iter().chain(&self.previous);
        Sealer::new(secrets.map(|secret| secret.expose().as_bytes()), purpose)
    }
}

fn checked(secret: Secret) -> Result<Secret, ConfigError> {
    if secret.expose().len() < LEAST_LENGTH {
        let problem = format!("it is shorter than {LEAST_LENGTH} bytes");
        return Err(ConfigError::new("cookie secret", problem));
    }
    Ok(secret)
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieKeys")
            .field("previous", &self.previous.len())
            .finish_non_exhaustive()
    }
}
