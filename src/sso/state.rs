use std::time::{Duration, SystemTime, UNIX_EPOCH};

use subtle::ConstantTimeEq;

use super::browser_secret::BrowserSecret;
use super::login_id::LoginId;
use super::origin::Origin;
use super::return_path::ReturnPath;
use crate::session::Sealer;

/// How long a person may take at the provider.
pub(super) const MAX_AGE: Duration = Duration::from_mins(10);

/// How often a sign-in starts again because its browser has come back with the cookie of another one.
const MOST_RESTARTS: u8 = 4;

/// The content of the sealed `state` parameter (RFC 6749 section 4.1.1).
///
/// It contains the return path, so that a browser that has lost its login cookie but is signed in by now
/// still returns there. It contains the origin, since the redirect URI of the token request must be that of the
/// authorization request (section 4.1.3), whatever `Host` the callback has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) id: LoginId,
    pub(super) started_at: SystemTime,
    /// Whether the session store has a marker for it.
    pub(super) is_stored: bool,
    /// How many sessions of this browser in a row were lost before.
    pub(super) losses: u8,
    /// How often it was started again.
    pub(super) restarts: u8,
    /// The proof of the browser that has started it.
    pub(super) browser: [u8; 16],
    /// The origin of the request that has started it.
    pub(super) origin: Origin,
    pub(super) return_to: ReturnPath,
}

impl State {
    pub(super) fn seal(&self, sealer: &Sealer, binding: &[u8]) -> String {
        let since_epoch = self.started_at.duration_since(UNIX_EPOCH);
        let mut plain = self.id.bytes().to_vec();
        plain.extend(since_epoch.unwrap_or_default().as_secs().to_be_bytes());
        plain.extend([u8::from(self.is_stored), self.losses, self.restarts]);
        plain.extend(self.browser);
        let location = format!("{}{}", self.origin, self.return_to.as_str());
        plain.extend(location.as_bytes());
        sealer.seal(&plain, binding)
    }

    pub(super) fn open(value: &str, sealer: &Sealer, binding: &[u8]) -> Option<Self> {
        let plain = sealer.open(value, binding)?;
        let (id, rest) = plain.split_first_chunk()?;
        let (since_epoch, rest) = rest.split_first_chunk()?;
        let (&[is_stored, losses, restarts], rest) = rest.split_first_chunk()?;
        let (browser, location) = rest.split_first_chunk()?;
        let since_epoch = Duration::from_secs(u64::from_be_bytes(*since_epoch));
        let location = std::str::from_utf8(location).ok()?;
        let (scheme, rest) = location.split_once("://")?;
        let (origin, return_to) = location.split_at(scheme.len() + 3 + rest.find('/')?);
        Some(Self {
            id: LoginId::from_bytes(*id),
            started_at: UNIX_EPOCH.checked_add(since_epoch)?,
            is_stored: is_stored != 0,
            losses,
            restarts,
            browser: *browser,
            origin: Origin::of_url(origin).ok()?,
            return_to: ReturnPath::parse(return_to)?,
        })
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        // A start in the future, seen by a gateway whose clock is behind, has not expired.
        let age = now.duration_since(self.started_at);
        age.unwrap_or_default() >= MAX_AGE
    }

    /// Whether the browser with this secret has started it.
    pub(super) fn is_of(&self, browser: &BrowserSecret) -> bool {
        browser.proof(self.id).ct_eq(&self.browser).into()
    }

    pub(super) fn may_restart(&self) -> bool {
        self.restarts < MOST_RESTARTS
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
            restarts: 0,
            browser: [5; 16],
            origin: Origin::of_url("https://files.example:8443").expect("an origin"),
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
                    restarts: 2,
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
        let start = [&[7; 16][..], &START.to_be_bytes(), &[1, 0, 0], &[5; 16]].concat();
        let whole = |location: &[u8]| [&start[..], location].concat();
        let good = whole(b"https://files.example/a");
        for (name, plain, opens) in [
            ("a state", &good[..], true),
            ("nothing", b"", false),
            ("no origin and no path", &start, false),
            ("no path", &whole(b"https://files.example"), false),
            ("no origin", &whole(b"/a"), false),
            ("no scheme", &whole(b"files.example/a"), false),
            ("a user", &whole(b"https://ana@files.example/a"), false),
            ("no host", &whole(b"https:///a"), false),
            ("half a proof", &good[..35], false),
            ("no counts", &good[..25], false),
            ("no flag", &good[..24], false),
            ("half a time", &good[..20], false),
            (
                "another site",
                &whole(b"https://files.example//evil.example"),
                false,
            ),
            ("no UTF-8", &whole(b"https://files.example/\xff"), false),
            (
                "the end of time",
                &[&good[..16], &[0xff; 8], &good[24..]].concat(),
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
    fn a_state_knows_its_browser() {
        let (browser, other) = (BrowserSecret::new(), BrowserSecret::new());
        let id = LoginId::new();
        let state = State {
            id,
            browser: browser.proof(id),
            ..state("/")
        };
        assert!(state.is_of(&browser));
        assert!(!state.is_of(&other));
        let another = State {
            id: LoginId::new(),
            ..state
        };
        assert!(!another.is_of(&browser), "the proof of another sign-in");
    }

    #[test]
    fn nothing_random_comes_twice() {
        let (one, two) = (LoginId::new(), LoginId::new());
        assert_ne!(one.store_key(), two.store_key());
        assert_eq!(
            LoginId::from_bytes([0xa5; 16]).store_key(),
            format!("login/{}", "a5".repeat(16))
        );
    }
}
