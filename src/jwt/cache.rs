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

/// The number of slots of a set. A token may be in any slot of its set.
const WAYS: usize = 4;

/// Tokens that were found good: a table of sets of slots, without a lock.
pub(super) struct Cache {
    /// Random, so that nobody can predict which tokens push out which.
    key: hmac::Key,
    sets: Box<[Set]>,
    /// Which slot of a full set is replaced next.
    hand: AtomicUsize,
}

type Set = [ArcSwapOption<(Digest, Verified)>; WAYS];

/// A good token, and what makes it good.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) identity: Identity,
    pub(super) validity: Validity,
    /// The place of its issuer among the verifier's.
    pub(super) issuer: usize,
    /// The set of keys that verified it.
    pub(super) generation: u64,
}

/// A token under the cache's key: all 32 bytes, so that no two tokens are confused.
pub(super) struct Digest([u8; 32]);

impl Cache {
    /// Room for `capacity` tokens, rounded up to whole sets.
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

    /// The identity of a token that was found good, if that still `holds`.
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
            Some((of, old)) => of.is(&digest) || !old.validity.includes(now),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::claims::ClaimSet;
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// A token of the name of its subject, good until `exp`.
    fn insert(cache: &Cache, name: &str, exp: u64, now: u64) {
        let claims = ClaimSet::parse(json!({ "exp": exp }).to_string().as_bytes());
        let validity = Validity::of(&claims.unwrap(), Duration::ZERO).unwrap();
        let verified = Verified {
            identity: Identity::new("jwt", name),
            validity,
            issuer: 0,
            generation: 0,
        };
        cache.insert(cache.digest(name), verified, at(now));
    }

    fn holds(cache: &Cache, name: &str) -> bool {
        let found = cache.find(&cache.digest(name), |_| true);
        found.is_some_and(|identity| identity.subject() == name)
    }

    fn held<'a>(cache: &Cache, names: &[&'a str]) -> Vec<&'a str> {
        let names = names.iter().filter(|name| holds(cache, name));
        names.copied().collect()
    }

    #[test]
    fn a_full_set_replaces_expired_tokens_first() {
        let cache = Cache::new(1);
        for name in ["a", "b", "c", "d"] {
            insert(&cache, name, if name == "c" { 5 } else { 100 }, 0);
        }
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(held(&cache, &names), ["a", "b", "c", "d"]);
        insert(&cache, "e", 100, 5);
        assert_eq!(
            held(&cache, &names),
            ["a", "b", "d", "e"],
            "the expired one went"
        );
        insert(&cache, "a", 100, 6);
        assert_eq!(
            held(&cache, &names),
            ["a", "b", "d", "e"],
            "it took its own place"
        );
        insert(&cache, "f", 100, 6);
        insert(&cache, "g", 100, 6);
        assert_eq!(
            held(&cache, &names),
            ["d", "e", "f", "g"],
            "the first two went"
        );
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        let cache = Cache::new(10);
        let names: Vec<_> = (0..200).map(|i| i.to_string()).collect();
        for name in &names {
            insert(&cache, name, 100, 0);
            assert!(holds(&cache, name), "the newest is there");
        }
        let held = names.iter().filter(|name| holds(&cache, name)).count();
        assert_eq!(held, 12, "whole sets of four, and all of them used");
    }

    #[test]
    fn a_token_past_its_time_is_not_found() {
        let cache = Cache::new(4);
        insert(&cache, "a", 100, 0);
        let digest = cache.digest("a");
        assert!(
            cache
                .find(&digest, |verified| verified.generation == 0)
                .is_some()
        );
        assert!(
            cache
                .find(&digest, |verified| verified.generation == 1)
                .is_none()
        );
    }

    #[test]
    fn each_cache_has_its_own_key() {
        let (one, other) = (Cache::new(4), Cache::new(4));
        assert!(one.digest("a").is(&one.digest("a")));
        assert!(!one.digest("a").is(&one.digest("b")));
        assert!(!one.digest("a").is(&other.digest("a")));
    }
    #[test]
    fn digests_are_compared_to_the_last_byte() {
        let one = Digest([7; 32]);
        for i in 0..32 {
            let mut other = [7; 32];
            other[i] = 8;
            assert!(!one.is(&Digest(other)), "byte {i}");
        }
        assert!(one.is(&Digest([7; 32])));
    }
}
