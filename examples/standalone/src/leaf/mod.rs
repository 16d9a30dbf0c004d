//! The services that answer below the path of a mount: a folder for each kind, with its settings, their
//! judge and its service.
//!
//! A mount uses its leaf through [`Leaf`] only: [`Leaf::open`] makes its service and its readiness,
//! [`Leaf::describe`] names what it serves, and [`Leaf::exposes`] lists its objects for the check of
//! overlaps. A response that is not the requested one has a [`LeafFailure`].

mod context;
mod failure;
mod kinds;
mod open;
pub(crate) mod s3;
mod store;

pub(crate) use self::context::{Context, Keys, of_sdk};
pub(crate) use self::failure::LeafFailure;
pub(crate) use self::kinds::{Leaf, Table};
pub(crate) use self::open::{Exposed, OpenLeaf};
