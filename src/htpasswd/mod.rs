//! Users of an htpasswd file, for [`BasicAuthLayer`](crate::BasicAuthLayer).
//!
//! [`HtpasswdUsers`] admits a user of the file with the password that the hash was made of. Each
//! line of the file is `user:hash`; a comment may follow a second colon. White space at the ends of
//! a line, blank lines, lines that begin with `#`, and a byte order mark are skipped. A hash is one of
//!
//! | scheme | begins with | made by | bounds |
//! |---|---|---|---|
//! | bcrypt | `$2y$`, `$2b$`, `$2a$` | `htpasswd -nB -C 12 USER` | cost 4 to 16 |
//! | argon2id, version 19 | `$argon2id$` | `argon2 SALT -id -k 65536 -e` | 256 MiB, 1 GiB over all passes |
//! | SHA-512 crypt | `$6$` | `openssl passwd -6`, `htpasswd -n5 USER` | 1000 to 1000000 rounds |
//! | SHA-256 crypt | `$5$` | `openssl passwd -5`, `htpasswd -n2 USER` | 1000 to 1000000 rounds |
//! | Apache's MD5 | `$apr1$` | `openssl passwd -apr1`, `htpasswd -nm USER` | |
//! | salted SHA-1 | `{SSHA}` | `slappasswd -h {SSHA}` | 64 bytes of salt |
//! | SHA-1 | `{SHA}` | `htpasswd -ns USER` | |
//! | s3pypi's record | `{S3PYPI}` | the JSON of the SSM parameter as it is | |
//! | none | `{PLAIN}` | by hand, where `insecure_…_with_plain` takes the file | |
//!
//! The first two are for people's passwords, the others for those who have them already: any of
//! them suits a long random password. Refused are:
//!
//! 1. with an [`HtpasswdError`], which names the line and not what it says: a file with a hash of
//!    another scheme or in another spelling, a cost out of bounds or more than 16 different costs, a
//!    password in the clear, a user given twice, a control character, text that is not UTF-8, more
//!    than 16 MiB;
//! 2. with 401: an unknown user and a wrong password, which look the same and cost the same; a
//!    password that is empty, has a NUL or is longer than 255 bytes, and for bcrypt one longer than 72
//!    bytes, which is never cut;
//! 3. with 503 and `Retry-After: 1`, at once: a request that comes when too many passwords wait to be
//!    checked.
//!
//! # Groups
//!
//! A group file, as Apache's `AuthGroupFile`, grants scopes: each line is `group: user user`. White
//! space at the ends of a line, blank lines and lines that begin with `#` are skipped. The name of a
//! group ends at the last colon of the line, since no user name has one, so a group can have the name
//! of a scope: `wheels:read: ana ci`. A group may have several lines. A member who is not in the
//! htpasswd file is ignored. Refused with an [`HtpasswdError`] are a line without a colon, a group
//! whose name is not a scope token of RFC 6749, a quoted member, a line that ends in a backslash, a
//! control character other than a tab, and what is not UTF-8 or longer than 16 MiB.
//!
//! # Checks
//!
//! Passwords are checked on a few threads of the verifier's own, which start when needed and end
//! after it is dropped. Each check computes one hash of each cost in the file, whoever signs in, so
//! that neither a user's existence nor a cheap hash shows by the time it takes: a file with one cost
//! is the quickest. Requests with the same name and password wait for one check. A password that was
//! right is known for five minutes, as a digest under a random key; a wrong one is forgotten.
//!
//! # Deployment caveats
//!
//! * At most once a second, a request has the metadata of the file looked at (time of modification
//!   and, on Unix, of change, length, inode) and waits for that; others go on with the table that there
//!   is. A file that has changed is read, and takes effect as a whole. One that is missing or bad
//!   changes nothing: watch for it by [`HtpasswdUsers::with_reload_observer`].
//! * Write the file anew and rename it over the old one. Where it is written in place, a request may
//!   find half of it; and a rewrite to the same length within one tick of the file system's clock (some
//!   milliseconds; on old file systems, two seconds) after it was read cannot be told.
//! * Nothing that was decided is taken back: a request that is under way when a user is removed ends
//!   as it began.
//! * On each thread, argon2id needs its memory: see [`HtpasswdUsers::with_threads`].
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::BasicAuthLayer;
//! use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Most often `HtpasswdUsers::from_file("/etc/portcullis/htpasswd")?`.
//! let table = HtpasswdTable::parse(b"ci:$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0")?;
//! let mut service = ServiceBuilder::new()
//!     .layer(BasicAuthLayer::new("packages", HtpasswdUsers::new(table))?)
//!     .service(service_fn(|_: Request<()>| async {
//!         Ok::<_, Infallible>(Response::new(String::from("wheel")))
//!     }));
//!
//! // ci:s3cret
//! let request = Request::get("/").header("authorization", "Basic Y2k6czNjcmV0");
//! let response = service.ready().await?.call(request.body(())?).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! // ci:guess
//! let request = Request::get("/").header("authorization", "Basic Y2k6Z3Vlc3M=");
//! let response = service.ready().await?.call(request.body(())?).await?;
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```

mod apr1;
mod argon2id;
mod bcrypt;
mod check;
mod crypt64;
mod digest;
mod error;
mod groups;
mod hash;
mod line;
mod memory;
mod pool;
mod sha1;
mod sha_crypt;
mod table;
mod users;

pub use self::error::{HtpasswdError, HtpasswdErrorKind};
pub use self::table::HtpasswdTable;
pub use self::users::HtpasswdUsers;

#[cfg(fuzzing)]
pub(crate) use self::groups::parse as parse_groups;
