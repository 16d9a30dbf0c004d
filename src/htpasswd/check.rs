use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::RETRY_AFTER;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::digest::{Digest, Digester};
use super::pool::Pool;
use super::table::HtpasswdTable;
use crate::clock::Clock;
use crate::gate::{Admission, Identity, Refusal, Verdict};
use crate::watched::Generation;

/// Checks passwords on its own threads: once for equal requests, and not at all for a password that was
/// correct a short time ago.
pub(super) struct Checker {
    pub(super) pool: Pool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lifetime: Duration,
    digester: Digester,
    under_way: Mutex<UnderWay>,
}

/// The checks that requests can join. The receiver here is counted in addition to the waiting ones.
type UnderWay = HashMap<Digest, watch::Receiver<Outcome>>;

enum Outcome {
    Pending,
    Admitted(Identity),
    Refused,
}

/// A verdict, or the check that will give it.
pub(super) enum Judgement {
    Known(Verdict),
    Pending(PendingCheck),
}

impl Checker {
    pub(super) fn new(pool: Pool, clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self {
            pool,
            clock,
            lifetime,
            digester: Digester::new(),
            under_way: Mutex::default(),
        }
    }

    pub(super) fn judge(
        self: &Arc<Self>,
        generation: &Arc<Generation<HtpasswdTable>>,
        user: &str,
        password: &str,
        now: SystemTime,
    ) -> Judgement {
        // Made only of the client's input and the generation. If it depended on whether the user exists,
        // joining would reveal that.
        let digest = self.digester.digest(generation.number, user, password);
        let recall = || {
            let user = generation.value.get(user)?;
            let known = user.memory.knows(&digest, now, self.lifetime);
            known.then(|| Judgement::Known(admit(&user.identity)))
        };
        if let Some(judgement) = recall() {
            return judgement;
        }
        let mut under_way = self.under_way();
        if let Some(outcome) = under_way.get(&digest) {
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
            digest,
            user: user.into(),
            password: Zeroizing::new(password.into()),
            sender,
        };
        if self.pool.run(move || check.run()).is_err() {
            return Judgement::Known(busy());
        }
        under_way.insert(digest, outcome.clone());
        Judgement::Pending(PendingCheck(outcome))
    }

    // Each change is one step, so the map is valid even if a thread has panicked.
    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

struct Check {
    checker: Arc<Checker>,
    generation: Arc<Generation<HtpasswdTable>>,
    digest: Digest,
    user: Box<str>,
    password: Zeroizing<String>,
    sender: watch::Sender<Outcome>,
}

impl Check {
    fn run(self) {
        if self.is_abandoned() {
            return;
        }
        let ending = Ending(&self);
        let user = self
            .generation
            .value
            .check(&self.user, self.password.as_bytes());
        let outcome = user.map_or(Outcome::Refused, |user| {
            let now = self.checker.clock.now();
            user.memory.remember(self.digest, now);
            Outcome::Admitted(user.identity.clone())
        });
        // After the result is remembered, so that every request finds one or the other.
        drop(ending);
        self.sender.send_replace(outcome);
    }

    /// Whether all clients have disconnected; then no request can join any more.
    fn is_abandoned(&self) -> bool {
        let mut under_way = self.checker.under_way();
        let abandoned = self.sender.receiver_count() == 1;
        if abandoned {
            under_way.remove(&self.digest);
        }
        abandoned
    }
}

/// Removes a check when it ends, even by a panic, so that no request joins it any more.
struct Ending<'a>(&'a Check);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.checker.under_way().remove(&self.0.digest);
    }
}

/// A check for which several requests can wait.
pub(super) struct PendingCheck(watch::Receiver<Outcome>);

impl PendingCheck {
    pub(super) async fn verdict(mut self) -> Verdict {
        let decided = |outcome: &Outcome| !matches!(outcome, Outcome::Pending);
        match self.0.wait_for(decided).await.as_deref() {
            Ok(Outcome::Admitted(identity)) => admit(identity),
            Ok(_) => Verdict::Refuse(wrong()),
            Err(_) => Verdict::Refuse(Refusal::unavailable("the check of the password broke off")),
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
