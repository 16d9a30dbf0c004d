use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;

use super::error::JwksError;
use super::kept::{Fetched, Kept};
use crate::flight::Flight;

pub(super) type Outcome = Result<Fetched, JwksError>;

#[derive(Default)]
pub(super) struct State {
    /// Stored under the lock, and read without it.
    pub(super) kept: ArcSwapOption<Kept>,
    /// The lock is held for a few steps, and never while one waits.
    pub(super) fetches: Mutex<Fetches>,
}

#[derive(Default)]
pub(super) struct Fetches {
    pub(super) under_way: Option<Flight<Outcome>>,
    pub(super) last: Option<Last>,
}

/// The last fetch that began.
pub(super) struct Last {
    pub(super) began: SystemTime,
    pub(super) succeeded: bool,
}

impl State {
    pub(super) fn fetches(&self) -> MutexGuard<'_, Fetches> {
        // No step under the lock leaves it in a state that is not whole.
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fetches {
    /// The fetch that is under way, unless its time is up and nobody has told how it ended.
    pub(super) fn running(&self) -> Option<&Flight<Outcome>> {
        self.under_way
            .as_ref()
            .filter(|flight| !flight.is_overdue())
    }
}
