use std::collections::BTreeSet;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::digest::Sha256Digest;
use super::file_name::DistributionName;
use super::name::ProjectName;
use super::version::Version;

/// What an index shows of a project: its files, versions and status.
///
/// The pages of [`json`](Self::json) and [`html`](Self::html) are made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    name: ProjectName,
    status: ProjectStatus,
    status_reason: Option<String>,
    files: Vec<ProjectFile>,
}

impl Project {
    /// A project with these files. They are sorted by version and file name; of two with one name the first
    /// counts.
    #[must_use]
    pub fn new(name: ProjectName, mut files: Vec<ProjectFile>) -> Self {
        files.sort_by(|a, b| key(&a.name).cmp(&key(&b.name)));
        files.dedup_by(|later, earlier| later.name.as_str() == earlier.name.as_str());
        Self {
            name,
            status: ProjectStatus::Active,
            status_reason: None,
            files,
        }
    }

    /// Sets the status (default active), and why.
    #[must_use]
    pub fn with_status(mut self, status: ProjectStatus, reason: Option<String>) -> Self {
        self.status = status;
        self.status_reason = reason;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &ProjectName {
        &self.name
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> ProjectStatus {
        self.status
    }

    /// Why it has its status.
    #[must_use]
    pub fn status_reason(&self) -> Option<&str> {
        self.status_reason.as_deref()
    }

    /// The files that the index offers, sorted by version and name. A quarantined project offers none (PEP
    /// 792).
    #[must_use]
    pub fn files(&self) -> &[ProjectFile] {
        match self.status {
            ProjectStatus::Quarantined => &[],
            _ => &self.files,
        }
    }

    /// The versions of the files, each once, in ascending order.
    ///
    /// They are in the normalised spelling. A version that is not one of PEP 440 is spelled as the file name
    /// has it and comes before all others, as on the public index.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        let mut versions: Vec<String> = Vec::new();
        let mut last: Option<(Option<&Version>, &str)> = None;
        for file in self.files() {
            let key @ (version, text) = key(&file.name).0;
            // `1.0` and `1.0.0` are one version.
            if last.is_none_or(|last| key != last) {
                versions.push(version.map_or_else(|| text.to_owned(), ToString::to_string));
            }
            last = Some(key);
        }
        versions
    }
}

type Key<'a> = (Option<&'a Version>, &'a str);

/// What files are sorted by: versions that are not of PEP 440 first, by their text.
fn key(name: &DistributionName) -> (Key<'_>, &str) {
    let version = name.version();
    let text = version.map_or(name.version_text(), |_| "");
    ((version, text), name.as_str())
}

/// The status of a project ([project status markers], PEP 792).
///
/// [project status markers]: https://packaging.python.org/en/latest/specifications/project-status-markers/
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProjectStatus {
    /// Takes uploads and offers files.
    #[default]
    Active,
    /// Takes no uploads.
    Archived,
    /// Takes no uploads and offers no files.
    Quarantined,
    /// As active, but obsolete.
    Deprecated,
}

impl ProjectStatus {
    /// The word for it in an index.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Quarantined => "quarantined",
            Self::Deprecated => "deprecated",
        }
    }

    /// Whether the project takes uploads.
    #[must_use]
    pub fn takes_uploads(self) -> bool {
        matches!(self, Self::Active | Self::Deprecated)
    }
}

/// A file of a [`Project`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile {
    pub(super) name: DistributionName,
    pub(super) size: u64,
    pub(super) url: Option<Box<str>>,
    pub(super) sha256: Option<Sha256Digest>,
    pub(super) uploaded: Option<SystemTime>,
    pub(super) requires_python: Option<Box<str>>,
    pub(super) core_metadata: Option<Sha256Digest>,
    pub(super) yanked: Option<Box<str>>,
    pub(super) provenance: Option<Box<str>>,
}

impl ProjectFile {
    /// A file of `size` bytes. By default its URL is its name, relative to the project's page.
    #[must_use]
    pub fn new(name: DistributionName, size: u64) -> Self {
        Self {
            name,
            size,
            url: None,
            sha256: None,
            uploaded: None,
            requires_python: None,
            core_metadata: None,
            yanked: None,
            provenance: None,
        }
    }

    /// Sets the URL, percent-encoded and without a fragment. The core metadata are at this URL with
    /// `.metadata` appended, so it must have no query.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<Box<str>>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Sets the digest of the file.
    #[must_use]
    pub fn with_sha256(mut self, digest: Sha256Digest) -> Self {
        self.sha256 = Some(digest);
        self
    }

    /// Sets when the file was uploaded. Pages have it in whole seconds; a time before 1970 or after 9999 is
    /// left out.
    #[must_use]
    pub fn with_upload_time(mut self, time: SystemTime) -> Self {
        self.uploaded = Some(time);
        self
    }

    /// Sets the Python versions that it is for, in the words of its metadata.
    #[must_use]
    pub fn with_requires_python(mut self, specifiers: impl Into<Box<str>>) -> Self {
        self.requires_python = Some(specifiers.into());
        self
    }

    /// Says that the core metadata can be fetched, byte for byte, and sets their digest. An installer fails if
    /// they cannot.
    #[must_use]
    pub fn with_core_metadata(mut self, digest: Sha256Digest) -> Self {
        self.core_metadata = Some(digest);
        self
    }

    /// Marks it as yanked (PEP 592), with a reason or an empty one.
    #[must_use]
    pub fn with_yanked(mut self, reason: impl Into<Box<str>>) -> Self {
        self.yanked = Some(reason.into());
        self
    }

    /// Sets the URL of its attestations, which must be absolute (PEP 740).
    #[must_use]
    pub fn with_provenance(mut self, url: impl Into<Box<str>>) -> Self {
        self.provenance = Some(url.into());
        self
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &DistributionName {
        &self.name
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The digest, if it is known.
    #[must_use]
    pub fn sha256(&self) -> Option<Sha256Digest> {
        self.sha256
    }

    /// When it was uploaded.
    #[must_use]
    pub fn upload_time(&self) -> Option<SystemTime> {
        self.uploaded
    }

    /// Why it was yanked, an empty text without a reason; `None` if it was not yanked.
    #[must_use]
    pub fn yanked(&self) -> Option<&str> {
        self.yanked.as_deref()
    }
}

/// The names of an index's projects, for its root page.
///
/// Whatever a bucket's directories are called, each project is there once, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectList {
    names: Vec<ProjectName>,
}

impl ProjectList {
    /// The names, sorted.
    #[must_use]
    pub fn names(&self) -> &[ProjectName] {
        &self.names
    }
}

impl FromIterator<ProjectName> for ProjectList {
    fn from_iter<T: IntoIterator<Item = ProjectName>>(names: T) -> Self {
        let names: BTreeSet<_> = names.into_iter().collect();
        Self {
            names: names.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
