//! The pages of an index, as installers read them.

mod html;
mod json;
mod text;
