//! The pages that a person sees.

mod content;
mod document;
mod kind;
mod pages;

pub use self::content::Page;
pub use self::kind::PageKind;
pub(super) use self::pages::Pages;
