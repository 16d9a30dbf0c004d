use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::digest::Sha256Digest;
use super::file_name::DistributionName;
use super::project::ProjectList;

/// The longest page that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What Python's `urllib.parse.quote` encodes.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// The index page of a directory that [s3pypi] keeps in a bucket: file names and their hashes.
///
/// A page is written in the exact bytes of s3pypi 2, which reads it with a regular expression. Entries of
/// older versions have no hash. Whatever else s3pypi would keep of a page is kept.
///
/// ```
/// use portcullis::pypi::{DistributionName, S3pypiPage, Sha256Digest};
///
/// let page = br#"<a href="demo-1.0%2Bold.zip">demo-1.0+old.zip</a><br>"#;
/// let mut page = S3pypiPage::parse(page)?;
/// assert_eq!(page.files().collect::<Vec<_>>(), [("demo-1.0+old.zip", None)]);
///
/// let file = DistributionName::parse("demo-1.1.tar.gz").unwrap();
/// page.insert(&file, Sha256Digest::of(b"content"));
/// assert_eq!(S3pypiPage::parse(page.html().as_bytes())?, page);
///
/// assert!(S3pypiPage::parse(b"\xff").is_err());
/// # Ok::<_, portcullis::pypi::S3pypiPageError>(())
/// ```
///
/// [s3pypi]: https://github.com/gorilla-co/s3pypi
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct S3pypiPage {
    /// File names, with the fragment of their links, such as `sha256=…`.
    files: BTreeMap<Box<str>, Option<Box<str>>>,
}

impl S3pypiPage {
    /// Reads a page, as s3pypi does: one link on a line, its text is the file name.
    ///
    /// # Errors
    ///
    /// Returns [`S3pypiPageError`] if the page is longer than 16 MiB or is not UTF-8.
    pub fn parse(page: &[u8]) -> Result<Self, S3pypiPageError> {
        if page.len() > MAX_BYTES {
            return Err(S3pypiPageError::new(S3pypiPageErrorKind::TooLong));
        }
        let page = std::str::from_utf8(page);
        let page = page.map_err(|_| S3pypiPageError::new(S3pypiPageErrorKind::NotUtf8))?;
        let mut files = BTreeMap::new();
        for line in page.split('\n') {
            let mut rest = line;
            while let Some((file, hash, after)) = find_link(rest) {
                files.insert(file.into(), hash.map(Into::into));
                rest = after;
            }
        }
        Ok(Self { files })
    }

    /// The names of the files, sorted by their bytes, and their digests where the page has them.
    ///
    /// A name may be that of anything: s3pypi checks none.
    pub fn files(&self) -> impl Iterator<Item = (&str, Option<Sha256Digest>)> {
        self.files
            .iter()
            .map(|(file, hash)| (&**file, hash.as_deref().and_then(sha256)))
    }

    /// The digest of a file, if the page has it.
    #[must_use]
    pub fn sha256(&self, file: &str) -> Option<Sha256Digest> {
        self.files.get(file)?.as_deref().and_then(sha256)
    }

    /// Whether the page has a file.
    #[must_use]
    pub fn contains(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    /// Whether the page has no file. s3pypi deletes such a page.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Adds a file, or replaces its digest.
    pub fn insert(&mut self, file: &DistributionName, digest: Sha256Digest) {
        self.files.insert(
            file.as_str().into(),
            Some(format!("sha256={digest}").into()),
        );
    }

    /// Removes a file, and says whether it was there.
    pub fn remove(&mut self, file: &str) -> bool {
        self.files.remove(file).is_some()
    }

    /// The page, in the exact bytes of s3pypi.
    #[must_use]
    pub fn html(&self) -> String {
        let links = self
            .files
            .iter()
            .map(|(file, hash)| (&**file, hash.as_deref(), &**file));
        html(links)
    }
}

impl ProjectList {
    /// The root page that s3pypi writes for `--put-root-index`, in its exact bytes.
    #[must_use]
    pub fn s3pypi_html(&self) -> String {
        // Sorted with their slash, `demo-x/` comes before `demo/`.
        let mut links: Vec<_> = self.names().iter().map(|name| format!("{name}/")).collect();
        links.sort();
        html(
            links
                .iter()
                .map(|link| (&**link, None, link.trim_end_matches('/'))),
        )
    }
}

/// A page of links: address, fragment and text of each.
fn html<'a>(links: impl Iterator<Item = (&'a str, Option<&'a str>, &'a str)>) -> String {
    let mut page = String::from(
        "<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset=\"UTF-8\">\n    \
         <title>Package Index</title>\n  </head>\n  <body>\n",
    );
    for (i, (address, hash, text)) in links.enumerate() {
        page.push_str(if i == 0 {
            "    <a href=\""
        } else {
            "<br>\n    <a href=\""
        });
        page.extend(utf8_percent_encode(address, QUOTED));
        if let Some(hash) = hash {
            page.push('#');
            page.push_str(hash);
        }
        page.push_str("\">");
        page.push_str(text);
        page.push_str("</a>");
    }
    page.push_str("\n  </body>\n</html>");
    page
}

/// The first link of a text within a line: its text, the hash at the end of its address, and what follows.
fn find_link(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let mut rest = text;
    loop {
        let (_, link) = rest.split_once("<a href=\"")?;
        // s3pypi wants one character at least of an address.
        let mut ends = link.match_indices("\">").map(|(at, _)| at);
        let end = ends.find(|&at| at > 0)?;
        let (file, after) = link[end + 2..].split_once("</a>")?;
        let file = file.trim_end_matches('/');
        if !file.is_empty() {
            return Some((file, hash_of(&link[..end]), after));
        }
        rest = after;
    }
}

/// The hash at the end of an address: two words with `=` between them, after one character at least.
fn hash_of(address: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name_end = address.trim_end_matches(is_word).strip_suffix('=')?.len();
    let start = address[..name_end].trim_end_matches(is_word).len().max(1);
    let is_hash =
        start < name_end && name_end + 1 < address.len() && address.is_char_boundary(start);
    is_hash.then(|| &address[start..])
}

fn sha256(hash: &str) -> Option<Sha256Digest> {
    Sha256Digest::from_hex(hash.strip_prefix("sha256=")?)
}

/// Why a page of s3pypi was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct S3pypiPageError {
    kind: S3pypiPageErrorKind,
}

/// The kind of an [`S3pypiPageError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3pypiPageErrorKind {
    /// The page is longer than 16 MiB.
    TooLong,
    /// The page is not UTF-8.
    NotUtf8,
}

impl S3pypiPageError {
    fn new(kind: S3pypiPageErrorKind) -> Self {
        Self { kind }
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> S3pypiPageErrorKind {
        self.kind
    }
}

impl fmt::Display for S3pypiPageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            S3pypiPageErrorKind::TooLong => "the page is longer than 16 MiB",
            S3pypiPageErrorKind::NotUtf8 => "the page is not UTF-8",
        })
    }
}

impl Error for S3pypiPageError {}

#[cfg(test)]
mod tests;
