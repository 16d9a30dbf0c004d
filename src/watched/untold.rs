use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// What somebody has yet to hear, in its order.
pub(super) struct Untold<T> {
    waiting: Mutex<VecDeque<T>>,
    /// Whose turn it is to tell.
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

    /// Tells what waits, one after the other, and waits for nobody: where another is at it, that one
    /// tells all of it.
    pub(super) fn tell(&self, hear: impl Fn(T)) {
        // Looked at after each turn, since something may have come at its very end.
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
