//! The whole gateway as one service: log, canonical path, routing, and a stack for each mount.
//!
//! ```text
//! client network → log → pages → canonical path → router → CORS → requests under way → gate → mount path → exchanges → leaf
//!                                                → health, favicon.ico and robots.txt
//! ```
//!
//! The router sees the canonical path, so it, the gate and the signature all use the same path. The gate sees
//! the path of the URL, and the mount's path is removed before the leaf. Health checks are outside of all
//! limits; with an address of their own, they are served there only.

mod cors;
mod gateway;
mod health;
mod limits;
mod mount;
mod router;
mod site_files;

pub(crate) use self::gateway::{Gateway, Plan};
pub(crate) use self::health::HealthPaths;
pub(crate) use self::limits::RequestLimits;

#[cfg(test)]
mod tests;
