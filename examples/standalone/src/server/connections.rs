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
mod tests;
