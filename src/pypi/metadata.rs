use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::name::ProjectName;
use super::version::Version;

/// The longest document that is read, in bytes. Nearly all of it is the description.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The fields that may occur once, in lower case. Others are lists, or unknown.
const SINGLE: [&str; 16] = [
    "author",
    "author-email",
    "description",
    "description-content-type",
    "download-url",
    "home-page",
    "keywords",
    "license",
    "license-expression",
    "maintainer",
    "maintainer-email",
    "metadata-version",
    "name",
    "requires-python",
    "summary",
    "version",
];

/// The core metadata of a distribution: `METADATA` of a wheel, `PKG-INFO` of a source distribution ([core
/// metadata specifications]).
///
/// It is read as Python's `email` parser reads it, which is what installers use. Reading is tolerant, since
/// an index has to show what a bucket already has: a field that is repeated without being a list, or that is
/// not UTF-8, counts as absent. [`check`](Self::check) is strict, for what is uploaded.
///
/// ```
/// use portcullis::pypi::CoreMetadata;
///
/// let metadata = CoreMetadata::parse(b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\nA demo.\n")?;
/// assert_eq!(metadata.get("version"), Some("1.0"));
/// assert_eq!(metadata.description().as_deref(), Some("A demo.\n"));
/// let (name, version) = metadata.check()?;
/// assert_eq!((name.as_str(), version.to_string().as_str()), ("demo", "1.0"));
///
/// assert!(CoreMetadata::parse(b"Name: demo\n")?.check().is_err());
/// # Ok::<_, portcullis::pypi::MetadataError>(())
/// ```
///
/// [core metadata specifications]: https://packaging.python.org/en/latest/specifications/core-metadata/
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreMetadata {
    /// Names in lower case, and values without the white space around them; `None` if not UTF-8.
    fields: Vec<(Box<str>, Option<Box<str>>)>,
    /// What follows the fields; `None` if not UTF-8.
    body: Option<Box<str>>,
    /// Whether all of it is, with what the parser skips.
    is_utf8: bool,
}

impl CoreMetadata {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Returns [`MetadataError`] if it is longer than 8 MiB.
    pub fn parse(document: &[u8]) -> Result<Self, MetadataError> {
        if document.len() > MAX_BYTES {
            return Err(MetadataError::new(MetadataErrorKind::TooLong, None));
        }
        let mut rest = document;
        let mut headers: Vec<&[u8]> = Vec::new();
        while let Some((line, after)) = split_line(rest) {
            if !is_header(line) {
                // An empty line ends the fields. Any other one belongs to the body already.
                if matches!(line, b"\n" | b"\r" | b"\r\n") {
                    rest = after;
                }
                break;
            }
            headers.push(line);
            rest = after;
        }
        let (fields, taken_back) = read_fields(&headers);
        // The parser takes such a line back, but not the empty line after it.
        let body = [taken_back.unwrap_or_default(), rest].concat();
        let body = String::from_utf8(body).ok().map(Into::into);
        Ok(Self {
            fields,
            body,
            is_utf8: std::str::from_utf8(document).is_ok(),
        })
    }

    /// The value of a field that occurs once. The name's case does not matter. The description is not a field:
    /// see [`description`](Self::description).
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        let mut values = self.values(field);
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        value
    }

    /// The values of a field that may be repeated, such as `Classifier`, in their order.
    pub fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(field).flatten()
    }

    fn values<'a, 'f>(
        &'a self,
        field: &'f str,
    ) -> impl Iterator<Item = Option<&'a str>> + use<'a, 'f> {
        let fields = self.fields.iter();
        let named = fields.filter(move |(name, _)| name.eq_ignore_ascii_case(field));
        named.map(|(_, value)| value.as_deref())
    }

    /// `Requires-Python`, if it is one line without control characters, as it stands in an index.
    #[must_use]
    pub fn requires_python(&self) -> Option<&str> {
        let value = self.get("Requires-Python")?;
        (!value.is_empty() && !value.contains(char::is_control)).then_some(value)
    }

    /// The licence: `License-Expression`, else `License`.
    #[must_use]
    pub fn license(&self) -> Option<&str> {
        self.get("License-Expression")
            .or_else(|| self.get("License"))
    }

    /// The keywords, which a document separates by commas.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        let keywords = self.get("Keywords").unwrap_or_default().split(',');
        keywords
            .map(str::trim)
            .filter(|keyword| !keyword.is_empty())
    }

    /// The labels and addresses of `Home-page`, `Download-URL` and each `Project-URL`. One that is not `http`
    /// or `https` is left out, since a browser may run it.
    pub fn project_urls(&self) -> impl Iterator<Item = (&str, &str)> {
        let of = |label, field| self.get(field).map(|url| (label, url));
        let named = [of("Homepage", "Home-page"), of("Download", "Download-URL")];
        let labelled = self
            .all("Project-URL")
            .filter_map(|value| value.split_once(','));
        let urls = named.into_iter().flatten().chain(labelled);
        urls.map(|(label, url)| (label.trim(), url.trim()))
            .filter(|(_, url)| {
                let scheme = url.split_once("://").map(|(scheme, _)| scheme);
                scheme.is_some_and(|it| {
                    ["http", "https"]
                        .iter()
                        .any(|web| it.eq_ignore_ascii_case(web))
                })
            })
    }

    /// The description: what follows the fields, else the field `Description`, unfolded. `None` if a document
    /// has both.
    #[must_use]
    pub fn description(&self) -> Option<Cow<'_, str>> {
        let body = self.body.as_deref()?;
        match (self.values("Description").count(), body.is_empty()) {
            (0, false) => Some(body.into()),
            (1, true) => Some(unfolded(self.get("Description")?)),
            _ => None,
        }
    }

    /// Checks what an index demands of an upload, and returns the name and the version.
    ///
    /// # Errors
    ///
    /// Returns [`MetadataError`] if `Metadata-Version` is not 1 or 2, if the name, the version or
    /// `Requires-Python` is missing where it must not be or is not valid, if a field is repeated that must not
    /// be, if anything is not UTF-8, if the summary has more than one line, or if the type of the description
    /// is none of `text/plain`, `text/x-rst` and `text/markdown`.
    pub fn check(&self) -> Result<(ProjectName, Version), MetadataError> {
        use MetadataErrorKind as Kind;

        let refuse = |kind, field| Err(MetadataError::new(kind, Some(field)));
        if !self.is_utf8 {
            return Err(MetadataError::new(Kind::NotUtf8, None));
        }
        for field in SINGLE {
            if self.values(field).count() > 1 {
                return refuse(Kind::Repeated, field);
            }
        }
        if self.values("description").next().is_some() && self.body.as_deref() != Some("") {
            return refuse(Kind::Repeated, "description");
        }
        let version = self.get("Metadata-Version").unwrap_or_default();
        let major = version.split_once('.').map(|(major, _)| major);
        if !matches!(major, Some("1" | "2")) {
            return refuse(Kind::UnknownMetadataVersion, "metadata-version");
        }
        let specifiers = self.get("Requires-Python").unwrap_or_default();
        if specifiers.parse::<pep440_rs::VersionSpecifiers>().is_err() {
            return refuse(Kind::Invalid, "requires-python");
        }
        if self
            .get("Summary")
            .is_some_and(|summary| summary.contains(['\r', '\n']))
        {
            return refuse(Kind::Invalid, "summary");
        }
        let types = ["text/plain", "text/x-rst", "text/markdown"];
        let content_type = self.get("Description-Content-Type").unwrap_or(types[0]);
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !types.iter().any(|it| it.eq_ignore_ascii_case(essence)) {
            return refuse(Kind::Invalid, "description-content-type");
        }
        let Ok(name) = ProjectName::parse(self.get("Name").unwrap_or_default()) else {
            return refuse(Kind::Invalid, "name");
        };
        let Ok(version) = Version::parse(self.get("Version").unwrap_or_default()) else {
            return refuse(Kind::Invalid, "version");
        };
        Ok((name, version))
    }
}

/// The first line with its end, and what follows. `\r` alone ends a line too.
fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let end = match end {
        Some(at) if text[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
        None => text.len(),
    };
    (!text.is_empty()).then(|| text.split_at(end))
}

/// Whether a line belongs to the fields: by a name of printable ASCII and a colon, by white space at its start,
/// or as the first line of a mailbox.
fn is_header(line: &[u8]) -> bool {
    let end = line
        .iter()
        .position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'));
    line.starts_with(b"From ")
        || line.starts_with(b" ")
        || line.starts_with(b"\t")
        || end.is_some_and(|end| line[end] == b':')
}

type Fields = Vec<(Box<str>, Option<Box<str>>)>;

/// The fields of these lines, and the last line if it belongs to the body.
fn read_fields<'a>(lines: &[&'a [u8]]) -> (Fields, Option<&'a [u8]>) {
    let mut raw: Vec<(&[u8], Vec<u8>)> = Vec::new();
    let mut is_open = false;
    for (i, &line) in lines.iter().enumerate() {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some((_, value)) = raw.last_mut().filter(|_| is_open) {
                value.extend_from_slice(line);
            }
            continue;
        }
        is_open = false;
        if line.starts_with(b"From ") {
            if i > 0 && i + 1 == lines.len() {
                return (decoded(&raw), Some(line));
            }
            continue;
        }
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(0);
        if colon > 0 {
            raw.push((&line[..colon], line[colon + 1..].to_vec()));
            is_open = true;
        }
    }
    (decoded(&raw), None)
}

fn decoded(raw: &[(&[u8], Vec<u8>)]) -> Fields {
    let fields = raw.iter().map(|(name, value)| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let value = std::str::from_utf8(value).ok();
        let value = value.map(|value| value.trim_matches([' ', '\t', '\r', '\n']).into());
        (name.into(), value)
    });
    fields.collect()
}

/// A description in a field: each line after the first begins with eight spaces, or seven and a bar.
fn unfolded(value: &str) -> Cow<'_, str> {
    if !value.contains('\n') {
        return value.into();
    }
    let lines = value.split('\n').map(|line| {
        let plain = line.strip_prefix("       |");
        plain
            .or_else(|| line.strip_prefix("        "))
            .unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n").into()
}

/// Why core metadata was refused. It names the field, and does not repeat its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataError {
    kind: MetadataErrorKind,
    field: Option<&'static str>,
}

/// The kind of a [`MetadataError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataErrorKind {
    /// The document is longer than 8 MiB.
    TooLong,
    /// The document is not UTF-8.
    NotUtf8,
    /// A field that must occur once occurs again.
    Repeated,
    /// `Metadata-Version` is missing, or its major version is neither 1 nor 2.
    UnknownMetadataVersion,
    /// A field is missing or not valid.
    Invalid,
}

impl MetadataError {
    fn new(kind: MetadataErrorKind, field: Option<&'static str>) -> Self {
        Self { kind, field }
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> MetadataErrorKind {
        self.kind
    }

    /// The field, in lower case. `None` for a problem of the whole document.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(match self.kind {
            MetadataErrorKind::TooLong => "the metadata is longer than 8 MiB",
            MetadataErrorKind::NotUtf8 => "the metadata is not UTF-8",
            MetadataErrorKind::Repeated => "the field must occur once, and occurs again",
            MetadataErrorKind::UnknownMetadataVersion => "expected a version 1 or 2, such as 2.1",
            MetadataErrorKind::Invalid => "the field is missing or its value is not valid",
        })
    }
}

impl Error for MetadataError {}

#[cfg(test)]
mod tests;
