//! Sessions: what seals a cookie, and where a session is kept.
//!
//! A session is what is known of somebody who has signed in: who they are, and the tokens that the
//! provider gave. [`CookieKeys`] seal it, so that nobody else can read or change it, and it is kept in
//! one of two places:
//!
//! 1. in the cookie itself, which needs no server. It is at most two cookies of 4096 bytes; a session
//!    that is larger is refused at the sign-in. Signing out takes it from the browser, and whoever has
//!    copied the cookie before has the session until it ends;
//! 2. in a [`SessionStore`], such as `RedisSessions` of the feature `redis`, under the digest of a
//!    random id that is all the cookie has. Signing out ends the session for every copy, and it may be
//!    of any size. While the store cannot be asked, requests with a session are answered with 503.
//!
//! Cookies are `HttpOnly`, sent for all paths and to this host alone; with a public URL of https they
//! are `Secure` and their names begin with `__Host-`, which browsers take from nobody else.
//!
//! # Deployment caveats
//!
//! * Who has the secret of [`CookieKeys`] can be anybody. Gateways that share sessions share it.
//! * A session that is kept in a store is sealed as well, so the store learns who holds one and when,
//!   and no token.
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
#[cfg(feature = "redis")]
pub mod redis;
mod sealer;
mod store;
#[cfg(any(feature = "redis", fuzzing))]
mod vcap_services;

pub use self::cookie::SameSite;
pub use self::error::{SessionStoreError, SessionStoreErrorKind};
pub use self::keys::CookieKeys;
#[cfg(feature = "redis")]
pub use self::redis::RedisSessions;
pub use self::store::{SessionStore, StoreFuture};
#[cfg(any(feature = "redis", fuzzing))]
pub use self::vcap_services::vcap_services_url;

pub(crate) use self::cookie::{CookieValue, SessionCookie, TooLarge};
pub(crate) use self::sealer::{Sealer, random};
