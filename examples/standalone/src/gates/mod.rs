//! The ways to sign in to a mount: a file or a folder for each, with its settings, their judge and its
//! method.
//!
//! Each has a `Document`, filled by the table of its name in `[[mounts]]` or by flags and variables, and
//! a function `judge` that makes a [`SignIn`](access::SignIn) of it.

mod access;
pub(crate) mod basic;
mod context;
mod htpasswd;
pub(crate) mod jwt;
mod people;
mod scopes;
pub(crate) mod sso;
pub(crate) mod tokens;

pub(crate) use self::access::{Access, Gate, Gates, Method};
pub(crate) use self::context::Context;
pub(crate) use self::people::{People, Profile};
