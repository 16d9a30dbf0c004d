//! The settings of the function, from environment variables with the names that the systems it
//! replaces use.
//!
//! 1. A variable that is set but empty is unset.
//! 2. An error names the variable, and repeats no secret.
//! 3. A bucket needs a gate: `BASIC_AUTH`, `REQUIRE` or both, or else `PORTCULLIS_INSECURE_NO_AUTH`.

mod bucket;
mod gate;
mod jwt;
mod resolve;

pub(crate) use self::resolve::Settings;

#[cfg(test)]
mod tests;
