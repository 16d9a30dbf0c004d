use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use subtle::ConstantTimeEq;

use super::digest::Digest;

/// The correct password of one user, as a keyed digest, with the time of its last check.
///
/// A user has only one correct password, so nothing is evicted, and wrong ones take no memory. It is
/// dropped with its table when the file changes.
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

    /// Whether this password was found correct less than `lifetime` ago.
    pub(super) fn knows(&self, digest: &Digest, now: SystemTime, lifetime: Duration) -> bool {
        self.checked.load().as_ref().is_some_and(|checked| {
            // If the clock has been set back, the age is not known.
            let age = now.duration_since(checked.at).ok();
            age.is_some_and(|age| age < lifetime) && bool::from(checked.digest.ct_eq(digest))
        })
    }
}
