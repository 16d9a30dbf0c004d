use std::sync::atomic::{AtomicU64, Ordering};

/// The credentials that were right within the hour, as far as there is room, each in one word: so every request
/// can ask and write without waiting.
///
/// They are keyed digests. Only a client with a right password writes here, so no guesses push one out.
pub(super) struct Admitted {
    /// Of each word, the upper 40 bits are those of the digest, the lower 24 a minute.
    sets: Box<[[AtomicU64; PLACES]]>,
}

const SETS: usize = 1024;
const PLACES: usize = 4;

const MINUTE_BITS: u64 = (1 << 24) - 1;

/// In minutes. An admission counts for up to one more, since its seconds are not kept.
const HOUR: u64 = 60;

impl Admitted {
    pub(super) fn new() -> Self {
        Self {
            sets: (0..SETS).map(|_| Default::default()).collect(),
        }
    }

    /// How many minutes ago the credential was right, if within the hour. Times are milliseconds since 1970.
    pub(super) fn age(&self, credential: u64, now: u64) -> Option<u64> {
        let words = self.set(credential).iter();
        let mut words = words.map(|it| it.load(Ordering::Relaxed));
        let word = words.find(|word| is_of(*word, credential))?;
        Some(age(word, now)).filter(|age| *age <= HOUR)
    }

    /// Writes down that the credential is right now.
    pub(super) fn insert(&self, credential: u64, now: u64) {
        let set = self.set(credential);
        let new = (credential & !MINUTE_BITS) | minute(now);
        let words = set.each_ref().map(|it| it.load(Ordering::Relaxed));
        let known = words.iter().position(|word| is_of(*word, credential));
        let oldest = || (0..PLACES).max_by_key(|i| age(words[*i], now));
        let place = known.or_else(oldest).unwrap_or(0);
        // Only once a minute, since all threads read it.
        if words[place] != new {
            set[place].store(new, Ordering::Relaxed);
        }
    }

    fn set(&self, credential: u64) -> &[AtomicU64; PLACES] {
        let set = usize::try_from(credential % SETS as u64);
        &self.sets[set.unwrap_or(0)]
    }
}

fn minute(millis: u64) -> u64 {
    (millis / 60_000) & MINUTE_BITS
}

fn is_of(word: u64, credential: u64) -> bool {
    word & !MINUTE_BITS == credential & !MINUTE_BITS
}

/// In minutes; of a time to come, very long.
fn age(word: u64, now: u64) -> u64 {
    minute(now).wrapping_sub(word) & MINUTE_BITS
}
