//! What the tests share: the program as a child process, a client, and a store.

mod client;
mod demo;
mod gateway;
mod program;
mod stalled;
mod store;
mod tls;
mod token;

pub(crate) use self::client::{Answer, Authorization, Connection, KeepAlive, get, request};
pub(crate) use self::demo::Demo;
pub(crate) use self::gateway::Gateway;
pub(crate) use self::program::{Output, Program};
pub(crate) use self::stalled::Stalled;
pub(crate) use self::store::Store;
pub(crate) use self::tls::{Identity, Protocol, TlsClient, ask, read};
pub(crate) use self::token::{ISSUER_KEY, token, token_for, token_until};

use std::time::Duration;

/// No test waits for this long; it ends one that has gone wrong.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);
