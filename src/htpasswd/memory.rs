use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use subtle::ConstantTimeEq;

use super::digest::Digest;

/// The right password of one user, as a keyed digest, since it was last checked.
///
/// A user has one right password, so there is nothing to evict, and wrong ones take no room. It dies
/// with its table when the file changes.
#[derive(Default)]
pub(super) struct Memory {
    checked: ArcSwapOption<Checked>,
}

struct Checked {
    digest: Digest,
    at: SystemTime,
}

impl Memory {
    pub(super) fn remember(&self, digest: Digest, at: SystemTime) {
        self.checked.store(Some(Checked { digest, at }.into()));
    }

    /// Whether this very password was found right less than `lifetime` ago.
    pub(super) fn knows(&self, digest: &Digest, now: SystemTime, lifetime: Duration) -> bool {
        self.checked.load().as_ref().is_some_and(|checked| {
            // Where the clock has been set back, nobody can tell how long ago it was.
            let age = now.duration_since(checked.at).ok();
            age.is_some_and(|age| age < lifetime) && bool::from(checked.digest.ct_eq(digest))
        })
    }
}
