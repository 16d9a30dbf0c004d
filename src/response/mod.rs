//! Responses of layers that forward or respond themselves.
//!
//! Every layer of this crate returns the inner service's response or a short one of its own. Both have
//! the body type [`ResponseBody`], so a stack of any height has the error type of the innermost body.
//! [`ResponseFuture`] is the future of the layers that decide at once. [`short_text`] and
//! [`method_not_allowed`] make short responses.
//!
//! # Deployment caveats
//!
//! The short response to a HEAD has a body, as that to a GET. hyper leaves it out on HTTP/1 and sends it on
//! HTTP/2, where clients take the response for malformed (RFC 9113 section 8.1.1). axum removes it; without
//! axum, remove it outside of the stack and keep its length as `Content-Length`.
//! `S3Proxy` does so for its own responses.

mod body;
mod future;
mod short;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;

pub use self::short::{method_not_allowed, short_text};
