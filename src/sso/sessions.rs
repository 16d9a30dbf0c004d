use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;

use super::config::Config;
use super::provider::Grant;
use crate::gate::Decision;
use crate::session::StoreError;

/// What the upkeep of sessions shares between the requests of this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {}

/// Begins a session under a new id, and gives the `Set-Cookie` lines for it.
pub(super) async fn begin(
    config: &Config,
    grant: Grant,
    head: &Parts,
) -> Result<Vec<HeaderValue>, BeginError> {
    todo!()
}

/// Decides about a request by the session that its cookie shows.
pub(super) fn decide(config: &Arc<Config>, head: &Parts) -> Decision {
    todo!()
}

/// Whether a request shows a session that has not ended.
pub(super) async fn is_signed_in(config: &Config, head: &Parts) -> bool {
    todo!()
}

/// Why no session could begin.
#[derive(Debug)]
pub(super) enum BeginError {
    /// It does not fit into the cookie.
    TooLarge,
    Store(StoreError),
}

impl fmt::Display for BeginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for BeginError {}
