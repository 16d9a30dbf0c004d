use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use subtle::ConstantTimeEq;

use super::validity::Validity;
use crate::gate::Identity;

/// So many slots may hold one and the same token.
const WAYS: usize = 4;

/// Tokens that were found good: a table of sets of slots, in which nobody waits for anybody.
pub(super) struct Cache {
    /// Random, so that nobody can tell which tokens push out which.
    key: hmac::Key,
    sets: Box<[Set]>,
    /// Which slot of a full set is next to go.
    hand: AtomicUsize,
}

type Set = [ArcSwapOption<(Digest, Verified)>; WAYS];

/// What was found of a good token.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) identity: Identity,
    pub(super) validity: Validity,
    /// The place of its issuer among the verifier's.
    pub(super) issuer: usize,
    /// The set of keys that it was found good by.
    pub(super) generation: u64,
}

/// A token under the cache's key: all 32 bytes, so that no two tokens are taken for one another.
pub(super) struct Digest([u8; 32]);

impl Cache {
    /// Room for so many tokens, rounded up to whole sets.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub(super) fn new(capacity: usize) -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        let sets = (0..capacity.div_ceil(WAYS)).map(|_| Set::default());
        Self {
            key: key.expect("the system has random numbers"),
            sets: sets.collect(),
            hand: AtomicUsize::new(0),
        }
    }

    pub(super) fn digest(&self, token: &str) -> Digest {
        let tag = hmac::sign(&self.key, token.as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(tag.as_ref());
        Digest(digest)
    }

    /// Whose token this is, if it was found good, and what was found then still `holds`.
    pub(super) fn find(
        &self,
        digest: &Digest,
        holds: impl Fn(&Verified) -> bool,
    ) -> Option<Identity> {
        self.set(digest).iter().find_map(|slot| {
            let slot = slot.load();
            let (of, verified) = &**slot.as_ref()?;
            (of.is(digest) && holds(verified)).then(|| verified.identity.clone())
        })
    }

    pub(super) fn insert(&self, digest: Digest, verified: Verified, now: SystemTime) {
        let set = self.set(&digest);
        let is_free = |slot: &&ArcSwapOption<(Digest, Verified)>| match slot.load().as_deref() {
            None => true,
            Some((of, old)) => of.is(&digest) || old.validity.check(now).is_err(),
        };
        let next = || &set[self.hand.fetch_add(1, Ordering::Relaxed) % WAYS];
        let slot = set.iter().find(is_free).unwrap_or_else(next);
        slot.store(Some(Arc::new((digest, verified))));
    }

    fn set(&self, digest: &Digest) -> &Set {
        let [a, b, c, d, ..] = digest.0;
        let number = u32::from_le_bytes([a, b, c, d]) as usize;
        &self.sets[number % self.sets.len()]
    }
}

impl Digest {
    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("capacity", &(self.sets.len() * WAYS))
            .finish_non_exhaustive()
    }
}
