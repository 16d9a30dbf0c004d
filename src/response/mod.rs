//! The response of a layer that sometimes answers for itself.
//!
//! Every layer of this crate answers with the inner service's response or with a short one of its
//! own. [`ResponseBody`] is the one body type for both, so a stack of any height has the error type
//! of the innermost body; [`ResponseFuture`] is the future of the layers that decide at once. Short
//! responses are made by [`short_text`] and [`method_not_allowed`].

mod body;
mod future;
mod short;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;

pub use self::short::{method_not_allowed, short_text};
