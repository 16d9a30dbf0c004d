use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::request::Parts;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use super::reached::{LimitKind, LimitReached};
use crate::client_address::ClientNetwork;
use crate::gate::Identity;

#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) in_all: usize,
    pub(super) per_network: Option<usize>,
    pub(super) per_identity: Option<usize>,
    /// The number of requests that may wait, and for how long.
    pub(super) queue: Option<(usize, Duration)>,
}

/// The room that requests take while they are under way.
#[derive(Debug)]
pub(super) struct Room {
    limits: Limits,
    /// Random, so that no client can choose whose limit it shares.
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    /// Those that have a request under way or waiting.
    sharers: HashMap<Sharer, Share>,
    /// No request here has room for itself, whenever the lock is free.
    queue: VecDeque<Waiter>,
    next_id: u64,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sharer {
    Network(ClientNetwork),
    /// The hash of the method and the subject.
    Identity(u64),
}

#[derive(Debug, Default)]
struct Share {
    running: usize,
    waiting: usize,
}

/// The network and the identity of a request, if they have limits.
type Sharers = [Option<Sharer>; 2];

#[derive(Debug)]
struct Waiter {
    id: u64,
    sharers: Sharers,
    turn: oneshot::Sender<Permit>,
}

/// How a request begins.
pub(super) enum Entry {
    Now(Permit),
    Later(Turn),
    Refused(LimitReached),
}

impl Room {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            hasher: RandomState::new(),
            state: Mutex::default(),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn enter(self: &Arc<Self>, head: &Parts) -> Entry {
        let sharers = self.sharers(head);
        let mut state = self.lock();
        let Some(reached) = self.obstacle(&state, &sharers) else {
            state.start(&sharers);
            return Entry::Now(self.permit(sharers));
        };
        let Some((_, longest_wait)) = self.limits.queue.filter(|(length, _)| {
            let is_within = |sharer| state.share(sharer).waiting < self.limit_of(sharer);
            state.queue.len() < *length && sharers.iter().flatten().all(is_within)
        }) else {
            return Entry::Refused(reached);
        };
        let (sender, permit) = oneshot::channel();
        let id = state.wait(sharers, sender);
        Entry::Later(Turn {
            room: Arc::clone(self),
            id,
            permit,
            longest_wait: Box::pin(sleep(longest_wait)),
            reached,
        })
    }

    fn sharers(&self, head: &Parts) -> Sharers {
        let network = self.limits.per_network;
        let network = network.map(|_| Sharer::Network(ClientNetwork::of_head(head)));
        let identity = self.limits.per_identity;
        let identity = identity.and_then(|_| head.extensions.get::<Identity>());
        let identity = identity.map(|it| self.hasher.hash_one((it.method(), it.subject())));
        [network, identity.map(Sharer::Identity)]
    }

    /// The limit that keeps a request from beginning now.
    fn obstacle(&self, state: &State, sharers: &Sharers) -> Option<LimitReached> {
        if state.running >= self.limits.in_all {
            return Some(LimitReached::new(LimitKind::InAll, self.limits.in_all));
        }
        let mut sharers = sharers.iter().flatten();
        let sharer = sharers.find(|it| state.share(it).running >= self.limit_of(it))?;
        let kind = match sharer {
            Sharer::Network(_) => LimitKind::PerNetwork,
            Sharer::Identity(_) => LimitKind::PerIdentity,
        };
        Some(LimitReached::new(kind, self.limit_of(sharer)))
    }

    fn limit_of(&self, sharer: &Sharer) -> usize {
        let limit = match sharer {
            Sharer::Network(_) => self.limits.per_network,
            Sharer::Identity(_) => self.limits.per_identity,
        };
        limit.unwrap_or(usize::MAX)
    }

    fn permit(self: &Arc<Self>, sharers: Sharers) -> Permit {
        Permit {
            room: Arc::clone(self),
            sharers,
        }
    }

    /// Ends a request, and begins those that have room now.
    fn leave(self: &Arc<Self>, sharers: &Sharers) {
        let mut begun = Vec::new();
        let mut state = self.lock();
        let was_full = state.running >= self.limits.in_all;
        state.end(sharers);
        let mut i = 0;
        while i < state.queue.len() && state.running < self.limits.in_all {
            let waiter = &state.queue[i];
            // The others still wait for a network or an identity of their own.
            let may = was_full
                || waiter
                    .sharers
                    .iter()
                    .flatten()
                    .any(|it| sharers.contains(&Some(*it)));
            if may && self.obstacle(&state, &waiter.sharers).is_none() {
                begun.extend(state.begin(i));
            } else {
                i += 1;
            }
        }
        drop(state);
        for waiter in begun {
            // If the request is gone, its permit is dropped, which takes the lock.
            let _ = waiter.turn.send(self.permit(waiter.sharers));
        }
    }

    // Each change of the state is complete before anything can panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.running == 0 && state.sharers.is_empty() && state.queue.is_empty()
    }
}

impl State {
    fn share(&self, sharer: &Sharer) -> &Share {
        const NONE: &Share = &Share {
            running: 0,
            waiting: 0,
        };
        self.sharers.get(sharer).unwrap_or(NONE)
    }

    fn start(&mut self, sharers: &Sharers) {
        self.running += 1;
        self.change(sharers, |share| share.running += 1);
    }

    fn end(&mut self, sharers: &Sharers) {
        self.running -= 1;
        self.change(sharers, |share| share.running -= 1);
    }

    fn wait(&mut self, sharers: Sharers, turn: oneshot::Sender<Permit>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.queue.push_back(Waiter { id, sharers, turn });
        self.change(&sharers, |share| share.waiting += 1);
        id
    }

    fn begin(&mut self, i: usize) -> Option<Waiter> {
        let waiter = self.stop_waiting(i)?;
        self.start(&waiter.sharers);
        Some(waiter)
    }

    fn stop_waiting(&mut self, i: usize) -> Option<Waiter> {
        let waiter = self.queue.remove(i)?;
        self.change(&waiter.sharers, |share| share.waiting -= 1);
        Some(waiter)
    }

    fn change(&mut self, sharers: &Sharers, change: impl Fn(&mut Share)) {
        for sharer in sharers.iter().flatten() {
            let share = self.sharers.entry(*sharer).or_default();
            change(share);
            if share.running == 0 && share.waiting == 0 {
                self.sharers.remove(sharer);
            }
        }
    }
}

/// The room of one request, which is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    room: Arc<Room>,
    sharers: Sharers,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.room.leave(&self.sharers);
    }
}

/// The place of one request in the queue, which it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    room: Arc<Room>,
    id: u64,
    permit: oneshot::Receiver<Permit>,
    longest_wait: Pin<Box<Sleep>>,
    /// The limit that kept it from beginning.
    reached: LimitReached,
}

impl Future for Turn {
    type Output = Result<Permit, LimitReached>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(Ok(permit)) = Pin::new(&mut self.permit).poll(cx) {
            return Poll::Ready(Ok(permit));
        }
        let reached = self.reached;
        self.longest_wait.as_mut().poll(cx).map(|()| Err(reached))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.room.lock();
        let place = state.queue.iter().position(|waiter| waiter.id == self.id);
        place.and_then(|place| state.stop_waiting(place));
    }
}
