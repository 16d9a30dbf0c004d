//! The way out: the client that requests are sent with, and what of a client's request may go along.
//!
//! A part that sends requests is generic over its client, which is any [`tower_service::Service`]
//! from `Request<RequestBody>` to a response: [`HttpClient`] is the default, a stack of tower layers
//! over it works as well, and a test puts a function there.

mod body;
mod cache_control;
mod client;
mod headers;
mod range;

pub use self::body::RequestBody;
pub use self::client::HttpClient;

pub(crate) use self::cache_control::private;
pub(crate) use self::headers::{conditionals, copy_response_headers};
pub(crate) use self::range::{RangeRequest, range_request};

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
