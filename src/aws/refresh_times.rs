use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Chooses a duration between zero and the one that it is given.
pub(super) type Jitter = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

/// When to ask for new credentials.
#[derive(Clone)]
pub(super) struct RefreshTimes {
    pub(super) window: Duration,
    pub(super) jitter: Jitter,
}

impl RefreshTimes {
    /// When to ask again after an answer that is good until `expiry`: in the first half of the
    /// window, so that the second is left for failures.
    pub(super) fn after_answer(&self, now: SystemTime, expiry: SystemTime) -> SystemTime {
        let ahead = self.window.saturating_sub(self.draw(self.window / 2));
        let refresh_at = expiry.checked_sub(ahead).unwrap_or(now);
        // A source may repeat what it gave, or give what lives shorter than the window.
        refresh_at.max(self.after_failure(now, expiry))
    }

    /// When to ask again after a failure, while the last answer is good until `expiry`: a twentieth
    /// to a tenth of the window later.
    pub(super) fn after_failure(&self, now: SystemTime, expiry: SystemTime) -> SystemTime {
        let pause = (self.window / 10).saturating_sub(self.draw(self.window / 20));
        now.checked_add(pause).map_or(expiry, |at| at.min(expiry))
    }

    fn draw(&self, most: Duration) -> Duration {
        (self.jitter)(most).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_moment_is_within_its_bounds_whatever_is_drawn() {
        let least: Jitter = Arc::new(|_| Duration::ZERO);
        let most: Jitter = Arc::new(|most| most);
        let too_much: Jitter = Arc::new(|_| Duration::MAX);
        // The window, the moment of expiry, both seconds from now; when to ask after an answer and
        // after a failure, for the least and for the most jitter.
        for (name, window, expiry, after_answer, after_failure) in [
            ("an hour's credentials", 300, 3600, (3300, 3450), (30, 15)),
            (
                "in the first half of the window",
                300,
                200,
                (30, 50),
                (30, 15),
            ),
            ("in the second half", 300, 100, (30, 15), (30, 15)),
            ("shorter than the pause", 300, 10, (10, 10), (10, 10)),
            ("no window", 0, 3600, (3600, 3600), (0, 0)),
            (
                "the longest window",
                u64::MAX,
                3600,
                (3600, 3600),
                (3600, 3600),
            ),
        ] {
            for (jitter, after_answer, after_failure) in [
                (&least, after_answer.0, after_failure.0),
                (&most, after_answer.1, after_failure.1),
                (&too_much, after_answer.1, after_failure.1),
            ] {
                let times = RefreshTimes {
                    window: Duration::from_secs(window),
                    jitter: Arc::clone(jitter),
                };
                let (now, expiry) = (at(1000), at(1000 + expiry));
                let (answer, failure) = (at(1000 + after_answer), at(1000 + after_failure));
                assert_eq!(times.after_answer(now, expiry), answer, "{name}");
                assert_eq!(times.after_failure(now, expiry), failure, "{name}");
            }
        }
    }
}
