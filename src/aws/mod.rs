//! AWS credentials and Signature Version 4.
//!
//! [`Signer`] signs the head of a request for S3 in its headers. The signing key of a day is derived
//! once and kept, so that a signature costs two hashes.
//!
//! 1. Every header of the request is signed, but those that a connection may change on the way.
//! 2. The path is signed as it stands: S3 neither normalizes it nor encodes it a second time. A path
//!    from [`ObjectKey::encoded`](crate::path::ObjectKey::encoded) is in the canonical spelling.
//! 3. The query is signed in canonical form, whatever its spelling.
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

mod canonical_request;
mod credentials;
mod error;
mod provider;
mod region;
mod signer;
mod text;

pub use self::credentials::Credentials;
pub use self::error::{CredentialsError, SignError};
pub use self::provider::{CredentialsFuture, CredentialsProvider};
pub use self::region::Region;
pub use self::signer::{Payload, Signer};
