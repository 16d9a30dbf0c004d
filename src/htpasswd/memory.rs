use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use subtle::ConstantTimeEq;

use super::digest::Digest;

/// The correct password of one user, as a keyed digest, with the time of its last use.
///
/// A user has only one correct password, so nothing is evicted, and wrong ones take no memory. It is
/// dropped with its table when the file changes. As long as the file is the same, another check could not
/// end otherwise than the first, so a password that is in use is not checked again.
#[derive(Default)]
pub(super) struct Memory {
    checked: ArcSwapOption<Checked>,
}

struct Checked {
    digest: Digest,
    /// In milliseconds since 1970.
    used: AtomicU64,
}

/// A use is written down if the last one is this many milliseconds old: several threads read it.
const PRECISION: u64 = 1000;

impl Memory {
    pub(super) fn remember(&self, digest: Digest, at: SystemTime) {
        let used = AtomicU64::new(millis(at));
        self.checked.store(Some(Checked { digest, used }.into()));
    }

    /// Whether this password was found correct, and used less than `lifetime` ago. This is a use.
    pub(super) fn knows(&self, digest: &Digest, now: SystemTime, lifetime: Duration) -> bool {
        self.checked.load().as_ref().is_some_and(|checked| {
            let now = millis(now);
            // In both directions, since the clock may be set back, and a thread may read it a moment
            // earlier than the one that wrote.
            let age = now.abs_diff(checked.used.load(Ordering::Relaxed));
            let is_known =
                u128::from(age) < lifetime.as_millis() && bool::from(checked.digest.ct_eq(digest));
            if is_known && age >= PRECISION {
                checked.used.store(now, Ordering::Relaxed);
            }
            is_known
        })
    }
}

fn millis(time: SystemTime) -> u64 {
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
