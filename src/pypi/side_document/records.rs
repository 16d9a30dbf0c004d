//! The parts of a document that gateways merge.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::facts::FileFacts;
use crate::pypi::digest::Sha256Digest;
use crate::pypi::project::ProjectStatus;

/// A decision, and when it was made, in milliseconds since 1970. The later one counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stamped<T> {
    pub(super) at: u64,
    #[serde(flatten)]
    pub(super) value: T,
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StatusRecord {
    pub(super) status: ProjectStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct YankRecord {
    /// Empty without a reason; `None` once it is taken back.
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FileRecord {
    pub(super) facts: FileFacts,
    pub(super) yank: Option<Stamped<YankRecord>>,
    pub(super) extra: Map<String, Value>,
}

/// A file that was deleted: its name must not come back with another content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<Sha256Digest>,
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

pub(super) fn stamped<T>(value: T, at: u64) -> Stamped<T> {
    let extra = Map::new();
    Stamped { at, value, extra }
}
