use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portcullis::client_address::ClientNetwork;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::activity::Activity;

/// The open connections, whose number is limited in all and for each client network.
///
/// When all places are taken, the one that has been idle longest is closed for a new connection, of the
/// network with the most: a client that opens connections and asks for nothing displaces itself.
#[derive(Debug)]
pub(super) struct Connections {
    in_all: usize,
    per_network: usize,
    state: Mutex<State>,
    /// Wakes those that wait for a place or for the end of the last connection. A connection that
    /// becomes idle has a place for others, too.
    left: Arc<Notify>,
}

/// The connections that were closed for others and whose sockets are still open. Beyond them a new one
/// waits, so that a burst of connections does not use up the descriptors.
const CLOSING: usize = 16;

/// How often a connection that waits for a place looks for a client that takes nothing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct State {
    open: HashMap<u64, Open>,
    networks: HashMap<ClientNetwork, usize>,
    closing: usize,
    next_id: u64,
}

#[derive(Debug)]
struct Open {
    /// `None` for a trusted proxy, whose connections are those of many clients.
    network: Option<ClientNetwork>,
    activity: Arc<Activity>,
}

/// The places are taken, and no connection is idle, or enough are being closed.
#[derive(Debug, PartialEq, Eq)]
enum Full {
    InAll,
    OfNetwork,
}

impl Connections {
    pub(super) fn new(in_all: usize, per_network: usize) -> Self {
        Self {
            in_all,
            per_network,
            state: Mutex::default(),
            left: Arc::default(),
        }
    }

    /// What a new connection does.
    pub(super) fn activity(&self) -> Arc<Activity> {
        Activity::begin(Arc::clone(&self.left))
    }

    /// Takes a place, and waits for one if a request is under way on all connections. Returns `None` if
    /// the client's own network has them.
    pub(super) async fn place(
        self: &Arc<Self>,
        network: Option<ClientNetwork>,
        activity: &Arc<Activity>,
    ) -> Option<Place> {
        loop {
            let taken = self.lock().take(self, network, activity);
            match taken {
                Ok(id) => {
                    return Some(Place {
                        connections: Arc::clone(self),
                        id,
                    });
                }
                Err(Full::OfNetwork) => return None,
                // A place that is left in the meantime has left a notice.
                // That a client takes nothing is not told.
                Err(Full::InAll) => {
                    let _ = timeout(LOOK_AGAIN, self.left.notified()).await;
                }
            }
        }
    }

    pub(super) fn number(&self) -> usize {
        self.lock().open.len()
    }

    /// Completes when no connection is open.
    pub(super) async fn none(&self) {
        while self.number() > 0 {
            self.left.notified().await;
        }
    }

    // Each change of the state is complete before anything can panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(
        &mut self,
        limits: &Connections,
        network: Option<ClientNetwork>,
        activity: &Arc<Activity>,
    ) -> Result<u64, Full> {
        if self.closing >= CLOSING {
            return Err(Full::InAll);
        }
        if network.is_some() && self.of(network) >= limits.per_network {
            self.evict(|open| open.network == network)
                .ok_or(Full::OfNetwork)?;
        } else if self.open.len() >= limits.in_all {
            self.evict(|_| true).ok_or(Full::InAll)?;
        }
        let id = self.next_id;
        self.next_id += 1;
        let activity = Arc::clone(activity);
        self.open.insert(id, Open { network, activity });
        self.count(network);
        Ok(id)
    }

    /// Closes the connection that has been idle longest, of the network with the most. If none is idle,
    /// one whose client takes nothing.
    fn evict(&mut self, may: impl Fn(&Open) -> bool) -> Option<()> {
        let candidates = self.open.iter().filter(|(_, open)| may(open));
        let idle = candidates.filter_map(|(id, open)| {
            let (is_idle, since) = open.activity.displaceable()?;
            Some((is_idle, self.of(open.network), Reverse(since), *id))
        });
        let (_, _, _, id) = idle.max()?;
        self.leave(id)?.activity.evict();
        self.closing += 1;
        Some(())
    }

    /// Counts a connection without a network as one of this network. Returns whether its share, or an idle
    /// connection of its own, has room.
    fn give(&mut self, id: u64, network: ClientNetwork, limits: &Connections) -> bool {
        let network = Some(network);
        if self.of(network) >= limits.per_network
            && self.evict(|open| open.network == network).is_none()
        {
            return false;
        }
        let Some(open) = self.open.get_mut(&id) else {
            return false;
        };
        open.network = network;
        self.count(network);
        true
    }

    fn count(&mut self, network: Option<ClientNetwork>) {
        if let Some(network) = network {
            *self.networks.entry(network).or_default() += 1;
        }
    }

    /// The number of connections of a network.
    fn of(&self, network: Option<ClientNetwork>) -> usize {
        let number = network.and_then(|network| self.networks.get(&network));
        number.copied().unwrap_or(0)
    }

    fn leave(&mut self, id: u64) -> Option<Open> {
        let open = self.open.remove(&id)?;
        if let Some(network) = open.network
            && let Some(number) = self.networks.get_mut(&network)
        {
            *number -= 1;
            if *number == 0 {
                self.networks.remove(&network);
            }
        }
        Some(open)
    }
}

/// The place of a connection, which is free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    id: u64,
}

impl Place {
    /// Counts the connection, until now that of a proxy, as one of the client's network. Returns whether
    /// the network has room for it; without room it must be closed.
    pub(super) fn give_to(&self, network: ClientNetwork) -> bool {
        let connections = &self.connections;
        connections.lock().give(self.id, network, connections)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        // An evicted connection has left already.
        if state.leave(self.id).is_none() {
            state.closing -= 1;
        }
        drop(state);
        self.connections.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use http::Version;
    use tokio::time::sleep;

    use super::*;
    use crate::server::activity::UnderWay;

    struct Client {
        activity: Arc<Activity>,
        place: Option<Place>,
        request: Option<UnderWay>,
    }

    impl Client {
        /// Whether its connection was closed for another.
        async fn is_evicted(&self) -> bool {
            let evicted = self.activity.evicted();
            timeout(Duration::ZERO, evicted).await.is_ok()
        }
    }

    fn network(number: u8) -> Option<ClientNetwork> {
        (number > 0).then(|| ClientNetwork::of([192, 0, 2, number].into()))
    }

    /// Opens a connection, a second after the one before.
    async fn open(connections: &Arc<Connections>, from: u8, asks: bool) -> Client {
        sleep(Duration::from_secs(1)).await;
        let activity = connections.activity();
        let request = asks.then(|| activity.request(Version::HTTP_11));
        let place = connections.place(network(from), &activity).await;
        Client {
            activity,
            place,
            request,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_of_the_largest_network_is_closed() {
        // Network, and whether a request is under way; 0 is a proxy.
        for (name, open_before, newcomer, closed) in [
            (
                "all idle, one network",
                vec![(1, false), (1, false), (1, false)],
                1,
                Some(0),
            ),
            (
                "another network",
                vec![(1, false), (1, false), (1, false)],
                2,
                Some(0),
            ),
            (
                "the first has a request",
                vec![(1, true), (1, false), (1, false)],
                2,
                Some(1),
            ),
            (
                "the largest network",
                vec![(2, false), (1, false), (1, false)],
                3,
                Some(1),
            ),
            (
                "a proxy has no share",
                vec![(0, false), (0, false), (1, false)],
                0,
                Some(2),
            ),
            (
                "proxies alone",
                vec![(0, false), (0, false), (0, false)],
                0,
                Some(0),
            ),
            ("there is room", vec![(1, false), (2, false)], 3, None),
        ] {
            let connections = Arc::new(Connections::new(3, 3));
            let mut before = Vec::new();
            for (from, asks) in open_before {
                before.push(open(&connections, from, asks).await);
            }
            let new = open(&connections, newcomer, false).await;
            assert!(new.place.is_some(), "{name}");
            for (i, client) in before.iter().enumerate() {
                assert_eq!(client.is_evicted().await, Some(i) == closed, "{name}: {i}");
            }
            drop((before, new));
            assert_eq!(connections.number(), 0, "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_beyond_its_share_displaces_itself() {
        let connections = Arc::new(Connections::new(9, 2));
        let other = open(&connections, 2, false).await;
        let mut first = open(&connections, 1, false).await;
        let second = open(&connections, 1, true).await;
        let third = open(&connections, 1, true).await;
        assert!(first.is_evicted().await && !other.is_evicted().await);
        // A connection that was closed for another leaves once only.
        first.place = None;
        let fourth = open(&connections, 1, false).await;
        assert!(fourth.place.is_none(), "none of its own is idle");
        assert!(open(&connections, 0, false).await.place.is_some());
        drop(second.request);
        let fifth = open(&connections, 1, false).await;
        assert!(fifth.place.is_some());
        assert!(second.activity.displaceable().is_some() && third.request.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxied_connection_takes_its_clients_share() {
        let connections = Arc::new(Connections::new(9, 2));
        let [first, busy] = [
            open(&connections, 0, false).await,
            open(&connections, 0, true).await,
        ];
        let give = |client: &Client| {
            let place = client.place.as_ref().unwrap();
            place.give_to(network(1).unwrap())
        };
        assert!(give(&first) && give(&busy));
        let third = open(&connections, 0, true).await;
        assert!(give(&third) && first.is_evicted().await && !busy.is_evicted().await);
        assert!(
            !give(&open(&connections, 0, false).await),
            "none of its own is idle"
        );
        assert!(open(&connections, 1, false).await.place.is_none());
        drop(busy);
        assert!(give(&open(&connections, 0, false).await));
        drop((first, third));
        assert_eq!(connections.number(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_gives_way() {
        let connections = Arc::new(Connections::new(2, 2));
        let mut stalled = open(&connections, 1, true).await;
        let waits_for_s3 = open(&connections, 1, true).await;
        stalled.request.as_mut().unwrap().give();
        let second = open(&connections, 2, false).await;
        assert!(second.place.is_some() && stalled.is_evicted().await);
        assert!(!waits_for_s3.is_evicted().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_awaited_while_none_is_idle() {
        let connections = Arc::new(Connections::new(1, 1));
        let first = open(&connections, 1, true).await;
        let waiting = open(&connections, 2, false);
        let mut waiting = std::pin::pin!(waiting);
        assert!(
            timeout(Duration::from_hours(1), waiting.as_mut())
                .await
                .is_err()
        );
        // It stays open, and is idle now.
        drop(first.request);
        let second = waiting.await;
        assert!(second.place.is_some() && first.activity.displaceable().is_some());
        drop((first.place, second));
        connections.none().await;
    }

    #[tokio::test(start_paused = true)]
    async fn sockets_of_closed_connections_are_bounded() {
        let connections = Arc::new(Connections::new(CLOSING, CLOSING));
        let mut before = Vec::new();
        for _ in 0..2 * CLOSING {
            before.push(open(&connections, 1, false).await);
        }
        let mut further = std::pin::pin!(open(&connections, 1, false));
        let hour = Duration::from_hours(1);
        assert!(timeout(hour, further.as_mut()).await.is_err());
        before.remove(0);
        assert!(further.await.place.is_some());
        drop(before);
        assert_eq!(connections.number(), 0);
    }
}
