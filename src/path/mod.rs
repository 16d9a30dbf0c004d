//! Canonical paths and object keys.
//!
//! A path is percent-decoded once, to bytes, and checked by those bytes. An allowed path has exactly one
//! canonical spelling: every byte except `A-Z a-z 0-9 - . _ ~ /` as an upper-case `%XX` (the unreserved
//! characters of RFC 3986 section 2.3, as in the canonical URI of SigV4).
//!
//! Refused, in any encoding:
//!
//! 1. a path that does not begin with `/`;
//! 2. a `%` without two hexadecimal digits after it;
//! 3. bytes that are not UTF-8;
//! 4. the control bytes `00` to `1F` and `7F`;
//! 5. a backslash;
//! 6. a segment `..`.
//!
//! A segment `.` is removed, in any encoding (RFC 3986 section 5.2.4): `/a/./b` is `/a/b`, and `/a/.` is
//! `/a/`. An encoded slash is a slash everywhere, and an empty segment is part of the path.
//!
//! An object key is made only of the canonical spelling. So the path that is routed and authorised, the
//! key that is signed and the path that is sent are one value, and a stack without
//! [`CanonicalPathLayer`](crate::CanonicalPathLayer) refuses paths that its router and its store would
//! read differently.
//!
//! ```
//! use portcullis::path::{RequestPath, KeyPrefix, ObjectKey};
//!
//! let path = RequestPath::parse("/%70rivate/a+b").unwrap();
//! assert_eq!(path.as_str(), "/private/a%2Bb");
//! assert!(RequestPath::parse("/public/%2e%2e/private").is_err());
//!
//! let prefix = KeyPrefix::new("packages").unwrap();
//! let key = ObjectKey::from_path(path.as_str(), &prefix).unwrap();
//! assert_eq!(key.as_str(), "packages/private/a+b");
//! assert_eq!(key.encoded(), "packages/private/a%2Bb");
//! assert!(ObjectKey::from_path("/private/a+b", &prefix).is_err());
//! ```

mod alternate;
mod canonical;
mod encode;
mod error;
mod folder;
mod key;

pub use self::alternate::AlternatePath;
pub use self::canonical::RequestPath;
pub(crate) use self::canonical::replace_path;
pub use self::error::{PathError, PathErrorKind};
pub(crate) use self::folder::folder_location;
pub use self::folder::{FolderRedirect, IndexDocument};
pub use self::key::{KeyPrefix, ObjectKey};

#[cfg(feature = "s3-proxy")]
pub(crate) use self::encode::decode as percent_decode;
#[cfg(feature = "sigv4")]
pub(crate) use self::encode::encode_component_into;
