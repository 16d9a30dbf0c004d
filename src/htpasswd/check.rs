use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::RETRY_AFTER;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::digest::{Digest, Digester};
use super::pool::CheckPool;
use super::queue::Asker;
use super::table::{HtpasswdTable, User};
use crate::client_address::ClientNetwork;
use crate::clock::Clock;
use crate::gate::{Admission, Identity, Refusal, Verdict};
use crate::watched::Generation;

/// Checks passwords on the threads of a pool: once for equal requests of a network, and not at all for a
/// password that was correct and is in use.
pub(super) struct Checker {
    pub(super) pool: CheckPool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lifetime: Duration,
    digester: Digester,
    names: RandomState,
    under_way: Mutex<UnderWay>,
}

/// The checks that requests can join. The receiver here is counted in addition to the waiting ones.
type UnderWay = HashMap<Key, watch::Receiver<Outcome>>;

/// The network too, so that no client shares the place of another network in the queue.
type Key = (ClientNetwork, Digest);

enum Outcome {
    Pending,
    Admitted(Identity),
    Refused,
    /// It lost its place in the queue.
    Dropped,
    /// It panicked.
    BrokeOff,
}

/// A verdict, or the check that will give it.
pub(super) enum Judgement {
    Known(Verdict),
    Pending(PendingCheck),
}

impl Checker {
    pub(super) fn new(pool: CheckPool, clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self {
            pool,
            clock,
            lifetime,
            digester: Digester::new(),
            names: RandomState::new(),
            under_way: Mutex::default(),
        }
    }

    pub(super) fn judge(
        self: &Arc<Self>,
        generation: &Arc<Generation<HtpasswdTable>>,
        (user, password): (&str, &str),
        network: ClientNetwork,
        now: SystemTime,
    ) -> Judgement {
        // Made only of the client's input and the generation. If it depended on whether the user exists,
        // joining would reveal that.
        let digest = self.digester.digest(generation.number, user, password);
        let recall = || {
            let user = self.recall(generation, user, &digest, now)?;
            Some(Judgement::Known(admit(&user.identity)))
        };
        if let Some(judgement) = recall() {
            return judgement;
        }
        let key = (network, digest);
        let mut under_way = self.under_way();
        if let Some(outcome) = under_way.get(&key) {
            return Judgement::Pending(PendingCheck(outcome.clone()));
        }
        // A check that ended before the lock was taken has stored its result.
        if let Some(judgement) = recall() {
            return judgement;
        }
        let (sender, outcome) = watch::channel(Outcome::Pending);
        let check = Check {
            checker: Arc::clone(self),
            generation: Arc::clone(generation),
            key,
            user: user.into(),
            password: Zeroizing::new(password.into()),
            sender,
            ends_as: Some(Outcome::Dropped),
        };
        let asker = Asker {
            network,
            user: self.names.hash_one(user),
        };
        let without_room = self.pool.run(asker, Box::new(move || check.run()));
        under_way.insert(key, outcome.clone());
        drop(under_way);
        // It takes the lock to end.
        drop(without_room);
        if matches!(*outcome.borrow(), Outcome::Dropped) {
            return Judgement::Known(busy());
        }
        Judgement::Pending(PendingCheck(outcome))
    }

    /// The user, if this password is remembered.
    fn recall<'a>(
        &self,
        generation: &'a Generation<HtpasswdTable>,
        user: &str,
        digest: &Digest,
        now: SystemTime,
    ) -> Option<&'a User> {
        let user = generation.value.get(user)?;
        let is_known = user.memory.knows(digest, now, self.lifetime);
        is_known.then_some(user)
    }

    // Each change is one step, so the map is valid even if a thread has panicked.
    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A check in the queue, or running.
struct Check {
    checker: Arc<Checker>,
    generation: Arc<Generation<HtpasswdTable>>,
    key: Key,
    user: Box<str>,
    password: Zeroizing<String>,
    sender: watch::Sender<Outcome>,
    /// The outcome if it ends now. `None` if it has ended.
    ends_as: Option<Outcome>,
}

impl Check {
    fn run(mut self) {
        if self.is_abandoned() {
            self.ends_as = None;
            return;
        }
        self.ends_as = Some(Outcome::BrokeOff);
        let table = &self.generation.value;
        let now = self.checker.clock.now();
        let digest = &self.key.1;
        // A check for another network may have ended meanwhile.
        let known = (self.checker).recall(&self.generation, &self.user, digest, now);
        let user = known.or_else(|| table.check(&self.user, self.password.as_bytes()));
        let outcome = user.map_or(Outcome::Refused, |user| {
            user.memory.remember(*digest, self.checker.clock.now());
            Outcome::Admitted(user.identity.clone())
        });
        self.ends_as = Some(outcome);
    }

    /// Whether all clients have disconnected; then no request can join any more.
    fn is_abandoned(&self) -> bool {
        let mut under_way = self.checker.under_way();
        let abandoned = self.sender.receiver_count() == 1;
        if abandoned {
            under_way.remove(&self.key);
        }
        abandoned
    }
}

/// However it ends, no request joins it any more. Every request finds the check or, after it, what is
/// remembered.
impl Drop for Check {
    fn drop(&mut self) {
        if let Some(outcome) = self.ends_as.take() {
            self.checker.under_way().remove(&self.key);
            self.sender.send_replace(outcome);
        }
    }
}

/// A check for which several requests can wait.
pub(super) struct PendingCheck(watch::Receiver<Outcome>);

impl PendingCheck {
    pub(super) async fn verdict(mut self) -> Verdict {
        let decided = |outcome: &Outcome| !matches!(outcome, Outcome::Pending);
        let outcome = self.0.wait_for(decided).await;
        match outcome.as_deref() {
            Ok(Outcome::Admitted(identity)) => admit(identity),
            Ok(Outcome::Refused) => Verdict::Refuse(wrong()),
            Ok(Outcome::Dropped) => busy(),
            Ok(Outcome::Pending | Outcome::BrokeOff) | Err(_) => {
                Verdict::Refuse(Refusal::unavailable("the check of the password broke off"))
            }
        }
    }
}

fn admit(identity: &Identity) -> Verdict {
    Verdict::Admit(Admission::new(identity.clone()))
}

pub(super) fn wrong() -> Refusal {
    Refusal::invalid("unknown user or wrong password")
}

fn busy() -> Verdict {
    let refusal = Refusal::unavailable("too many passwords wait to be checked");
    Verdict::Refuse(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("1")))
}
