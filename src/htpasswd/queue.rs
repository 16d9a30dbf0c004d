use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};

use crate::client_address::ClientNetwork;

/// Who asks for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asker {
    pub(super) network: ClientNetwork,
    /// A keyed digest of the name that the client claims.
    pub(super) user: u64,
}

/// What waits for a thread, in a fair order: the site that had least of the last turns is next, within it
/// the network, and within that the user that had least of them. Equals are served in the order of their
/// arrival. A site with many networks of IPv6 has no more turns than one with a single address.
///
/// So a network waits for those that had fewer turns, however many checks another one asks for, and a user
/// is not kept waiting by the guesses at another name.
pub(super) struct FairQueue<T> {
    waiting: VecDeque<Waiting<T>>,
    sites: Turns,
    networks: Turns,
    users: Turns,
}

struct Waiting<T> {
    asker: Asker,
    /// The places of the asker in `sites`, `networks` and `users`.
    places: (usize, usize, usize),
    item: T,
}

impl<T> FairQueue<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            sites: Turns::new(),
            networks: Turns::new(),
            users: Turns::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn push(&mut self, asker: Asker, item: T) {
        let places = (
            self.sites.place(asker.network.site()),
            self.networks.place(asker.network),
            self.users.place(asker.user),
        );
        self.waiting.push_back(Waiting {
            asker,
            places,
            item,
        });
    }

    /// Takes the next.
    pub(super) fn pop(&mut self) -> Option<T> {
        // The first of those that had as few turns.
        let least = |i: &usize| self.turns(&self.waiting[*i]);
        let next = (0..self.waiting.len()).min_by_key(least)?;
        let next = self.waiting.remove(next)?;
        self.sites.take(next.places.0);
        self.networks.take(next.places.1);
        self.users.take(next.places.2);
        Some(next.item)
    }

    /// Takes the newest of the site that has the most waiting, within it of the network and of the user that has.
    /// Between equals, it is the one that had more turns.
    pub(super) fn pop_last(&mut self) -> Option<T> {
        let mut of_site: HashMap<ClientNetwork, usize> = HashMap::new();
        let mut of_network: HashMap<ClientNetwork, usize> = HashMap::new();
        let mut of_asker: HashMap<Asker, usize> = HashMap::new();
        for Waiting { asker, .. } in &self.waiting {
            *of_site.entry(asker.network.site()).or_default() += 1;
            *of_network.entry(asker.network).or_default() += 1;
            *of_asker.entry(*asker).or_default() += 1;
        }
        // The last of those that are equal.
        let most = |i: &usize| {
            let waiting = &self.waiting[*i];
            let (site, network, user) = self.turns(waiting);
            let asker = &waiting.asker;
            let of_site = of_site[&asker.network.site()];
            let of_network = of_network[&asker.network];
            (of_site, site, of_network, network, of_asker[asker], user)
        };
        let last = (0..self.waiting.len()).max_by_key(most)?;
        self.waiting.remove(last).map(|last| last.item)
    }

    fn turns(&self, waiting: &Waiting<T>) -> (u32, u32, u32) {
        let (site, network, user) = waiting.places;
        let network = self.networks.counts[network];
        (self.sites.counts[site], network, self.users.counts[user])
    }
}

/// How often each had its turn, in places that several share by chance: bounded, whoever asks.
struct Turns {
    hasher: RandomState,
    counts: Box<[u32]>,
    taken: u32,
}

/// How many places there are.
const PLACES: usize = 1024;

/// The counts are halved after this many turns, so that little more than these count: who was served a while
/// ago has not lost its turn, and who has just come is before all who were served.
const REMEMBERED: u32 = 16;

/// What a turn counts for. It is worth nothing after it was halved nine times.
const TURN: u32 = 1 << 8;

impl Turns {
    fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            counts: vec![0; PLACES].into(),
            taken: 0,
        }
    }

    fn place(&self, key: impl Hash) -> usize {
        usize::try_from(self.hasher.hash_one(key) % PLACES as u64).unwrap_or(0)
    }

    fn take(&mut self, place: usize) {
        self.counts[place] += TURN;
        self.taken += 1;
        if self.taken == REMEMBERED {
            self.taken = 0;
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn asker(network: u8, user: u64) -> Asker {
        let network = ClientNetwork::of(Ipv4Addr::new(10, 0, 0, network).into());
        Asker { network, user }
    }

    /// A queue of these, in their order, each by its place among them.
    fn queue(askers: &[(u8, u64)]) -> FairQueue<usize> {
        let mut queue = FairQueue::new();
        for (i, (network, user)) in askers.iter().enumerate() {
            queue.push(asker(*network, *user), i);
        }
        queue
    }

    fn all(mut queue: FairQueue<usize>) -> Vec<usize> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn networks_take_turns_and_users_within_them() {
        for (name, askers, order) in [
            ("nobody", &[][..], &[][..]),
            ("one network", &[(1, 1), (1, 1), (1, 1)], &[0, 1, 2]),
            (
                "two networks",
                &[(1, 1), (1, 1), (2, 2), (2, 2)],
                &[0, 2, 1, 3],
            ),
            ("one user of two", &[(1, 1), (1, 1), (2, 1)], &[0, 2, 1]),
            ("two users of one", &[(1, 1), (1, 1), (1, 2)], &[0, 2, 1]),
            (
                "networks before users",
                &[(1, 1), (1, 2), (1, 3), (2, 4), (2, 4)],
                &[0, 3, 1, 4, 2],
            ),
        ] {
            assert_eq!(all(queue(askers)), order, "{name}");
        }
    }

    #[test]
    fn who_was_not_served_yet_is_next() {
        // Many networks guess at one name.
        let mut queue = FairQueue::new();
        for round in 0..3 {
            (0..20).for_each(|network| queue.push(asker(network, 1), round));
        }
        for _ in 0..30 {
            assert!(queue.pop().is_some());
        }
        queue.push(asker(200, 1), 100);
        queue.push(asker(5, 2), 101);
        assert_eq!(queue.pop(), Some(100), "of a network that was not served");
        // Of those that were served as often, a user at whose name nobody guesses.
        let mut left = std::iter::from_fn(|| queue.pop());
        assert!(left.by_ref().take(20).any(|item| item == 101));
    }

    #[test]
    fn a_site_of_many_networks_has_the_turns_of_one() {
        let of_site = |network: u128| {
            let address = Ipv6Addr::from((0x2001_0db8_0001 << 80) | (network << 64));
            Asker {
                network: ClientNetwork::of(address.into()),
                user: 1,
            }
        };
        let mut queue = FairQueue::new();
        (0..60).for_each(|network| queue.push(of_site(network), 0));
        (0..20).for_each(|_| assert_eq!(queue.pop(), Some(0)));
        queue.push(asker(1, 2), 1);
        assert_eq!(queue.pop_last(), Some(0), "the newcomer keeps its place");
        assert_eq!(queue.pop(), Some(1), "and is next");
    }

    #[test]
    fn the_newest_of_the_fullest_network_is_dropped() {
        for (name, askers, dropped) in [
            ("one", &[(1, 1)][..], 0),
            ("the newest of one user", &[(1, 1), (1, 1)], 1),
            ("the fullest network", &[(1, 1), (1, 1), (2, 1)], 1),
            (
                "the newcomer, if its network has the most",
                &[(2, 1), (1, 1), (1, 1)],
                2,
            ),
            ("the newcomer among equals", &[(1, 1), (2, 1)], 1),
            ("the user who has the most", &[(1, 1), (1, 1), (1, 2)], 1),
        ] {
            assert_eq!(queue(askers).pop_last(), Some(dropped), "{name}");
        }
        assert_eq!(queue(&[]).pop_last(), None);
        let mut queue = queue(&[(1, 1)]);
        queue.pop();
        queue.push(asker(1, 1), 1);
        queue.push(asker(2, 2), 2);
        assert_eq!(
            queue.pop_last(),
            Some(1),
            "who was served goes before a newcomer"
        );
    }
}
