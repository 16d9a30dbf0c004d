use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::login_id::LoginId;
use super::seconds::Seconds;
use super::state::{MAX_AGE, State};
use crate::client_address::ClientNetwork;

/// How many redeemed sign-ins are remembered, in all and of one client network. They take at most about
/// 5 MiB.
const MOST_REMEMBERED: (usize, usize) = (65_536, 4096);

/// The redemptions of this process: those under way, which have limits, and the sign-ins that have been
/// redeemed, each once.
#[derive(Clone)]
pub(super) struct Redemptions {
    in_all: usize,
    per_network: usize,
    under_way: Arc<Mutex<UnderWay>>,
    redeemed: Arc<Mutex<Redeemed>>,
}

#[derive(Default)]
struct UnderWay {
    in_all: usize,
    /// Networks without a redemption have no entry.
    of_networks: HashMap<ClientNetwork, usize>,
}

/// The sign-ins that were redeemed and have not expired, by their start.
///
/// If there are too many, those that started first are forgotten, and whatever started by then counts as
/// redeemed. So nothing is redeemed twice, and only a person is refused who has taken so long that as many
/// other sign-ins, all of which started later, were redeemed meanwhile.
///
/// A network with as many as it may have is refused further ones, so that no network makes others forgotten.
#[derive(Default)]
struct Redeemed {
    ids: BTreeMap<(Seconds, LoginId), ClientNetwork>,
    of_networks: HashMap<ClientNetwork, usize>,
    forgotten_by: Option<Seconds>,
}

/// Why a sign-in is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It counts as redeemed.
    Again,
    /// Its client network has redeemed too many.
    TooMany,
}

impl Redemptions {
    pub(super) fn new(in_all: NonZeroUsize, per_network: NonZeroUsize) -> Self {
        Self {
            in_all: in_all.get(),
            per_network: per_network.get(),
            under_way: Arc::default(),
            redeemed: Arc::default(),
        }
    }

    pub(super) fn with_most_in_all(self, in_all: NonZeroUsize) -> Self {
        Self {
            in_all: in_all.get(),
            ..self
        }
    }

    pub(super) fn with_most_per_network(self, per_network: NonZeroUsize) -> Self {
        Self {
            per_network: per_network.get(),
            ..self
        }
    }

    /// Counts a redemption until the result is dropped. `None` if there are too many.
    pub(super) fn begin(&self, client: ClientNetwork) -> Option<Redemption> {
        let mut under_way = locked(&self.under_way);
        let of_network = under_way.of_networks.get(&client).copied();
        let of_network = of_network.unwrap_or_default();
        if under_way.in_all >= self.in_all || of_network >= self.per_network {
            return None;
        }
        under_way.in_all += 1;
        under_way.of_networks.insert(client, of_network + 1);
        Some(Redemption {
            client,
            under_way: Arc::clone(&self.under_way),
        })
    }

    /// Whether a sign-in counts as redeemed.
    pub(super) fn has(&self, state: &State, now: SystemTime) -> bool {
        let redeemed = locked(&self.redeemed);
        redeemed.has(place_of(state), Seconds::of(now))
    }

    /// Marks a sign-in as redeemed.
    pub(super) fn take(
        &self,
        state: &State,
        client: ClientNetwork,
        now: SystemTime,
    ) -> Result<(), NotTaken> {
        let mut redeemed = locked(&self.redeemed);
        redeemed.take(place_of(state), client, Seconds::of(now), MOST_REMEMBERED)
    }
}

fn place_of(state: &State) -> (Seconds, LoginId) {
    (Seconds::of(state.started_at), state.id)
}

impl Redeemed {
    fn has(&self, place: (Seconds, LoginId), now: Seconds) -> bool {
        // After the clock was set back, it would refuse everybody until it has caught up.
        let forgotten_by = self
            .forgotten_by
            .filter(|&forgotten_by| forgotten_by <= now);
        forgotten_by.is_some_and(|forgotten_by| place.0 <= forgotten_by)
            || self.ids.contains_key(&place)
    }

    fn take(
        &mut self,
        place: (Seconds, LoginId),
        client: ClientNetwork,
        now: Seconds,
        (most, most_of_network): (usize, usize),
    ) -> Result<(), NotTaken> {
        // A callback refuses them by their age.
        while let Some(first) = self.ids.first_key_value()
            && now.since(first.0.0) >= MAX_AGE
        {
            self.forget_first();
        }
        if self.has(place, now) {
            return Err(NotTaken::Again);
        }
        let of_network = self.of_networks.entry(client).or_default();
        if *of_network >= most_of_network {
            return Err(NotTaken::TooMany);
        }
        *of_network += 1;
        self.ids.insert(place, client);
        if self.ids.len() > most {
            self.forgotten_by = self.forgotten_by.max(self.forget_first());
        }
        Ok(())
    }

    /// Forgets the one that started first, and returns when that was.
    fn forget_first(&mut self) -> Option<Seconds> {
        let ((started, _), client) = self.ids.pop_first()?;
        if let Some(of_network) = self.of_networks.get_mut(&client) {
            *of_network -= 1;
            if *of_network == 0 {
                self.of_networks.remove(&client);
            }
        }
        Some(started)
    }
}

/// A redemption that is under way.
pub(super) struct Redemption {
    client: ClientNetwork,
    under_way: Arc<Mutex<UnderWay>>,
}

impl Drop for Redemption {
    fn drop(&mut self) {
        let mut under_way = locked(&self.under_way);
        under_way.in_all -= 1;
        if let Some(of_network) = under_way.of_networks.get_mut(&self.client) {
            *of_network -= 1;
            if *of_network == 0 {
                under_way.of_networks.remove(&self.client);
            }
        }
    }
}

/// No step under a lock can panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Redemptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redemptions")
            .field("in_all", &self.in_all)
            .field("per_network", &self.per_network)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn network(host: u8) -> ClientNetwork {
        ClientNetwork::of(IpAddr::from([192, 0, 2, host]))
    }

    fn limited(in_all: usize, per_network: usize) -> Redemptions {
        let [in_all, per_network] = [in_all, per_network].map(|it| NonZeroUsize::new(it).unwrap());
        Redemptions::new(in_all, per_network)
    }

    #[test]
    fn redemptions_under_way_have_two_limits() {
        let redemptions = limited(3, 2);
        let mut under_way = Vec::new();
        for (name, host, begins) in [
            ("the first", 1, true),
            ("the second of its network", 1, true),
            ("one too many of its network", 1, false),
            ("one of another", 2, true),
            ("one too many in all", 2, false),
            ("of a third network", 3, false),
        ] {
            let begun = redemptions.clone().begin(network(host));
            assert_eq!(begun.is_some(), begins, "{name}");
            under_way.extend(begun);
        }
        under_way.remove(0);
        assert!(redemptions.begin(network(3)).is_some(), "there is room");
        let again = redemptions.begin(network(1));
        assert!(again.is_some(), "its network has room again");
        assert!(redemptions.begin(network(3)).is_none());
        drop((under_way, again));
        let state = locked(&redemptions.under_way);
        assert_eq!((state.in_all, state.of_networks.len()), (0, 0));
    }

    fn place(second: u64, id: u8) -> (Seconds, LoginId) {
        (Seconds::from_number(second), LoginId::from_bytes([id; 16]))
    }

    #[test]
    fn each_sign_in_is_taken_once() {
        let mut redeemed = Redeemed::default();
        for (name, second, start, id, is_taken) in [
            ("one", 1000, 900, 1, true),
            ("again", 1000, 900, 1, false),
            ("another of that second", 1000, 900, 2, true),
            ("one that started earlier", 1000, 500, 3, true),
            ("again at the last moment", 1099, 500, 3, false),
            ("by a clock that was set back", 10, 900, 1, false),
            ("of a gateway that is ahead", 10, 950, 4, true),
        ] {
            let now = Seconds::from_number(second);
            let taken = redeemed.take(place(start, id), network(1), now, (9, 9));
            assert_eq!(taken.is_ok(), is_taken, "{name}");
            assert!(redeemed.has(place(start, id), now), "{name}");
        }
        assert_eq!(redeemed.ids.len(), 4);
        let late = Seconds::from_number(1500);
        assert!(
            redeemed
                .take(place(1500, 5), network(1), late, (9, 9))
                .is_ok()
        );
        assert_eq!(redeemed.ids.len(), 2, "the expired ones have gone");
    }

    #[test]
    fn a_full_memory_forgets_the_earliest_starts() {
        let mut redeemed = Redeemed::default();
        let now = Seconds::from_number(1000);
        for id in 0..4 {
            let place = place(900 + u64::from(id), id);
            assert!(redeemed.take(place, network(id), now, (4, 9)).is_ok());
        }
        for (name, start, id, is_taken) in [
            ("the last that fits", 910, 10, true),
            ("the one that was forgotten", 900, 0, false),
            ("one that started with it", 900, 11, false),
            ("one that started later", 901, 12, true),
            ("one that started with the next", 901, 13, false),
            ("a new one", 1000, 14, true),
            ("it again", 1000, 14, false),
        ] {
            let taken = redeemed.take(place(start, id), network(1), now, (4, 9));
            assert_eq!(taken.is_ok(), is_taken, "{name}");
            assert!(redeemed.ids.len() <= 4, "{name}");
        }
        // Nobody is refused by what was forgotten at a time that is still to come.
        let early = Seconds::from_number(100);
        let taken = redeemed.take(place(100, 20), network(1), early, (4, 9));
        assert!(taken.is_ok());
    }

    #[test]
    fn no_network_makes_others_forgotten() {
        let mut redeemed = Redeemed::default();
        let now = Seconds::from_number(1000);
        let mut take =
            |id, host| redeemed.take(place(900 + u64::from(id), id), network(host), now, (8, 3));
        assert!((10..13).all(|id| take(id, 1).is_ok()));
        for id in 13..30 {
            assert_eq!(take(id, 1), Err(NotTaken::TooMany));
        }
        // It started before all of them.
        assert_eq!(take(1, 2), Ok(()));
        assert_eq!(take(1, 2), Err(NotTaken::Again));
        assert_eq!(take(10, 1), Err(NotTaken::Again));
        redeemed
            .take(
                place(2000, 50),
                network(1),
                Seconds::from_number(2000),
                (8, 3),
            )
            .unwrap();
        assert_eq!((redeemed.ids.len(), redeemed.of_networks.len()), (1, 1));
    }
}
