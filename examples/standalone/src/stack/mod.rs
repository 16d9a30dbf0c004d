//! The whole gateway as one service: log, canonical path, routing, and a stack for each mount.
//!
//! ```text
//! log → canonical path → router → gate → index rewrite → mount path → S3
//!                               → health
//! ```
//!
//! The router sees the one spelling of a path, so what it chose, what the gate judged and what is
//! signed are the same. Gate and index see the path of the URL, and the mount's path is taken off
//! just before the leaf.

mod endpoint;
mod gateway;
mod health;
mod mount_path;
mod router;
mod streaming_proxy;

pub(crate) use self::gateway::gateway;
pub(crate) use self::health::HealthPaths;
pub(crate) use self::streaming_proxy::as_the_streaming_proxy;

#[cfg(test)]
mod tests;
