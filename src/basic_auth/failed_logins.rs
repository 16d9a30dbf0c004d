use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::admitted::Admitted;
use crate::client_address::ClientNetwork;
use crate::clock::Clock;
use crate::gate::{RefusalKind, Verdict};

/// Failures of a pair that are free.
const FREE: u32 = 5;

/// The longest wait, in milliseconds.
const LONGEST: u64 = 60_000;

/// Failures that are older than this many milliseconds are forgotten.
const REMEMBERED: u64 = 3_600_000;

/// The failing pairs that are remembered, in sets.
const SETS: usize = 512;
const PLACES: usize = 8;

/// Counts the failed logins of each pair of a claimed user and a client's network, and makes a pair wait
/// that has failed too often.
pub(super) struct FailedLogins {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    admitted: Admitted,
    /// Made at the first failure.
    failing: OnceLock<Box<[Mutex<Set>]>>,
}

/// A login that is being judged.
#[derive(Clone, Copy)]
pub(super) struct Login {
    /// The network, the user and the password, as a keyed digest.
    credential: u64,
    /// `None` if the credential was right within the hour.
    pair: Option<Pair>,
    /// When it began, in milliseconds since 1970.
    at: u64,
}

/// A claimed user and a client's network, as a keyed digest.
#[derive(Clone, Copy)]
struct Pair(u64);

type Set = [Failing; PLACES];

/// A pair with failures.
#[derive(Clone, Copy, Default)]
struct Failing {
    pair: u64,
    failures: u32,
    /// Whether a request was let through after a wait, and has not been judged.
    is_trying: bool,
    /// The time of the last failure, in milliseconds since 1970.
    last: u64,
    /// Until when the pair waits.
    until: u64,
}

impl FailedLogins {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            hasher: RandomState::new(),
            admitted: Admitted::new(),
            failing: OnceLock::new(),
        }
    }

    /// Begins a login. `None` if there is nothing to count: the network is not known, or the password was
    /// right in this minute.
    ///
    /// # Errors
    ///
    /// Returns how long the pair has to wait.
    pub(super) fn begin(
        &self,
        network: ClientNetwork,
        user: &str,
        password: &str,
    ) -> Result<Option<Login>, Duration> {
        if network == ClientNetwork::UNKNOWN {
            return Ok(None);
        }
        let credential = self.hasher.hash_one((network, user, password));
        let at = self.now();
        // By its password: if any password were judged at once because another one was right, a neighbour of
        // the user could tell that the user exists.
        let pair = match self.admitted.age(credential, at) {
            Some(0) => return Ok(None),
            Some(_) => None,
            None => Some(Pair(self.hasher.hash_one((network, user)))),
        };
        if let Some(pair) = pair {
            self.change(pair, |failing| failing.let_through(at))
                .transpose()?;
        }
        Ok(Some(Login {
            credential,
            pair,
            at,
        }))
    }

    /// Takes the verdict of a login that took some time.
    pub(super) fn end_later(&self, login: Login, verdict: &Verdict) {
        let at = self.now();
        self.end(Login { at, ..login }, Some(verdict));
    }

    /// Takes the verdict of a login, if there is one.
    pub(super) fn end(&self, login: Login, verdict: Option<&Verdict>) {
        let now = login.at;
        if let Some(Verdict::Admit(_)) = verdict {
            self.admitted.insert(login.credential, now);
        }
        let Some(pair) = login.pair else { return };
        match verdict {
            Some(Verdict::Admit(_)) => {
                self.change(pair, |failing| *failing = Failing::default());
            }
            Some(Verdict::Refuse(refusal)) if refusal.kind() == RefusalKind::Invalid => {
                let sets = self.failing.get_or_init(|| {
                    let sets = (0..SETS).map(|_| Mutex::default());
                    sets.collect()
                });
                fail(&mut lock(&sets[set_of(pair)]), pair, now);
            }
            // Nothing was found out, so the next request need not wait again.
            _ => {
                self.change(pair, |failing| failing.until = now);
            }
        }
    }

    /// Changes a pair, if it has failures.
    fn change<R>(&self, pair: Pair, change: impl FnOnce(&mut Failing) -> R) -> Option<R> {
        let mut set = lock(&self.failing.get()?[set_of(pair)]);
        set.iter_mut().find(|it| it.pair == pair.0).map(change)
    }

    /// In milliseconds since 1970.
    fn now(&self) -> u64 {
        millis(self.clock.now())
    }
}

fn millis(time: SystemTime) -> u64 {
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn set_of(Pair(pair): Pair) -> usize {
    usize::try_from(pair % SETS as u64).unwrap_or(0)
}

// Each change is one assignment, so a set is valid even if a thread has panicked.
fn lock(set: &Mutex<Set>) -> MutexGuard<'_, Set> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a failure.
///
/// A new pair takes the place of one that was forgotten or, in a full set, of the one with the fewest
/// failures, of these the oldest. So a pair that waits gives way only to seven that have failed as often:
/// nobody knows which pairs share its set, so all the sets have to be filled, with thousands of pairs that
/// each wait as it does. That buys the five free failures of one pair.
fn fail(set: &mut Set, pair: Pair, now: u64) {
    let known = set.iter().position(|it| it.pair == pair.0);
    let worth = |it: &Failing| (if it.is_forgotten(now) { 0 } else { it.failures }, it.last);
    let place = known.or_else(|| (0..PLACES).min_by_key(|i| worth(&set[*i])));
    let failing = &mut set[place.unwrap_or(0)];
    if failing.pair != pair.0 || failing.is_forgotten(now) {
        *failing = Failing {
            pair: pair.0,
            ..Failing::default()
        };
    }
    failing.fail(now);
}

impl Failing {
    fn is_forgotten(&self, now: u64) -> bool {
        // In both directions: if the clock was set back, nobody waits for it.
        self.failures == 0 || now.abs_diff(self.last) >= REMEMBERED
    }

    /// # Errors
    ///
    /// Returns how long the pair has to wait.
    fn let_through(&mut self, now: u64) -> Result<(), Duration> {
        if self.failures < FREE || self.is_forgotten(now) {
            return Ok(());
        }
        let wait = self.until.saturating_sub(now);
        if (1..=LONGEST).contains(&wait) {
            return Err(Duration::from_millis(wait));
        }
        // One request at a time: those behind it wait for its verdict.
        self.is_trying = true;
        self.until = now + wait_after(self.failures);
        Ok(())
    }

    fn fail(&mut self, now: u64) {
        // Of those that were sent together, only the first after a wait counts: a client that sends its
        // old password fifty times at once has to wait for a second, not for a minute.
        if self.failures >= FREE && now < self.until && !self.is_trying {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.is_trying = false;
        self.last = now;
        self.until = now + wait_after(self.failures);
    }
}

/// How long a pair waits after this many failures, in milliseconds: 1 s after the fifth, twice as long after
/// each further one.
fn wait_after(failures: u32) -> u64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(beyond) => LONGEST.min(1000 << beyond.min(6)),
    }
}
