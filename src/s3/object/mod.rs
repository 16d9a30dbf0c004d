//! An answer made from an object.
//!
//! [`ObjectPlan`] is what a client's request asks of the bucket, or why the bucket is not asked; it
//! reads the object and makes the answer of it by [`ObjectOptions`].

mod answer;
mod content_types;
mod html;
mod options;
mod plan;
mod respond;

pub use self::content_types::ContentTypes;
pub use self::html::HtmlPolicy;
pub use self::respond::UpstreamTime;

pub(crate) use self::options::{ObjectOptions, header_names};
pub(crate) use self::plan::ObjectPlan;
