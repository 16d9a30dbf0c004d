use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::client_address::ClientNetwork;

const SLOTS: usize = 1024;
/// As long as a marker stays in the store.
const WINDOW: Duration = Duration::from_mins(10);

/// The number of sign-ins per client network and ten minutes that get a marker in the session store.
/// Further sign-ins get none.
///
/// The table has 1,024 slots and never grows. Networks that hash to the same slot share its budget. At any
/// moment there are at most 1,024 times twice the budget of markers (614,400 with the default of 300). It is
/// twice because a window that was spent in its last moment can be followed at once by the next.
pub(super) struct StartBudget {
    per_network: u32,
    /// Random, so that a client cannot choose which network it shares a slot with.
    hasher: RandomState,
    /// The upper half of each is the window of ten minutes that it counts, the lower half the count.
    slots: Box<[AtomicU64]>,
}

impl StartBudget {
    pub(super) fn new(per_network: NonZeroU32) -> Self {
        Self {
            per_network: per_network.get(),
            hasher: RandomState::new(),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts a start. Returns `false` if the budget of the client's network is spent.
    pub(super) fn spend(&self, client: ClientNetwork, now: SystemTime) -> bool {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let window = since.unwrap_or_default().as_secs() / WINDOW.as_secs();
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is small")]
        let slot = (self.hasher.hash_one(client) % SLOTS as u64) as usize;
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
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn at(secs: u64) -> SystemTime {
        START + Duration::from_secs(secs)
    }

    #[test]
    fn a_network_has_a_budget_for_ten_minutes() {
        let budget = StartBudget::new(NonZeroU32::new(2).unwrap());
        let client = ClientNetwork::of(IpAddr::from([192, 0, 2, 7]));
        for (name, time, may) in [
            ("the first", at(600), true),
            ("the second", at(1199), true),
            ("the third", at(1199), false),
            ("the fourth", at(1199), false),
            ("the first of the next ten minutes", at(1200), true),
            ("the second of those", at(1200), true),
            ("the third of those", at(1799), false),
            ("a clock that is set back", at(600), true),
            ("a clock before 1970", START - Duration::from_secs(1), true),
        ] {
            assert_eq!(budget.spend(client, time), may, "{name}");
        }
    }

    #[test]
    fn networks_share_a_budget_only_in_one_slot() {
        let budget = StartBudget::new(NonZeroU32::MIN);
        let clients = (0..100_000_u32).map(|bits| ClientNetwork::of(Ipv4Addr::from(bits).into()));
        let may = clients
            .filter(|&client| budget.spend(client, at(0)))
            .count();
        assert!((SLOTS / 2..=SLOTS).contains(&may), "{may}");
    }

    #[test]
    fn threads_spend_one_budget() {
        let budget = StartBudget::new(NonZeroU32::new(1000).unwrap());
        let spend = || {
            (0..400)
                .filter(|_| budget.spend(ClientNetwork::UNKNOWN, at(0)))
                .count()
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
