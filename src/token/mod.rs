//! Tokens that this gateway issues, kept as digests in a file or in a store of one's own.

mod digest;
mod entry;
mod error;
mod file;
mod format;
mod last_used;
mod record;
mod salted;
mod store;
mod table;
mod tokens;

pub use self::digest::TokenDigest;
pub use self::entry::{NewToken, TokenEntry};
pub use self::error::{TokenFileError, TokenFileErrorKind};
pub use self::file::TokenFile;
pub use self::format::TokenFormat;
pub use self::record::TokenRecord;
pub use self::salted::InsecureSaltedToken;
pub use self::store::{Lookup, LookupFuture, StoreError, TokenStore};
pub use self::table::TokenTable;
pub use self::tokens::Tokens;
