//! `portcullis demo`: a gateway with a bucket and a login of its own, which needs no settings.
//!
//! A wheel ([`wheel`]) and the index that pip reads ([`index`]) are written into the bucket of a
//! built-in S3 server ([`bucket`]), which verifies signatures as AWS does. The gateway in front of it
//! is the usual one; only its login is generated for this run.

mod bucket;
mod data_folder;
mod folder;
mod index;
mod instructions;
mod random;
mod run;
mod wheel;

pub(crate) use self::run::run;
