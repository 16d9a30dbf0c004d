use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::return_path::ReturnPath;
use crate::session::{Sealer, random};

/// How long a person may take at the provider.
pub(super) const MAX_AGE: Duration = Duration::from_mins(10);

/// Which sign-in, of all that have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoginId([u8; 16]);

impl LoginId {
    pub(super) fn new() -> Self {
        Self(random())
    }

    /// What names its cookie: enough to tell the sign-ins of one browser apart, and short, since a
    /// browser may have many.
    pub(super) fn short(&self) -> &[u8; 8] {
        self.0.first_chunk().expect("8 of 16")
    }

    /// The key of its marker in a session store.
    pub(super) fn store_key(&self) -> String {
        let mut key = "login/".to_owned();
        for byte in self.0 {
            write!(key, "{byte:02x}").expect("a String takes all");
        }
        key
    }

    fn bound_to(&self, binding: &[u8]) -> Vec<u8> {
        [binding, &self.0].concat()
    }
}

/// What travels as `state` to the provider and back (RFC 6749 section 4.1.1), sealed.
///
/// The way back stands in it and not in the browser's cookie, so that a browser which has lost that
/// cookie, and is signed in by now, still arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) id: LoginId,
    pub(super) started_at: SystemTime,
    /// Whether a session store has a marker of it.
    pub(super) is_stored: bool,
    pub(super) return_to: ReturnPath,
}

impl State {
    pub(super) fn seal(&self, sealer: &Sealer, binding: &[u8]) -> String {
        let since_epoch = self.started_at.duration_since(UNIX_EPOCH);
        let mut plain = self.id.0.to_vec();
        plain.extend(since_epoch.unwrap_or_default().as_secs().to_be_bytes());
        plain.push(u8::from(self.is_stored));
        plain.extend(self.return_to.as_str().as_bytes());
        sealer.seal(&plain, binding)
    }

    pub(super) fn open(sealed: &str, sealer: &Sealer, binding: &[u8]) -> Option<Self> {
        let plain = sealer.open(sealed, binding)?;
        let (id, rest) = plain.split_first_chunk()?;
        let (since_epoch, rest) = rest.split_first_chunk()?;
        let (is_stored, return_to) = rest.split_first()?;
        let since_epoch = Duration::from_secs(u64::from_be_bytes(*since_epoch));
        let return_to = std::str::from_utf8(return_to).ok();
        Some(Self {
            id: LoginId(*id),
            started_at: UNIX_EPOCH.checked_add(since_epoch)?,
            is_stored: *is_stored != 0,
            return_to: return_to.and_then(ReturnPath::parse)?,
        })
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        // A gateway whose clock is behind sees a start in the future, which is no old one.
        let age = now.duration_since(self.started_at);
        age.unwrap_or_default() >= MAX_AGE
    }
}

/// What the browser that began a sign-in keeps in a cookie, sealed, and nobody else has.
pub(super) struct Pending {
    verifier: Zeroizing<[u8; 32]>,
    nonce: [u8; 16],
}

impl Pending {
    pub(super) fn new() -> Self {
        Self {
            verifier: Zeroizing::new(random()),
            nonce: random(),
        }
    }

    /// The PKCE verifier, as long as RFC 7636 section 4.1 recommends.
    pub(super) fn verifier(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.verifier))
    }

    /// The nonce of the ID token.
    pub(super) fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.nonce)
    }

    /// Seals it so that it opens for this one sign-in.
    pub(super) fn seal(&self, id: LoginId, sealer: &Sealer, binding: &[u8]) -> String {
        let plain = Zeroizing::new([&self.verifier[..], &self.nonce].concat());
        sealer.seal(&plain, &id.bound_to(binding))
    }

    pub(super) fn open(sealed: &str, id: LoginId, sealer: &Sealer, binding: &[u8]) -> Option<Self> {
        let plain = sealer.open(sealed, &id.bound_to(binding))?;
        let (verifier, nonce) = plain.split_first_chunk()?;
        Some(Self {
            verifier: Zeroizing::new(*verifier),
            nonce: nonce.try_into().ok()?,
        })
    }
}
