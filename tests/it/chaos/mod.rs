//! What clients see while S3, Redis or the identity provider is out of order, and that everything works
//! again afterwards without a restart.

mod client;
mod faults;
pub(crate) mod matrix;
mod outages;
mod provider;
mod redis;
pub(crate) mod shape;
