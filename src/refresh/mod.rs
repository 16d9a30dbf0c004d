//! One mechanism to keep a value, fetch a new one in time, and share each call.
//!
//! [`Refresh`] keeps the value, and a [`Source`] defines how to fetch it and how long it is good. Time and
//! the network come from the source, chance from a [`Jitter`].
//!
//! 1. A value that is not due is returned at once, without a lock.
//! 2. Callers share one call. A caller that leaves does not stop it for the others, and if all leave, the
//!    next caller joins it within [`Source::alone_limit`], and begins a new one after that.
//! 3. While the last value is good, only one caller waits for a new one ([`Refresh::get`]), or none
//!    ([`Refresh::at_hand`], which fetches in a task). Without a good value, all wait.
//! 4. While calls fail, the last good value is returned, unless a failure [withdraws](Source::withdraws) it.
//!    The source sets how soon the next call begins ([`Source::pause`], [`Source::cooldown`]).
//! 5. A call that panics, takes too long, or has lost its runtime is a failure like any other.
//! 6. The age of a value counts from the beginning of its call: a process may be frozen before the answer.
//!    No background task is needed.
//!
//! The users: AWS credentials, key sets, the metadata of a sign-in provider, readiness, and the permission
//! to list a bucket. The calls that keep sessions up (`sso::flights`) use [`Flight`] alone: their outcome
//! belongs to one state of one session and is never asked for again, so there is nothing to refresh.

#[cfg(feature = "jwks")]
mod at_hand;
mod flight;
mod jitter;
mod kept;
mod source;
mod state;
#[cfg(all(test, feature = "jwks", feature = "sigv4", feature = "sso"))]
mod tests;

#[cfg(feature = "jwks")]
pub(crate) use self::at_hand::Newer;
pub(crate) use self::flight::{Flight, Lost};
pub(crate) use self::jitter::Jitter;
pub(crate) use self::source::{Answer, Source};
pub(crate) use self::state::{Refresh, Step};
