//! Buckets and their objects.
//!
//! [`Bucket`] says where a bucket is. [`BucketClient`] reads objects from it: it signs and sends,
//! and reads what comes back as one of a few outcomes. It can sign nothing but GET and HEAD of an
//! object.

mod answer;
mod bucket;
mod client;
mod error;
mod error_document;

pub use self::bucket::Bucket;
pub use self::client::BucketClient;
pub use self::error::{S3Error, S3ErrorKind};

pub(crate) use self::answer::object_answer;
pub(crate) use self::client::{Outcome, ReadMethod, ReadRequest};
