//! htpasswd files: formats, errors, checks and reloading.

mod checks;
mod file;
mod formats;
mod lines;
mod reload;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis::Clock;
use portcullis::gate::{Decision, PasswordVerifier, Verdict};
use portcullis::htpasswd::HtpasswdUsers;

/// `s3cret`, by `htpasswd -nbs` and `htpasswd -nbm`.
const SHA: &str = "{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=";
const APR1: &str = "$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0";

/// A clock that stands still until it is told otherwise.
#[derive(Clone, Debug)]
struct StandingClock(Arc<AtomicU64>);

impl StandingClock {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_000_000_000_000)))
    }

    fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    fn set_back(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_sub(millis, Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

async fn verdict(decision: Decision) -> Verdict {
    match decision {
        Decision::Now(verdict) => verdict,
        Decision::Later(verdict) => tokio::time::timeout(Duration::from_mins(1), verdict)
            .await
            .expect("the verdict is overdue"),
        other => panic!("{other:?}"),
    }
}

async fn admits(users: &HtpasswdUsers, user: &str, password: &str) -> bool {
    match verdict(users.verify(user, password)).await {
        Verdict::Admit(_) => true,
        Verdict::Refuse(refusal) if refusal.status() == 401 => false,
        other => panic!("{other:?}"),
    }
}

/// Whether it is known without a check that this is right.
fn remembers(users: &HtpasswdUsers, user: &str, password: &str) -> bool {
    matches!(
        users.verify(user, password),
        Decision::Now(Verdict::Admit(_))
    )
}
