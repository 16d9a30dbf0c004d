//! The way out: the client that requests are sent with, and what of a client's request may go along.
//!
//! A part that sends requests is generic over its client, which is any [`tower_service::Service`]
//! from `Request<RequestBody>` to a response: [`HttpClient`] is the default, a stack of tower layers
//! over it works as well, and a test puts a function there.

mod body;
#[cfg(feature = "s3-proxy")]
mod client;
mod conditional;
#[cfg(feature = "s3-proxy")]
mod exchange;
#[cfg(feature = "s3-proxy")]
mod headers;
#[cfg(feature = "sigv4")]
mod query;
mod range;

pub use self::body::RequestBody;
#[cfg(feature = "s3-proxy")]
pub use self::client::HttpClient;
#[cfg(feature = "s3-proxy")]
pub use self::exchange::{HttpBody, HttpResponseFuture};

#[cfg(feature = "s3-proxy")]
#[cfg(feature = "s3-proxy")]
pub(crate) use self::conditional::MalformedTags;
pub(crate) use self::conditional::{Conditionals, Judgement};
#[cfg(feature = "s3-proxy")]
pub(crate) use self::headers::{copy_response_headers, end_to_end};
#[cfg(feature = "sigv4")]
pub(crate) use self::query::{MalformedQuery, QueryParameters};
pub(crate) use self::range::{RangeRequest, range_request};

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
