//! Verified JSON Web Tokens, and the keys that verify them.

mod algorithm;
mod base64url;
mod der;
mod error;
mod jwk;
mod key;
mod key_set;
mod key_source;
mod pem;

pub use self::algorithm::Algorithm;
pub use self::error::{KeyError, KeyErrorKind};
pub use self::key_set::KeySet;
pub use self::key_source::{KeySource, NewerKeys, NewerKeysFuture};
