use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// A queue of news for one listener, in their order.
pub(super) struct Untold<T> {
    waiting: Mutex<VecDeque<T>>,
    /// Held by the thread that calls the listener.
    turn: Mutex<()>,
}

impl<T> Untold<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, news: T) {
        self.waiting().push_back(news);
    }

    /// Calls `hear` for all queued news, one after the other. It never waits: if another thread is calling
    /// the listener, that thread takes these news as well.
    pub(super) fn tell(&self, hear: impl Fn(T)) {
        // Checked again after each turn, since news may have been queued at its end.
        while !self.waiting().is_empty() {
            let _turn = match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            loop {
                let next = self.waiting().pop_front();
                let Some(news) = next else { break };
                hear(news);
            }
        }
    }
}
