//! Wheels and source distributions: core metadata out of a few ranged reads, and the rules for an upload.
//!
//! [`MetadataLookup`] finds `METADATA` in a wheel that lies elsewhere. It asks for one range of bytes after
//! the other and needs three at most for most wheels, one for a small wheel.
//!
//! [`check_wheel`] and [`check_sdist`] judge a file before it is published. They refuse
//!
//! 1. an archive that two readers could understand differently: local headers that contradict the
//!    directory, data before, between or after the members, two members of one name, two gzip streams,
//! 2. a path that leaves the folder of the archive, a link that leads out of it, and special files,
//! 3. an archive that needs too much: see [`ArchiveLimits`],
//! 4. a wheel without exactly the `.dist-info` of its file name, or with other tags than its `WHEEL` file,
//!    or with other contents than its `RECORD`,
//! 5. a source distribution without exactly the one folder of its file name and `PKG-INFO` in it.
//!
//! The public index refuses the same; where this module is stricter, the item says so. An [`ArchiveError`]
//! is meant for the person who uploads: it names the member, and what is wrong with it.
//!
//! [`Digester`] computes the digests of an upload while it arrives.

#[cfg(feature = "upload")]
mod digests;
mod error;
#[cfg(feature = "upload")]
mod limits;
mod lookup;
#[cfg(feature = "upload")]
mod member_path;
#[cfg(feature = "upload")]
mod record;
#[cfg(feature = "upload")]
mod sdist;
#[cfg(feature = "upload")]
mod tar_extensions;
#[cfg(feature = "upload")]
mod tarball;
#[cfg(feature = "upload")]
mod tree;
#[cfg(feature = "upload")]
mod wheel;
#[cfg(feature = "upload")]
mod wheel_file;
mod zip;

#[cfg(feature = "upload")]
pub use self::digests::{Digester, Digests};
pub use self::error::{ArchiveError, ArchiveErrorKind};
#[cfg(feature = "upload")]
pub use self::limits::ArchiveLimits;
pub use self::lookup::{MetadataLookup, WheelMetadata};
#[cfg(feature = "upload")]
pub use self::sdist::check_sdist;
#[cfg(feature = "upload")]
pub use self::wheel::check_wheel;
