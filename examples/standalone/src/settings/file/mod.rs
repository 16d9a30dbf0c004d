//! The file of `--config`: what may stand in it, and a draft of the settings made from it.
//!
//! A word that is not known is an error, and so is one of another type; both are named with line and
//! column. No secret stands in it: `password_env` and its like name a variable. What a value means is
//! judged elsewhere, by the rules that flags and variables go by.

mod document;
mod methods;
mod place;
mod read;
mod sso;

pub(super) use self::read::read;
