//! Sessions of signed-in people: keys that seal them, and stores.
//!
//! A session holds who has signed in, and the provider's tokens. [`CookieKeys`] seal it, so that nobody
//! else can read or change it. It is kept in one of two places:
//!
//! 1. In the cookie itself, which needs no server. It takes at most two cookies of 4096 bytes; a larger
//!    session is refused at the sign-in. Signing out removes it from the browser, but a copy of the
//!    cookie stays valid until the session ends.
//! 2. In a [`SessionStore`], such as `RedisSessions` of the feature `redis`, under the digest of a random
//!    id, which is in the cookie. Signing out ends the session for every copy of the cookie, and it can
//!    have any size. While the store fails, requests with a session are answered with 503.
//!
//! Cookies are `HttpOnly`, for all paths, and for this host only. If the public URL is https, they are
//! `Secure` and their names begin with `__Host-`, which browsers accept from this host only.
//!
//! # Deployment caveats
//!
//! * Anyone with the secret of [`CookieKeys`] can forge any session. Gateways that share sessions must
//!   share it.
//! * Sessions in a store are sealed too. The store sees when a session is used, but neither who it is nor
//!   its tokens.
//!
//! # Example
//!
//! ```
//! use portcullis::session::CookieKeys;
//!
//! assert!(CookieKeys::new("b7GnQoF3Uo2bBZbG2n4h6pQ8mB0rI7m9c3Rkq5mXb1w=").is_ok());
//! assert!(CookieKeys::new("a password").is_err());
//! ```

mod cookie;
mod error;
mod keys;
mod login_cookie;
#[cfg(feature = "redis")]
pub mod redis;
mod sealer;
mod set_cookie;
mod store;
#[cfg(any(feature = "redis", fuzzing))]
mod vcap_services;

pub use self::error::{SessionStoreError, SessionStoreErrorKind};
pub use self::keys::CookieKeys;
#[cfg(feature = "redis")]
pub use self::redis::RedisSessions;
pub use self::set_cookie::SameSite;
pub use self::store::{SessionStore, StoreFuture};
#[cfg(any(feature = "redis", fuzzing))]
pub use self::vcap_services::vcap_services_url;

pub(crate) use self::cookie::{CookieValue, SessionCookie, TooLarge};
pub(crate) use self::login_cookie::LoginCookie;
pub(crate) use self::sealer::{Sealer, random};
