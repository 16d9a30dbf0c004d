//! Buckets and their objects.
//!
//! [`Bucket`] is the address of a bucket, and [`BucketClient`] reads objects from it. The parts that
//! answer with objects, such as [`S3Proxy`](crate::S3Proxy), take a `BucketClient`, so that the same
//! holds for them. What writes is another type: see [`mod@write`].
//!
//! 1. Only reads are signed: GET and HEAD of an object below the bucket's prefix, a list of the keys below
//!    it, and a list of at most one key of the bucket, whose answer nobody sees.
//! 2. If a connection is lost before an answer, the request is signed anew and sent again at once, a
//!    single time and on a new connection, since S3 closes kept connections.
//! 3. If S3 fails or asks for fewer requests, the request is sent again twice, after growing pauses. A
//!    retry layer outside cannot do this: each request needs a signature of its own. All tries of a
//!    request share [`BucketClient::with_first_byte_timeout`].
//! 4. `AccessDenied` means that an object is missing if the credentials may not list the bucket, and that
//!    it is denied if they may. The list of one key finds out which, at most once in five minutes. S3's
//!    answer to a HEAD has no error code, so a GET of one byte asks for it.
//! 5. An answer to another question is an [`S3Error`]: a part of the object that was not requested, a
//!    304 without a precondition, a page without an entity tag or request id, or a body that only the end
//!    of the connection ends. A body of another length than announced ends in an error.
//! 6. Any other answer is an [`S3Error`], which names neither bucket nor key.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use portcullis::aws::Credentials;
//! use portcullis::path::ObjectKey;
//! use portcullis::s3::{Bucket, BucketClient};
//! use portcullis::upstream::RequestBody;
//! use tower::service_fn;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bucket = Bucket::new("wheels/packages", "eu-west-1")?;
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")?;
//! // `BucketClient::new(bucket, credentials)?` asks S3 itself; this is a bucket of one object.
//! let fake = service_fn(|request: Request<RequestBody>| async move {
//!     let (status, body) = match request.uri().path() {
//!         "/packages/a.whl" => (StatusCode::OK, "wheel"),
//!         _ => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>"),
//!     };
//!     let response = Response::builder().status(status).header("etag", "\"v1\"");
//!     Ok::<_, Infallible>(response.body(Full::<Bytes>::from(body)).unwrap())
//! });
//! let client = BucketClient::with_client(fake, bucket, credentials);
//!
//! let key = ObjectKey::from_path("/a.whl", client.bucket().prefix())?;
//! let object = client.get(&key).await?.expect("it is there");
//! assert_eq!(object.into_body().collect().await?.to_bytes(), "wheel");
//!
//! let key = ObjectKey::from_path("/b.whl", client.bucket().prefix())?;
//! assert!(client.get(&key).await?.is_none());
//! # Ok(())
//! # }
//! ```

mod body;
mod bucket;
mod client;
#[cfg(feature = "s3-write")]
mod content;
mod document;
mod error;
mod error_document;
mod etag;
mod fit;
mod list;
mod list_permission;
mod object;
mod outcome;
mod presign;
mod read;
mod retry;
mod send;
#[cfg(feature = "s3-write")]
pub mod write;

pub use self::body::ObjectBody;
pub use self::bucket::Bucket;
pub use self::client::BucketClient;
#[cfg(feature = "s3-write")]
pub use self::content::Content;
pub use self::error::{S3Error, S3ErrorKind};
pub use self::etag::ETag;
pub use self::list::{ListPage, ListRequest, ListedObject};
pub use self::object::{ContentTypes, HtmlPolicy, UpstreamTime};
#[cfg(feature = "s3-write")]
pub use self::write::{BucketWriter, PutOutcome, StreamError, WriteOptions};

pub(crate) use self::object::{ObjectOptions, ObjectPlan, header_names};
pub(crate) use self::outcome::Outcome;
pub(crate) use self::read::ReadRequest;
pub(crate) use self::send::ReadMethod;
