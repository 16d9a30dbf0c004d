use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::sealer::{Sealer, random};
use crate::error::ConfigError;
use crate::secret::Secret;

/// The length of the derived keys in bytes.
const LEAST_LENGTH: usize = 32;

/// A random secret has more different bytes, even if it consists of decimal digits.
const LEAST_DIFFERENT: usize = 6;

/// The length of the shortest text that a secret may repeat: 16 random bytes in base64.
const LEAST_UNREPEATED: usize = 24;

/// With more, refusing a forged cookie would cost too much.
const MOST_PREVIOUS: usize = 3;

/// The secrets that seal cookies and sessions.
///
/// Sealed values can neither be read nor changed without them. Anyone who has them can forge every
/// session, so store them like passwords, and configure the same ones in all gateways that share
/// sessions. 32 random bytes are enough, as printed by `openssl rand -base64 32`.
///
/// ```
/// use portcullis::session::CookieKeys;
///
/// let keys = CookieKeys::new("b7GnQoF3Uo2bBZbG2n4h6pQ8mB0rI7m9c3Rkq5mXb1w=")?;
/// // Existing sessions stay valid: a previous secret opens, and never seals.
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
    /// Returns [`ConfigError`] if it is shorter than 32 bytes, has fewer than six different bytes, or repeats a
    /// text of fewer than 24 bytes.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, ConfigError> {
        Ok(Self {
            current: checked(secret.into())?,
            previous: Vec::new(),
        })
    }

    /// Also opens values that were sealed with this secret. Remove it once the lifetime of a session has
    /// passed since the change.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] as [`new`](Self::new) does, and for a fourth previous secret.
    pub fn with_previous(mut self, secret: impl Into<Secret>) -> Result<Self, ConfigError> {
        if self.previous.len() == MOST_PREVIOUS {
            let problem = format!("must have at most {MOST_PREVIOUS} previous secrets");
            return Err(ConfigError::new("cookie secret", problem));
        }
        self.previous.push(checked(secret.into())?);
        Ok(self)
    }

    /// A random secret. Sessions end with the process and are valid at this gateway only.
    ///
    /// # Panics
    ///
    /// If the system's random number generator fails.
    #[must_use]
    pub fn random() -> Self {
        let bytes = Zeroizing::new(random::<LEAST_LENGTH>());
        Self {
            current: Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())),
            previous: Vec::new(),
        }
    }

    /// The sealer for one purpose. It does not open values that were sealed for another.
    pub(crate) fn sealer(&self, purpose: &str) -> Sealer {
        let secrets = [&self.current].into_iter().chain(&self.previous);
        Sealer::new(secrets.map(|secret| secret.expose().as_bytes()), purpose)
    }
}

fn checked(secret: Secret) -> Result<Secret, ConfigError> {
    let bytes = secret.expose().as_bytes();
    if bytes.len() < LEAST_LENGTH {
        let problem = format!("must be at least {LEAST_LENGTH} bytes long");
        return Err(ConfigError::new("cookie secret", problem));
    }
    if is_guessable(bytes) {
        let problem = "repeats a few bytes, so that it can be guessed: use a random one, as printed by \
                       `openssl rand -base64 32`";
        return Err(ConfigError::new("cookie secret", problem));
    }
    Ok(secret)
}

/// Whether it has few different bytes, or repeats a short text. A random secret of hexadecimal digits passes.
fn is_guessable(secret: &[u8]) -> bool {
    let different = (0..=u8::MAX).filter(|byte| secret.contains(byte)).count();
    let repeats = |length: usize| {
        secret
            .iter()
            .skip(length)
            .eq(&secret[..secret.len() - length])
    };
    different < LEAST_DIFFERENT || (1..LEAST_UNREPEATED).any(repeats)
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieKeys")
            .field("previous", &self.previous.len())
            .finish_non_exhaustive()
    }
}
