//! AWS credentials and Signature Version 4.
//!
//! [`Signer`] adds a signature for S3 to the headers of a request. It keeps the signing key of the day,
//! so a signature costs two hashes.
//!
//! 1. Every header of the request is signed, except those that a hop on the way may change.
//! 2. The path is signed unchanged: S3 neither normalizes it nor encodes it a second time.
//!    [`ObjectKey::encoded`](crate::path::ObjectKey::encoded) has the canonical spelling.
//! 3. The query is signed in canonical form, whatever its spelling.
//! 4. The body is signed by its hash, or not at all: see [`Payload`].
//!
//! Source: "Create a signed AWS API request" in the IAM user guide, and "Authenticating Requests:
//! Using the Authorization Header" in the Amazon S3 API reference.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use portcullis::aws::{Credentials, Payload, Region, Signer};
//!
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let signer = Signer::for_s3(Region::new("us-east-1")?);
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
//!
//! let request = http::Request::get("https://bucket.s3.us-east-1.amazonaws.com/key");
//! let (mut head, ()) = request.body(()).unwrap().into_parts();
//! signer.sign(&mut head, Payload::Empty, &credentials, now).unwrap();
//! assert_eq!(head.headers["x-amz-date"], "20150830T123600Z");
//! assert!(head.headers["authorization"].to_str().unwrap().starts_with("AWS4-HMAC-SHA256 Credential="));
//!
//! let (mut head, ()) = http::Request::get("/no/host").body(()).unwrap().into_parts();
//! assert!(signer.sign(&mut head, Payload::Empty, &credentials, now).is_err());
//! # Ok::<_, portcullis::ConfigError>(())
//! ```
//!
//! # Credentials that expire
//!
//! [`RefreshingCredentials`] keeps the credentials of a source, such as `AwsConfigCredentials` (feature
//! `aws-config`), and asks the source again before they expire.
//!
//! 1. Credentials without an expiry are kept for good: the source is not asked again.
//! 2. They are due at a random moment between 5 and 2.5 minutes before the expiry, so that a fleet does not
//!    ask at once. The next request then asks the source, and waits for it for at most 5 seconds by default.
//!    The others take the last credentials at once, and so does the request that asks, if the source fails.
//!    After a failure, the source is asked again 15 to 30 seconds later.
//! 3. If there are no credentials, or they have expired, every request waits for one call of the source, and
//!    gets its credentials or its error. An error is not kept: the next request asks again.
//! 4. A source that hangs is cut off, and credentials that have already expired are an error.
//!
//! No task runs in the background. A call is driven by the requests that wait for it. If all of them leave,
//! the next request continues the call, or begins a new one if its time is up. The time limit needs
//! tokio's timer. Credentials that S3 refuses are still kept until it is time to refresh them.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use portcullis::aws::{Credentials, CredentialsProvider, RefreshingCredentials};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let credentials = Credentials::new("ASIAEXAMPLE", "secret")?;
//! let in_2100 = SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800);
//! let in_2000 = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800);
//!
//! let source = credentials.clone().with_expires_at(in_2100);
//! let refreshing = RefreshingCredentials::new(source)
//!     .with_failure_observer(|error| eprintln!("no new credentials: {error}"));
//! assert_eq!(refreshing.credentials().await.unwrap().expires_at(), Some(in_2100));
//!
//! let expired = RefreshingCredentials::new(credentials.with_expires_at(in_2000));
//! assert!(expired.credentials().await.is_err());
//! # Ok(())
//! # }
//! ```

mod canonical_request;
mod credentials;
mod error;
mod provider;
mod refreshing;
mod region;
#[cfg(feature = "aws-config")]
mod sdk_chain;
mod signer;
mod text;

pub use self::credentials::Credentials;
pub use self::error::{CredentialsError, SignError};
pub use self::provider::{CredentialsFuture, CredentialsProvider};
pub use self::refreshing::RefreshingCredentials;
pub use self::region::Region;
#[cfg(feature = "aws-config")]
pub use self::sdk_chain::{AwsConfigCredentials, region_from_environment};
pub use self::signer::{Payload, Signer};
