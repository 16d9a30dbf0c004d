//! HTTP clients for requests to other servers, and the parts of a client's request that are sent along.
//!
//! 1. A part that streams, such as [`S3Proxy`](crate::S3Proxy), is generic over its HTTP client: any
//!    [`tower_service::Service`] from a request with a [`RequestBody`] to a response. [`HttpClient`] is the
//!    default. A stack of tower layers over it works as well, and so does a function in a test: see the
//!    example of [`s3`](crate::s3).
//! 2. A part that reads a small document whole, such as the keys of an issuer, has a [`FetchClient`].
//!    [`ReqwestClient`] is the default: see the example of [`jwt::jwks`](crate::jwt::jwks) for another one.

#[cfg(feature = "s3-proxy")]
mod body;
#[cfg(feature = "s3-proxy")]
mod client;
#[cfg(feature = "s3-proxy")]
mod conditional;
#[cfg(feature = "s3-proxy")]
mod error;
#[cfg(feature = "s3-proxy")]
mod exchange;
#[cfg(feature = "jwks")]
mod fetch;
#[cfg(feature = "s3-proxy")]
mod headers;
#[cfg(feature = "s3-proxy")]
mod query;
#[cfg(feature = "s3-proxy")]
mod range;

#[cfg(feature = "s3-proxy")]
pub use self::body::RequestBody;
#[cfg(feature = "s3-proxy")]
pub use self::client::HttpClient;
#[cfg(feature = "s3-proxy")]
pub use self::error::HttpError;
#[cfg(feature = "s3-proxy")]
pub use self::exchange::{HttpBody, HttpResponseFuture};
#[cfg(feature = "jwks")]
pub use self::fetch::{FetchClient, FetchError, FetchErrorKind, FetchFuture, ReqwestClient};

#[cfg(feature = "s3-proxy")]
pub(crate) use self::client::NewConnection;
#[cfg(feature = "s3-proxy")]
pub(crate) use self::conditional::{Conditionals, Judgement, entity_tag};
#[cfg(feature = "sso")]
pub(crate) use self::fetch::is_plain;
#[cfg(feature = "jwks")]
pub(crate) use self::fetch::{BearerClient, BearerToken, Cleartext, DocumentUrl, document};
#[cfg(feature = "s3-proxy")]
pub(crate) use self::headers::{copy_response_headers, end_to_end};
#[cfg(feature = "s3-proxy")]
pub(crate) use self::query::{MalformedQuery, QueryParameters};
#[cfg(feature = "s3-proxy")]
pub(crate) use self::range::{RangeRequest, range_request};

/// Any error, boxed.
#[cfg(feature = "s3-proxy")]
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
