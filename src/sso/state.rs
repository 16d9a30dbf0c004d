use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::return_path::ReturnPath;
use crate::hex::hex;
use crate::session::{Sealer, random};

/// How long a person may take at the provider.
pub(super) const MAX_AGE: Duration = Duration::from_mins(10);

/// The random id of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoginId([u8; 16]);

impl LoginId {
    pub(super) fn new() -> Self {
        Self(random())
    }

    /// The part of it that names its cookie: enough to distinguish the sign-ins of one browser, and
    /// short, since there may be many.
    pub(super) fn short(&self) -> &[u8; 8] {
        self.0.first_chunk().expect("8 of 16")
    }

    /// The key of its marker in a session store.
    pub(super) fn store_key(&self) -> String {
        format!("login/{}", hex(&self.0))
    }

    fn bound_to(&self, binding: &[u8]) -> Vec<u8> {
        [binding, &self.0].concat()
    }
}

/// The content of the sealed `state` parameter (RFC 6749 section 4.1.1).
///
/// It contains the return path, so that a browser that has lost the sign-in's cookie but is signed in by
/// now still returns there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) id: LoginId,
    pub(super) started_at: SystemTime,
    /// Whether the session store has a marker for it.
    pub(super) is_stored: bool,
    /// How many sessions of this browser in a row were lost before.
    pub(super) losses: u8,
    pub(super) return_to: ReturnPath,
}

impl State {
    pub(super) fn seal(&self, sealer: &Sealer, binding: &[u8]) -> String {
        let since_epoch = self.started_at.duration_since(UNIX_EPOCH);
        let mut plain = self.id.0.to_vec();
        plain.extend(since_epoch.unwrap_or_default().as_secs().to_be_bytes());
        plain.extend([u8::from(self.is_stored), self.losses]);
        plain.extend(self.return_to.as_str().as_bytes());
        sealer.seal(&plain, binding)
    }

    pub(super) fn open(value: &str, sealer: &Sealer, binding: &[u8]) -> Option<Self> {
        let plain = sealer.open(value, binding)?;
        let (id, rest) = plain.split_first_chunk()?;
        let (since_epoch, rest) = rest.split_first_chunk()?;
        let (&[is_stored, losses], return_to) = rest.split_first_chunk()?;
        let since_epoch = Duration::from_secs(u64::from_be_bytes(*since_epoch));
        let return_to = std::str::from_utf8(return_to).ok();
        Some(Self {
            id: LoginId(*id),
            started_at: UNIX_EPOCH.checked_add(since_epoch)?,
            is_stored: is_stored != 0,
            losses,
            return_to: return_to.and_then(ReturnPath::parse)?,
        })
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        // A start in the future, seen by a gateway whose clock is behind, has not expired.
        let age = now.duration_since(self.started_at);
        age.unwrap_or_default() >= MAX_AGE
    }
}

/// The secrets of a pending sign-in, which only the browser has, sealed in a cookie.
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

    /// Seals it for this one sign-in.
    pub(super) fn seal(&self, id: LoginId, sealer: &Sealer, binding: &[u8]) -> String {
        let plain = Zeroizing::new([&self.verifier[..], &self.nonce].concat());
        sealer.seal(&plain, &id.bound_to(binding))
    }

    pub(super) fn open(value: &str, id: LoginId, sealer: &Sealer, binding: &[u8]) -> Option<Self> {
        let plain = sealer.open(value, &id.bound_to(binding))?;
        let (verifier, nonce) = plain.split_first_chunk()?;
        Some(Self {
            verifier: Zeroizing::new(*verifier),
            nonce: nonce.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::CookieKeys;

    const START: u64 = 1_700_000_000;

    fn keyed(purpose: &str) -> Sealer {
        let keys = CookieKeys::new("a secret of more than thirty-two bytes");
        keys.expect("long enough").sealer(purpose)
    }

    fn state(target: &str) -> State {
        State {
            id: LoginId::new(),
            started_at: UNIX_EPOCH + Duration::from_secs(START),
            is_stored: true,
            losses: 0,
            return_to: ReturnPath::parse(target).expect("a path"),
        }
    }

    #[test]
    fn a_state_opens_only_where_it_was_sealed() {
        let (ours, other) = (keyed("state"), keyed("another purpose"));
        for target in [
            "/",
            "/a?",
            "/a%2Fb?x=//y",
            &format!("/{}", "x".repeat(2047)),
        ] {
            for is_stored in [true, false] {
                let state = State {
                    is_stored,
                    losses: 3,
                    ..state(target)
                };
                let value = state.seal(&ours, b"here");
                let opened = State::open(&value, &ours, b"here");
                assert_eq!(opened.as_ref(), Some(&state), "{target}");
                assert_eq!(State::open(&value, &ours, b"there"), None, "{target}");
                assert_eq!(State::open(&value, &other, b"here"), None, "{target}");
            }
        }
    }

    #[test]
    fn other_sealed_values_are_not_a_state() {
        let sealer = keyed("state");
        let good = [&[7; 16][..], &START.to_be_bytes(), &[1, 0], b"/a"].concat();
        for (name, plain, opens) in [
            ("a state", &good[..], true),
            ("nothing", b"", false),
            ("no path", &good[..26], false),
            ("no count", &good[..25], false),
            ("no flag", &good[..24], false),
            ("half a time", &good[..20], false),
            (
                "another site",
                &[&good[..26], b"//evil.example"].concat(),
                false,
            ),
            ("no UTF-8", &[&good[..26], b"/\xff"].concat(), false),
            (
                "the end of time",
                &[&good[..16], &[0xff; 8], &[1, 0], b"/a"].concat(),
                false,
            ),
        ] {
            let value = sealer.seal(plain, b"");
            let opened = State::open(&value, &sealer, b"");
            assert_eq!(opened.is_some(), opens, "{name}");
        }
    }

    #[test]
    fn a_state_is_good_for_ten_minutes() {
        let state = state("/");
        for (name, seconds, has_expired) in [
            ("at once", START, false),
            ("by a clock that is behind", START - 3600, false),
            ("at the last moment", START + 599, false),
            ("when it is over", START + 600, true),
        ] {
            let now = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(state.has_expired(now), has_expired, "{name}");
        }
    }

    #[test]
    fn a_pending_sign_in_opens_for_itself() {
        let sealer = keyed("pending sign-in");
        let (id, other) = (LoginId::new(), LoginId::new());
        let pending = Pending::new();
        let value = pending.seal(id, &sealer, b"here");
        let opened = Pending::open(&value, id, &sealer, b"here").expect("the same");
        assert_eq!(*opened.verifier(), *pending.verifier());
        assert_eq!(opened.nonce(), pending.nonce());
        // RFC 7636 section 4.1, and the 128 bits of RFC 9700 for a nonce.
        assert_eq!((pending.verifier().len(), pending.nonce().len()), (43, 22));
        assert!(Pending::open(&value, other, &sealer, b"here").is_none());
        assert!(Pending::open(&value, id, &sealer, b"there").is_none());
        for length in [0, 31, 32, 47, 49] {
            let value = sealer.seal(&vec![0; length], &id.bound_to(b"here"));
            assert!(
                Pending::open(&value, id, &sealer, b"here").is_none(),
                "{length}"
            );
        }
    }

    #[test]
    fn nothing_random_comes_twice() {
        let (one, two) = (LoginId::new(), LoginId::new());
        assert_ne!(one.short(), two.short());
        assert_ne!(one.store_key(), two.store_key());
        assert_eq!(
            LoginId([0xa5; 16]).store_key(),
            format!("login/{}", "a5".repeat(16))
        );
        let (one, two) = (Pending::new(), Pending::new());
        assert_ne!(*one.verifier(), *two.verifier());
        assert_ne!(one.nonce(), two.nonce());
    }
}
