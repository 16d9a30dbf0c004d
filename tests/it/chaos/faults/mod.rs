//! What may come in place of S3's answer, and what a client of the gateway may see of it.

mod all;
mod answers;
mod cuts;
mod fault;
mod framing;
mod others;

pub(crate) use self::all::faults;
pub(crate) use self::fault::{Expected, Fault};
