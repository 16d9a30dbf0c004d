//! Responses of layers that forward or respond themselves.
//!
//! Every layer of this crate returns the inner service's response or a short one of its own. Both have
//! the body type [`ResponseBody`], so a stack of any height has the error type of the innermost body.
//! [`ResponseFuture`] is the future of the layers that decide at once. [`short_text`] and
//! [`method_not_allowed`] make short responses, and [`answer_to`] makes one fit for HEAD.

mod body;
mod future;
mod short;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;

#[cfg(feature = "error-pages")]
pub(crate) use self::short::ShortText;
#[cfg(feature = "s3-proxy")]
pub(crate) use self::short::set_length;
pub(crate) use self::short::to_folder;
pub use self::short::{answer_to, method_not_allowed, short_text};
