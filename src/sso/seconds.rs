use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The end of the year 9999.
const END: u64 = 253_402_300_799;

/// Whole seconds since 1970.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub(super) struct Seconds(u64);

impl Seconds {
    pub(super) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs().min(END))
    }

    pub(super) fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }

    pub(super) fn from_number(number: u64) -> Self {
        Self(number.min(END))
    }

    /// The number of seconds.
    pub(super) fn number(self) -> u64 {
        self.0
    }

    pub(super) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()).min(END))
    }

    pub(super) fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }

    /// The time since `earlier`. Zero if `earlier` is later, since a clock may have been set back.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// The time between two moments in either order.
    pub(super) fn apart(self, other: Self) -> Duration {
        Duration::from_secs(self.0.abs_diff(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: u64) -> Seconds {
        Seconds::of(UNIX_EPOCH + Duration::from_secs(number))
    }

    #[test]
    fn seconds_are_whole_and_within_1970_to_9999() {
        let before = UNIX_EPOCH - Duration::from_secs(5);
        for (name, given, number) in [
            (
                "a fraction is dropped",
                seconds(7).time() + Duration::from_millis(999),
                7,
            ),
            ("before 1970", before, 0),
            ("after 9999", seconds(u64::MAX / 2).time(), END),
        ] {
            assert_eq!(Seconds::of(given).number(), number, "{name}");
        }
        assert_eq!(seconds(9).plus(Duration::MAX).number(), END);
        assert_eq!(seconds(9).minus(Duration::MAX).number(), 0);
        assert_eq!(seconds(9).plus(Duration::MAX).time(), seconds(END).time());
    }

    #[test]
    fn a_clock_set_back_makes_nothing_old() {
        let (early, late) = (seconds(10), seconds(25));
        assert_eq!(late.since(early), Duration::from_secs(15));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.apart(late), late.apart(early));
        assert_eq!(early.apart(late), Duration::from_secs(15));
    }
}
