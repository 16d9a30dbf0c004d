//! Sessions: what seals a cookie, and where a session is kept.

mod cookie;
mod error;
mod keys;
#[cfg(feature = "redis")]
mod redis;
mod sealer;
mod store;
#[cfg(any(feature = "redis", fuzzing))]
mod vcap_services;

pub use self::cookie::SameSite;
pub use self::error::{StoreError, StoreErrorKind};
pub use self::keys::CookieKeys;
#[cfg(feature = "redis")]
pub use self::redis::RedisSessions;
pub use self::store::{SessionStore, StoreFuture};
#[cfg(any(feature = "redis", fuzzing))]
pub use self::vcap_services::vcap_services_url;

pub(crate) use self::cookie::{CookieValue, SessionCookie, TooLarge};
pub(crate) use self::keys::random;
pub(crate) use self::sealer::Sealer;
