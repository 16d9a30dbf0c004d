use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::client::ClientNetwork;

const SLOTS: usize = 1024;
/// As long as a marker stays in the store.
const WINDOW: Duration = Duration::from_mins(10);

/// How many sign-ins the clients of one network may begin in ten minutes with a marker in the session
/// store; those after them begin without.
///
/// The table has 1,024 slots and never grows. Networks that fall into one slot share a budget. So there
/// are at most 1,024 times twice the budget of markers at any moment, which is 614,400 with the default of
/// 300: twice, because a window may follow at once on another that was spent in its last moment.
pub(crate) struct StartBudget {
    per_network: u32,
    /// Random, so that nobody can choose whom to share a slot with.
    hasher: RandomState,
    /// In each the window of ten minutes that it counts in, and the count in its lower half.
    slots: Box<[AtomicU64]>,
}

impl StartBudget {
    pub(crate) fn new(per_network: NonZeroU32) -> Self {
        Self {
            per_network: per_network.get(),
            hasher: RandomState::new(),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts a start; `false` where the budget is spent.
    pub(crate) fn spend(&self, network: ClientNetwork, now: SystemTime) -> bool {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let window = since.unwrap_or_default().as_secs() / WINDOW.as_secs();
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is small")]
        let slot = (self.hasher.hash_one(network) % SLOTS as u64) as usize;
        let counted = self.slots[slot].try_update(Ordering::Relaxed, Ordering::Relaxed, |slot| {
            let count = if slot >> 32 == window {
                slot & 0xFFFF_FFFF
            } else {
                0
            };
            let may = count < u64::from(self.per_network);
            may.then_some(window << 32 | (count + 1))
        });
        counted.is_ok()
    }
}

impl fmt::Debug for StartBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartBudget")
            .field("per_network", &self.per_network)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn at(secs: u64) -> SystemTime {
        START + Duration::from_secs(secs)
    }

    #[test]
    fn a_network_may_begin_so_many_in_ten_minutes() {
        let budget = StartBudget::new(NonZeroU32::new(2).unwrap());
        let network = ClientNetwork::V4(7);
        for (name, time, may) in [
            ("the first", at(600), true),
            ("the second", at(1199), true),
            ("the third", at(1199), false),
            ("the fourth", at(1199), false),
            ("the first of the next ten minutes", at(1200), true),
            ("the second of them", at(1200), true),
            ("the third of them", at(1799), false),
            ("a clock that is set back", at(600), true),
            (
                "a clock before its time",
                START - Duration::from_secs(1),
                true,
            ),
        ] {
            assert_eq!(budget.spend(network, time), may, "{name}");
        }
    }

    #[test]
    fn one_network_spends_nothing_of_another_unless_they_share_a_slot() {
        let budget = StartBudget::new(NonZeroU32::MIN);
        let networks = (0..100_000).map(ClientNetwork::V4);
        let may = networks
            .filter(|&network| budget.spend(network, at(0)))
            .count();
        assert!((SLOTS / 2..=SLOTS).contains(&may), "{may}");
    }

    #[test]
    fn threads_spend_one_budget() {
        let budget = StartBudget::new(NonZeroU32::new(1000).unwrap());
        let spend = || {
            let network = ClientNetwork::Unknown;
            (0..400).filter(|_| budget.spend(network, at(0))).count()
        };
        let begun: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(spend)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(begun, 1000);
    }
}
