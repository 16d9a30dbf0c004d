//! One rule for each part of a document. Each is commutative, associative and idempotent, so gateways agree in
//! whatever order they merge.

use serde_json::{Map, Value};

use super::facts::FileFacts;
use super::records::{Deletion, FileRecord, Stamped, StatusRecord, YankRecord};

pub(super) trait Merge {
    fn merge(&mut self, other: Self);
}

/// Keeps what there is, and merges if both are there.
pub(super) fn merge_option<T: Merge>(ours: &mut Option<T>, theirs: Option<T>) {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => ours.merge(theirs),
        (ours @ None, theirs) => *ours = theirs,
        (Some(_), None) => {}
    }
}

/// All members. Of two values of one member, the greater text counts.
pub(super) fn merge_extra(ours: &mut Map<String, Value>, theirs: Map<String, Value>) {
    let text = |value: &Value| value.to_string();
    for (name, value) in theirs {
        match ours.get_mut(&name) {
            Some(known) if text(known) >= text(&value) => {}
            Some(known) => *known = value,
            None => {
                ours.insert(name, value);
            }
        }
    }
}

/// The greater of two values, and any over none. A fact of a content has one value, but for a fault.
fn greater<T: Ord>(ours: &mut Option<T>, theirs: Option<T>) {
    if theirs > *ours {
        *ours = theirs;
    }
}

impl Merge for FileFacts {
    fn merge(&mut self, other: Self) {
        greater(&mut self.sha256, other.sha256);
        greater(&mut self.requires_python, other.requires_python);
        greater(&mut self.core_metadata, other.core_metadata);
        greater(&mut self.provenance, other.provenance);
        // The first upload counts.
        self.uploaded = match (self.uploaded, other.uploaded) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }
}

impl Merge for FileRecord {
    fn merge(&mut self, other: Self) {
        self.facts.merge(other.facts);
        merge_option(&mut self.yank, other.yank);
        merge_extra(&mut self.extra, other.extra);
    }
}

impl Merge for Deletion {
    fn merge(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        greater(&mut self.sha256, other.sha256);
        merge_extra(&mut self.extra, other.extra);
    }
}

/// A value of which the later counts, and of two at once the one with the greater rank.
trait Decision {
    type Rank<'a>: Ord
    where
        Self: 'a;

    fn rank(&self) -> Self::Rank<'_>;
}

impl Decision for YankRecord {
    type Rank<'a> = &'a Option<String>;

    fn rank(&self) -> Self::Rank<'_> {
        &self.reason
    }
}

impl Decision for StatusRecord {
    type Rank<'a> = (&'static str, &'a Option<String>);

    fn rank(&self) -> Self::Rank<'_> {
        (self.status.as_str(), &self.reason)
    }
}

impl<T: Decision> Merge for Stamped<T> {
    fn merge(&mut self, other: Self) {
        let order = {
            let rank = |it: &Self| Value::Object(it.extra.clone()).to_string();
            let by_value = self
                .at
                .cmp(&other.at)
                .then_with(|| self.value.rank().cmp(&other.value.rank()));
            by_value.then_with(|| rank(self).cmp(&rank(&other)))
        };
        if order.is_lt() {
            *self = other;
        }
    }
}
