//! Users of an htpasswd file, for [`BasicAuthLayer`](crate::BasicAuthLayer).
//!
//! [`HtpasswdUsers`] admits a user of the file with the password of its hash. Each line of the file is
//! `user:hash`; a comment may follow a second colon. White space at the ends of a line, blank lines, lines
//! that begin with `#`, and a byte order mark are skipped. A hash is one of
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
//! | s3pypi's record | `{S3PYPI}` | the JSON of the SSM parameter, unchanged | 64 bytes of salt |
//! | none | `{PLAIN}` | by hand, only for `insecure_…_with_plain` | |
//!
//! Use the first two for passwords that people choose. The others are for existing files, and are good
//! enough for long random passwords. Refused are:
//!
//! 1. with an [`HtpasswdError`], which has the number of the line and never repeats its contents: a file
//!    with a hash of another scheme or in another spelling, a cost out of bounds or more than 16 different
//!    costs, a password in the clear, a repeated user, a control character, text that is not UTF-8, or more
//!    than 16 MiB;
//! 2. with 401: an unknown user and a wrong password, in the same way and time; a password that is empty,
//!    has a NUL or is longer than 255 bytes, and for bcrypt one longer than 72 bytes, which is never
//!    truncated;
//! 3. with 503 and `Retry-After: 1`: a request while too many passwords wait to be checked, see
//!    [below](#checks).
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
//! Passwords are checked on the threads of a [`CheckPool`], by default one less than the machine has
//! processors and at least one. They start when they are needed and end after the pool is dropped. Give one
//! pool to all `HtpasswdUsers` of a process.
//!
//! Each check computes one hash of each cost in the file, for any user, so that its time reveals neither
//! whether the user exists nor which hash is cheap: a file with a single cost is the fastest. If the salts of
//! hashes of one cost differ in length, that makes a difference for some lengths of a password. Then each
//! check computes a hash of each kind, at most three.
//!
//! Requests of one network with the same name and password wait for one check. A correct password is
//! remembered for an hour after it was last used, as a digest under a random key, and as long as the file does
//! not change; a wrong one is not remembered. A client that is signed in is therefore admitted at once,
//! whatever waits.
//!
//! By default, 64 checks can wait for a thread. They are served in turns: next is the
//! [network](crate::client_address::ClientNetwork) that had the fewest of the last turns, and within it the
//! claimed user that had the fewest, so that a new client is served next even while others guess passwords. When
//! the queue is full, the newest check of the network that has the most of them waiting is dropped. Many
//! names from one network are told apart from its other users by nothing: they share its turns.
//!
//! # Deployment caveats
//!
//! * At most once a second, a request waits until the metadata of the file is checked (modification time,
//!   length and, on Unix, change time and inode); other requests use the current table meanwhile. A changed
//!   file takes effect as a whole. If it is missing or bad, the current table stays: watch for this with
//!   [`HtpasswdUsers::with_reload_observer`].
//! * Write a new file and rename it over the old one. If the file is written in place, a request may read
//!   half of it; and a change that keeps the length, within one tick of the file system's clock (some
//!   milliseconds; on old file systems, two seconds) after the last read, is not noticed.
//! * Removing a user does not end the requests that it was admitted for.
//! * Each thread needs the memory of an argon2id hash: see [`CheckPool::new`].
//! * Behind a proxy, put a [`ClientNetworkLayer`](crate::client_address::ClientNetworkLayer) outside.
//!   Otherwise all clients are one network, that of the proxy.
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
//! // Mostly `HtpasswdUsers::from_file("/etc/portcullis/htpasswd")?`.
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
mod queue;
mod sha1;
mod sha_crypt;
mod table;
mod users;

pub use self::error::{HtpasswdError, HtpasswdErrorKind};
pub use self::pool::CheckPool;
pub use self::table::HtpasswdTable;
pub use self::users::HtpasswdUsers;

#[cfg(fuzzing)]
pub(crate) use self::groups::parse as parse_groups;
