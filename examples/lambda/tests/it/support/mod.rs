//! What the tests share: Lambda's Runtime API, events, and stores.

mod bucket;
mod event;
mod function;
mod issuer;
mod raw_store;

pub(crate) use self::bucket::Bucket;
pub(crate) use self::event::{Event, basic};
pub(crate) use self::function::{Function, Program};
pub(crate) use self::issuer::Issuer;
pub(crate) use self::raw_store::RawStore;

use std::time::Duration;

/// The deadline of a test that hangs. No passing test waits this long.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);
