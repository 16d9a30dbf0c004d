//! What the tests share: the program as a child process, clients, and fakes of S3, of an identity
//! provider and of Redis.

mod browser;
mod client;
mod demo;
mod gateway;
mod idp;
mod program;
mod redis;
mod stalled;
mod store;
mod streaming_site;
mod tls;
mod token;

pub(crate) use self::browser::Browser;
pub(crate) use self::client::{Answer, Authorization, Connection, KeepAlive, get, request};
pub(crate) use self::demo::Demo;
pub(crate) use self::gateway::Gateway;
pub(crate) use self::idp::{CLIENT, CLIENT_SECRET, Idp};
pub(crate) use self::program::{Output, Program, address_in};
pub(crate) use self::redis::Redis;
pub(crate) use self::stalled::Stalled;
pub(crate) use self::store::{KEYS, OBJECT, Store, accept_object};
pub(crate) use self::streaming_site::StreamingSite;
pub(crate) use self::tls::{Identity, Protocol, TlsClient, ask, read};
pub(crate) use self::token::{
    ISSUER_KEY, now, signed, signed_by_secret, token, token_for, token_until,
};

use std::time::Duration;

/// The deadline of a test that hangs. No passing test waits this long.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);
