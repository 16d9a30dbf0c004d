//! The response of a layer that sometimes answers for itself.
//!
//! Every layer of this crate answers with the inner service's response or with a short one of its
//! own. [`ResponseBody`] is the one body type for both, so a stack of any height has the error type
//! of the innermost body; [`ResponseFuture`] is the future of the layers that decide at once.

mod body;
mod future;
mod short;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;

#[cfg(any(feature = "jwt", feature = "s3-proxy"))]
pub(crate) use self::short::method_not_allowed;
pub(crate) use self::short::short_text;
