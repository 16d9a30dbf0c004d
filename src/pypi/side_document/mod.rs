//! The document that keeps what a listing of a bucket cannot say.

mod document;
mod error;
mod facts;
mod merge;
mod records;

pub use self::document::SideDocument;
pub use self::error::{SideDocumentError, SideDocumentErrorKind};
pub use self::facts::{FileFacts, MetadataFact};
