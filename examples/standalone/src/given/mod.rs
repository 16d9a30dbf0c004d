//! Values of settings with their sources: flags, the environment, a file.
//!
//! Each table of settings, of a kind of leaf, of a gate or of the program, is defined by
//! [`document!`](document), which names each option once: the file, the flags and the variables all
//! fill that one struct. [`Given`] keeps the source of a value, so that an error names the setting,
//! and in a file the line and the column.

mod choice;
mod document;
mod environment;
mod file;
mod finder;
mod flag;
mod problems;
mod secret_file;
mod source;
mod strings;
mod switch;
mod texts;
mod untidy;
mod value;

pub(crate) use self::choice::choice;
pub(crate) use self::document::{Document, document};
pub(crate) use self::environment::Environment;
pub(crate) use self::file::parse;
pub(crate) use self::finder::{Finder, asked};
pub(crate) use self::problems::Problems;
pub(crate) use self::source::{SettingError, Source};
pub(crate) use self::switch::Switch;
pub(crate) use self::texts::OneOrMore;
pub(crate) use self::value::Given;
