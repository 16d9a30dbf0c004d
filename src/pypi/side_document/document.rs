use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::{SideDocumentError, SideDocumentErrorKind};
use super::facts::FileFacts;
use super::merge::{Merge, merge_extra, merge_option};
use super::records::{Deletion, FileRecord, Stamped, StatusRecord, YankRecord, stamped};
use crate::pypi::digest::Sha256Digest;
use crate::pypi::project::ProjectStatus;

/// The longest document, in bytes: some 60,000 files.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The version that this code writes.
const VERSION: u64 = 1;

/// What a listing of a bucket cannot say of a project: one JSON document beside its files.
///
/// What is known of a file is kept under its name, its `ETag` and its size, so what was known of another
/// content counts for nothing. A document that is lost costs the time to compute it again, and the yanks, the
/// status and the deletions that people have made.
///
/// Two gateways may change a document at once. Whoever finds that it has changed reads it again and
/// [merges](Self::merge): the order of merges does not matter, and nothing that either knew is lost.
///
/// ```
/// use portcullis::pypi::{FileFacts, Sha256Digest, SideDocument};
///
/// let mut document = SideDocument::default();
/// let mut facts = FileFacts::default();
/// facts.sha256 = Some(Sha256Digest::of(b"content"));
/// document.learn("demo-1.0.zip", "\"etag\"", 7, facts.clone());
/// document.yank("demo-1.0.zip", "\"etag\"", 7, Some("broken".to_owned()), 1_767_225_600_000);
///
/// let document = SideDocument::parse(&document.to_json()?)?;
/// assert_eq!(document.facts("demo-1.0.zip", "\"etag\"", 7), Some(&facts));
/// assert_eq!(document.facts("demo-1.0.zip", "\"other\"", 7), None);
/// assert_eq!(document.yanked("demo-1.0.zip", "\"etag\"", 7), Some("broken"));
///
/// assert!(SideDocument::parse(br#"{"version": 2}"#).is_err());
/// # Ok::<_, portcullis::pypi::SideDocumentError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideDocument {
    status: Option<Stamped<StatusRecord>>,
    files: BTreeMap<FileKey, FileRecord>,
    deleted: BTreeMap<String, Deletion>,
    extra: Map<String, Value>,
}

/// A content: name, `ETag` and size.
type FileKey = (String, String, u64);

/// The document as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Stamped<StatusRecord>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<WrittenFile>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    deleted: BTreeMap<String, Deletion>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct WrittenFile {
    name: String,
    etag: String,
    size: u64,
    #[serde(flatten)]
    facts: FileFacts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    yank: Option<Stamped<YankRecord>>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl SideDocument {
    /// Reads a document. Members that it does not know are kept.
    ///
    /// # Errors
    ///
    /// Returns [`SideDocumentError`] if the document is longer than 32 MiB, is not JSON of this form, or has a
    /// version other than 1, which a newer gateway has written and this one must not overwrite.
    pub fn parse(json: &[u8]) -> Result<Self, SideDocumentError> {
        use SideDocumentErrorKind as Kind;

        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }

        if json.len() > MAX_BYTES {
            return Err(SideDocumentError::new(Kind::TooLong));
        }
        let malformed = |_| SideDocumentError::new(Kind::Malformed);
        // serde would also accept an array of the members' values.
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(SideDocumentError::new(Kind::Malformed));
        }
        let versioned: Versioned = serde_json::from_slice(json).map_err(malformed)?;
        if versioned.version != VERSION {
            return Err(SideDocumentError::new(Kind::UnknownVersion));
        }
        let written: Written = serde_json::from_slice(json).map_err(malformed)?;
        let mut document = Self {
            status: written.status,
            files: BTreeMap::new(),
            deleted: written.deleted,
            extra: written.extra,
        };
        for file in written.files {
            let record = FileRecord {
                facts: file.facts,
                yank: file.yank,
                extra: file.extra,
            };
            let key = (file.name, file.etag, file.size);
            document.files.entry(key).or_default().merge(record);
        }
        Ok(document)
    }

    /// Writes the document.
    ///
    /// # Errors
    ///
    /// Returns [`SideDocumentError`] if it would be longer than 32 MiB.
    pub fn to_json(&self) -> Result<Vec<u8>, SideDocumentError> {
        let files = self
            .files
            .iter()
            .map(|((name, etag, size), record)| WrittenFile {
                name: name.clone(),
                etag: etag.clone(),
                size: *size,
                facts: record.facts.clone(),
                yank: record.yank.clone(),
                extra: record.extra.clone(),
            });
        let written = Written {
            version: VERSION,
            status: self.status.clone(),
            files: files.collect(),
            deleted: self.deleted.clone(),
            extra: self.extra.clone(),
        };
        let json = serde_json::to_vec(&written);
        let json = json.map_err(|_| SideDocumentError::new(SideDocumentErrorKind::Malformed))?;
        if json.len() > MAX_BYTES {
            return Err(SideDocumentError::new(SideDocumentErrorKind::TooLong));
        }
        Ok(json)
    }

    /// What is known of a file with this content.
    #[must_use]
    pub fn facts(&self, name: &str, etag: &str, size: u64) -> Option<&FileFacts> {
        self.record(name, etag, size).map(|record| &record.facts)
    }

    /// Adds what is known of a file with this content.
    pub fn learn(&mut self, name: &str, etag: &str, size: u64, facts: FileFacts) {
        self.record_mut(name, etag, size).facts.merge(facts);
    }

    /// Why a file was yanked, an empty text without a reason; `None` if it is not yanked.
    #[must_use]
    pub fn yanked(&self, name: &str, etag: &str, size: u64) -> Option<&str> {
        let yank = self.record(name, etag, size)?.yank.as_ref()?;
        yank.value.reason.as_deref()
    }

    /// Yanks a file for a reason, which may be empty, or takes the yank back with `None`. `at` is the time in
    /// milliseconds since 1970: an earlier decision does not change a later one.
    pub fn yank(&mut self, name: &str, etag: &str, size: u64, reason: Option<String>, at: u64) {
        let yank = stamped(YankRecord { reason }, at);
        merge_option(&mut self.record_mut(name, etag, size).yank, Some(yank));
    }

    /// The status of the project, and why it has it.
    #[must_use]
    pub fn status(&self) -> (ProjectStatus, Option<&str>) {
        let status = self.status.as_ref().map(|status| &status.value);
        status.map_or_else(Default::default, |it| (it.status, it.reason.as_deref()))
    }

    /// Sets the status of the project. `at` as for [`yank`](Self::yank).
    pub fn set_status(&mut self, status: ProjectStatus, reason: Option<String>, at: u64) {
        merge_option(
            &mut self.status,
            Some(stamped(StatusRecord { status, reason }, at)),
        );
    }

    /// Whether a file of this name was deleted: its digest, if it was known.
    #[must_use]
    pub fn deleted(&self, name: &str) -> Option<Option<Sha256Digest>> {
        self.deleted.get(name).map(|deletion| deletion.sha256)
    }

    /// Remembers that a file was deleted, so that its name does not come back with another content. `at` as for
    /// [`yank`](Self::yank).
    pub fn delete(&mut self, name: &str, sha256: Option<Sha256Digest>, at: u64) {
        let extra = Map::new();
        let deletion = Deletion { at, sha256, extra };
        self.deleted
            .entry(name.to_owned())
            .or_insert_with(|| deletion.clone())
            .merge(deletion);
    }

    /// Forgets contents that are not listed any more. `is_listed` is asked for each name, `ETag` and size.
    pub fn retain(&mut self, mut is_listed: impl FnMut(&str, &str, u64) -> bool) {
        self.files
            .retain(|(name, etag, size), _| is_listed(name, etag, *size));
    }

    /// Adds all that `other` knows. Of two decisions on one matter the later one counts.
    pub fn merge(&mut self, other: Self) {
        merge_option(&mut self.status, other.status);
        for (key, record) in other.files {
            self.files.entry(key).or_default().merge(record);
        }
        for (name, deletion) in other.deleted {
            self.deleted
                .entry(name)
                .or_insert_with(|| deletion.clone())
                .merge(deletion);
        }
        merge_extra(&mut self.extra, other.extra);
    }

    fn record(&self, name: &str, etag: &str, size: u64) -> Option<&FileRecord> {
        self.files.get(&(name.to_owned(), etag.to_owned(), size))
    }

    fn record_mut(&mut self, name: &str, etag: &str, size: u64) -> &mut FileRecord {
        let key = (name.to_owned(), etag.to_owned(), size);
        self.files.entry(key).or_default()
    }
}

#[cfg(test)]
mod tests;
