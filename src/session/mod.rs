//! Sessions: what seals a cookie, and where a session is kept.

mod cookie;
mod error;
mod keys;
#[cfg(feature = "redis")]
mod redis;
mod sealer;
mod store;
