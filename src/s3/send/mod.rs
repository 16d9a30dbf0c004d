//! Signing a request and sending it, once.
//!
//! [`Sender`] sends any request with any body, and only this folder can call it. Outside it there is
//! [`Reader`], which can send what its [`Question`]s name and nothing else, and `Writer` with its `Command`s.

mod reader;
mod sender;
#[cfg(feature = "s3-write")]
mod writer;

pub(crate) use self::reader::ReadMethod;
pub(super) use self::reader::{Question, Reader};
pub(super) use self::sender::Sender;
#[cfg(feature = "s3-write")]
pub(super) use self::writer::{Command, Writer};
