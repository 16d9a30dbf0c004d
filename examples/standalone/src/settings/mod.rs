//! The settings of `portcullis`, from flags, the environment and a file.
//!
//! Flags and variables make one mount at `/`; the file of `--config` makes any number. Either way they
//! fill one [`Document`](document::Document), in which each value has its source, and one judge makes
//! [`Settings`] of it. So `Settings::resolve` is a function of the flags and an
//! [`Environment`](crate::given::Environment), which tables of tests cover.
//!
//! 1. A flag overrides the file, the file overrides a variable, and an empty variable counts as unset.
//!    Flags and variables of a mount contradict a file, and are refused beside one.
//! 2. An error names the setting and its source, in a file by line and column.
//! 3. Secrets are read from the environment only, and no error repeats one.

mod credentials;
mod document;
mod foreign;
mod process;
mod resolve;
mod writable;

pub(crate) use self::document::ServeFlags;
pub(crate) use self::resolve::Settings;

#[cfg(test)]
mod tests;
