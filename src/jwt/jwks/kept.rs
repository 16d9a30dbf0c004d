use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::refresh_times::apart;
use crate::jwt::KeySet;

/// What a fetch brought.
#[derive(Clone)]
pub(super) struct Fetched {
    pub(super) keys: Arc<KeySet>,
    /// What the keys were read from. One that is the same leaves the keys as they are, and with them
    /// the tokens that have been verified.
    pub(super) document: Bytes,
    /// How long until it is fetched again.
    pub(super) refresh_after: Duration,
}

/// The last keys, and when they are looked after.
pub(super) struct Kept {
    pub(super) fetched: Fetched,
    /// When the fetch began that brought them.
    pub(super) since: SystemTime,
    /// When the last fetch began, whatever it brought, and how long after it the next one is due.
    pub(super) looked_at: SystemTime,
    pub(super) look_after: Duration,
}

impl Kept {
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        apart(now, self.looked_at) >= self.look_after
    }

    /// The keys, where they are not too old.
    pub(super) fn good(&self, now: SystemTime, max_stale: Duration) -> Option<Arc<KeySet>> {
        let is_good = apart(now, self.since) < max_stale;
        is_good.then(|| Arc::clone(&self.fetched.keys))
    }

    /// The same keys, while a fetch is under way or has failed.
    pub(super) fn looked_after(&self, now: SystemTime, pause: Duration) -> Self {
        Self {
            fetched: self.fetched.clone(),
            since: self.since,
            looked_at: now,
            look_after: pause,
        }
    }
}
