//! JSON Web Tokens of the issuers in `[mounts.jwt]`, or of the one in the variables beside `REQUIRE`.

mod claims;
mod document;
mod issuer;
mod keys;
mod method;
mod variables;

pub(crate) use self::document::{Document, Flags};
pub(crate) use self::method::judge;
pub(crate) use self::variables::{OF_ISSUER, of_variables};
