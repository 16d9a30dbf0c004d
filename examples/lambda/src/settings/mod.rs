//! The settings of the function, from the environment, by the names of the systems whose place it
//! takes.
//!
//! 1. A variable that is set but empty is unset.
//! 2. An error names the variable, and repeats no secret.
//! 3. A bucket has a gate, `BASIC_AUTH`, `REQUIRE` or both, unless `PORTCULLIS_INSECURE_NO_AUTH` says
//!    that it has none.

mod bucket;
mod gate;
mod jwt;
mod resolve;

pub(crate) use self::resolve::Settings;

#[cfg(test)]
mod tests;
