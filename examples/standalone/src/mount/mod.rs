//! A mount: a path of the URL, the gate before it, and the leaf that answers.
//!
//! Mounts are chosen by the canonical path, by whole segments: `/a` has `/a` and everything below `/a/`,
//! and never `/ab`. Each table of `[[mounts]]` makes one, or flags and variables make the only one.

mod cors;
mod document;
mod exposed;
mod gates;
mod headers;
mod judge;
mod model;
mod overlap;
mod public;
mod trials;

pub(crate) use self::cors::{Cors, is_preflight, permit};
pub(crate) use self::document::{Flags, MountDocument};
pub(crate) use self::exposed::exposed;
pub(crate) use self::headers::ResponseHeaders;
pub(crate) use self::judge::{Judge, judge};
pub(crate) use self::model::Mount;
pub(crate) use self::overlap::refuse_overlaps;
pub(crate) use self::trials::{refuse_clusters, trials_of_gates};
