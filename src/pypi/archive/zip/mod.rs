//! The ZIP format (APPNOTE.TXT 6.3.10), as far as wheels use it: one disk, stored or deflated members.

mod decoder;
mod directory;
mod end;
mod extra;
mod fields;
mod local;
#[cfg(feature = "upload")]
mod rules;
#[cfg(feature = "upload")]
mod walk;

pub(super) use self::decoder::Decoder;
#[cfg(feature = "upload")]
pub(super) use self::directory::Row;
pub(super) use self::directory::{Entry, Rows};
pub(super) use self::end::{End, TAIL};
pub(super) use self::fields::index;
pub(super) use self::local::{FIXED, LocalHeader};
#[cfg(feature = "upload")]
pub(super) use self::walk::{Directory, Walk};
