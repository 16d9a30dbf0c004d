//! Buckets and their objects.
//!
//! [`Bucket`] says where a bucket is. [`BucketClient`] reads objects from it: it signs and sends,
//! and reads what comes back as one of a few outcomes. It can sign nothing but GET and HEAD of an
//! object, and a list of one key that it shows to nobody.

mod answer;
mod body;
mod bucket;
mod client;
mod content_types;
mod error;
mod error_document;
mod html;
mod listing;
mod outcome;
mod read;
mod retry;
mod upstream_time;

pub use self::body::ObjectBody;
pub use self::bucket::Bucket;
pub use self::client::BucketClient;
pub use self::content_types::ContentTypes;
pub use self::error::{S3Error, S3ErrorKind};
pub use self::html::HtmlPolicy;
pub use self::upstream_time::UpstreamTime;

pub(crate) use self::answer::AnswerRules;
pub(crate) use self::outcome::Outcome;
pub(crate) use self::read::{ReadMethod, ReadRequest};
