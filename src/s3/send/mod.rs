//! Signing a request and sending it, once.
//!
//! [`Sender`] sends any request with any body, and only this folder can call it. Outside it there is
//! [`Reader`], which can send what its [`Question`]s name and nothing else. What writes to a bucket
//! becomes another such type beside it.

mod reader;
mod sender;

pub(crate) use self::reader::ReadMethod;
pub(super) use self::reader::{Question, Reader};
pub(super) use self::sender::Sender;
