//! The whole gateway as one service: log, canonical path, routing, and a stack for each mount.
//!
//! ```text
//! log → canonical path → router → gate → mount path → leaf
//!                               → health
//! ```
//!
//! The router sees the canonical path, so it, the gate and the signature all use the same path. The gate sees the path of the URL, and the mount's path is taken off before
//! the leaf.

mod gateway;
mod health;
mod mount;
mod router;

pub(crate) use self::gateway::gateway;
pub(crate) use self::health::HealthPaths;

#[cfg(test)]
mod tests;
