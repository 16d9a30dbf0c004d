//! Wheels and source distributions: core metadata out of a few ranged reads.
//!
//! [`MetadataLookup`] finds `METADATA` in a wheel that lies elsewhere. It asks for one range of bytes after
//! the other and needs three at most for most wheels, one for a small wheel.

mod error;
mod lookup;
mod zip;

pub use self::error::{ArchiveError, ArchiveErrorKind};
pub use self::lookup::{MetadataLookup, WheelMetadata};
