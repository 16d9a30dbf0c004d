//! Documents that are small and read whole.

mod bearer;
mod client;
mod document;
mod error;
mod reqwest;
mod url;

pub use self::client::{FetchClient, FetchFuture};
pub use self::error::{FetchError, FetchErrorKind};
pub use self::reqwest::ReqwestClient;

pub(crate) use self::bearer::{BearerClient, BearerToken};
pub(crate) use self::document::document;
#[cfg(feature = "sso")]
pub(crate) use self::document::is_plain;
pub(crate) use self::url::{Cleartext, DocumentUrl};
