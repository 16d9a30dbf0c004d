//! The settings of `portcullis` without a subcommand, from flags and the environment.
//!
//! [`Settings::resolve`] is a function of the flags and an [`Environment`], so that a table of
//! tests covers it. A flag wins over its variable, a variable that is set but empty is unset, and
//! an error names the setting and where its value came from. Secrets come from the environment
//! alone, and no error repeats one.

mod environment;
mod error;
mod given;
mod resolve;

pub(crate) use self::environment::Environment;
pub(crate) use self::error::{SettingError, Source};
pub(crate) use self::given::parse_address;
pub(crate) use self::resolve::Settings;

#[cfg(test)]
mod tests;
