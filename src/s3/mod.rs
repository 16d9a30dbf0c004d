//! Buckets and their objects.
//!
//! [`Bucket`] is the address of a bucket. [`BucketClient`] reads objects from it, and cannot write: it
//! signs nothing but GET and HEAD of an object below the bucket's prefix, and a list of at most one key,
//! which it shows to nobody. The parts that answer with objects, such as
//! [`S3Proxy`](crate::S3Proxy), take a `BucketClient`, so the same holds for them.

mod body;
mod bucket;
mod client;
mod error;
mod error_document;
mod list_permission;
mod object;
mod outcome;
mod read;
mod retry;
mod send;

pub use self::body::ObjectBody;
pub use self::bucket::Bucket;
pub use self::client::BucketClient;
pub use self::error::{S3Error, S3ErrorKind};
pub use self::object::{ContentTypes, HtmlPolicy, UpstreamTime};

pub(crate) use self::object::{ObjectOptions, ObjectPlan, header_names};
pub(crate) use self::outcome::Outcome;
pub(crate) use self::read::ReadRequest;
pub(crate) use self::send::ReadMethod;
