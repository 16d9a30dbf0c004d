//! The settings of `portcullis`, from flags, the environment and a file.
//!
//! Two front doors make a [`Draft`](draft::Draft), in which each value knows where it came from: flags
//! and variables for one mount at `/`, or the file of `--config` for any number. One judge makes
//! [`Settings`] of either. So `Settings::resolve` is a function of the flags and an [`Environment`],
//! which tables of tests cover.
//!
//! 1. A flag wins over the file, the file over a variable, and a variable that is set but empty is
//!    unset. What says something of a bucket contradicts a file, and is refused beside one.
//! 2. An error names the setting and where its value came from, in a file by line and column.
//! 3. Secrets come from the environment alone, and no error repeats one.

mod access;
mod command_line;
mod credentials;
mod draft;
mod environment;
mod error;
mod file;
mod finder;
mod foreign;
mod given;
mod htpasswd;
mod issuer;
mod jwt;
mod jwt_variables;
mod mount;
mod one_user;
mod options;
mod overlap;
mod problems;
mod process;
mod resolve;
mod scopes;
mod sso;
mod timeouts;
mod tokens;

pub(crate) use self::access::basic_auth;
pub(crate) use self::environment::Environment;
pub(crate) use self::error::{SettingError, Source};
pub(crate) use self::given::parse_address;
pub(crate) use self::problems::Problems;
pub(crate) use self::resolve::Settings;

#[cfg(test)]
mod tests;
