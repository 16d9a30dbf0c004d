use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Chooses a duration between zero and the one that it is given.
pub(super) type Jitter = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

/// When to fetch keys again that have been fetched.
#[derive(Clone)]
pub(super) struct RefreshTimes {
    pub(super) least: Duration,
    pub(super) most: Duration,
    pub(super) jitter: Jitter,
}

/// Where the answer does not say.
const USUAL: Duration = Duration::from_mins(10);

impl RefreshTimes {
    /// How long after the fetch: up to a tenth earlier than the answer allows, so that a fleet does
    /// not fetch at once.
    pub(super) fn after(&self, max_age: Option<Duration>) -> Duration {
        let allowed = max_age.unwrap_or(USUAL).clamp(self.least, self.most);
        let earlier = allowed / 10;
        allowed.saturating_sub((self.jitter)(earlier).min(earlier))
    }
}

/// How far two moments are apart. A clock that has been set back by more than a limit is taken as one
/// that has gone on for as long: nobody knows how long it has been.
pub(super) fn apart(one: SystemTime, other: SystemTime) -> Duration {
    let apart = one.duration_since(other);
    apart.unwrap_or_else(|error| error.duration())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_within_its_bounds_whatever_is_drawn() {
        let least: Jitter = Arc::new(|_| Duration::ZERO);
        let most: Jitter = Arc::new(|most| most);
        let too_much: Jitter = Arc::new(|_| Duration::MAX);
        // The max-age in seconds; when to fetch again, for the least and for the most jitter, in
        // tenths of them.
        for (max_age, latest, earliest) in [
            (None, 6000, 5400),
            (Some(0), 600, 540),
            (Some(60), 600, 540),
            (Some(61), 610, 549),
            (Some(3600), 36000, 32400),
            (Some(86400), 36000, 32400),
            (Some(u64::MAX), 36000, 32400),
        ] {
            for (jitter, expected) in [(&least, latest), (&most, earliest), (&too_much, earliest)] {
                let times = RefreshTimes {
                    least: Duration::from_mins(1),
                    most: Duration::from_hours(1),
                    jitter: Arc::clone(jitter),
                };
                let after = times.after(max_age.map(Duration::from_secs));
                assert_eq!(after, Duration::from_millis(100 * expected), "{max_age:?}");
            }
        }
    }
}
