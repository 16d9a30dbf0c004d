//! `portcullis demo`: everything that the gateway needs, made on the spot.
//!
//! A real wheel ([`wheel`]) and the index that pip reads ([`index`]) are put into the bucket of an
//! S3 server within this program ([`bucket`]), which checks signatures as AWS does. The gateway
//! before it is the one that serves any other bucket; only its login is made for this run.

mod bucket;
mod data_folder;
mod folder;
mod index;
mod instructions;
mod random;
mod run;
mod wheel;

pub(crate) use self::run::run;
