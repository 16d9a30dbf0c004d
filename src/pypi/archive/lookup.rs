use std::ops::Range;

use super::error::{ArchiveError, ArchiveErrorKind, quoted};
use super::zip::{Decoder, End, Entry, FIXED, LocalHeader, Rows, TAIL, index};

/// The longest `METADATA` that is read.
const METADATA_LIMIT: u64 = 8 << 20;
/// Deflate makes what it cannot compress longer by 5 bytes in 64 KiB at most.
const PACKED_LIMIT: u64 = METADATA_LIMIT + (METADATA_LIMIT >> 10);

/// A guess at the extra fields of a local header, which are not those of the directory. Python writes none.
const EXTRA: u64 = 256;

/// Finds the core metadata of a wheel without reading all of it.
///
/// It reads nothing itself: it says which bytes it needs next, and takes them. Most wheels need three
/// reads, one of less than 64 KiB needs one. No read is longer than 8.1 MiB.
///
/// ```
/// use portcullis::pypi::archive::{ArchiveError, MetadataLookup, WheelMetadata};
///
/// fn metadata(wheel: &[u8]) -> Result<WheelMetadata, ArchiveError> {
///     let mut lookup = MetadataLookup::new(wheel.len() as u64);
///     loop {
///         let range = lookup.range();
///         let bytes = &wheel[range.start as usize..range.end as usize];
///         if let Some(metadata) = lookup.supply(bytes)? {
///             return Ok(metadata);
///         }
///     }
/// }
///
/// let error = metadata(b"not a wheel").unwrap_err();
/// assert_eq!(error.to_string(), "it is not a zip archive");
///
/// // A zip archive without members.
/// let error = metadata(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap_err();
/// assert_eq!(error.to_string(), r#"the wheel has no "*.dist-info/METADATA""#);
/// ```
#[derive(Debug)]
pub struct MetadataLookup {
    stage: Stage,
    needed: Range<u64>,
}

/// The `METADATA` file of a wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelMetadata {
    folder: String,
    bytes: Vec<u8>,
}

impl WheelMetadata {
    /// The folder that it is in: `{name}-{version}.dist-info`, where the name and the version may be
    /// spelled in another way than in the wheel's file name.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Its contents, which have the checksum that the wheel gives for them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its contents.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[derive(Debug)]
enum Stage {
    End,
    Directory(End),
    Member(Found),
}

/// The member, as the directory has it.
#[derive(Clone, Debug)]
struct Found {
    name: String,
    entry: Entry,
    /// Where the directory begins, so that all members end there.
    directory: u64,
}

/// What a stage leads to.
enum Next {
    Stage(Stage, Range<u64>),
    Done(WheelMetadata),
}

impl MetadataLookup {
    /// A look-up in a wheel of this many bytes.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self {
            stage: Stage::End,
            needed: size.saturating_sub(TAIL)..size,
        }
    }

    /// The bytes of the wheel to supply next. It is empty for an empty file.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.needed.clone()
    }

    /// Takes the bytes of [`range`](Self::range). `None` means that more are needed: ask for the range
    /// again.
    ///
    /// # Errors
    ///
    /// `bytes` has another length than the range, or the file is not a zip archive with exactly one
    /// `*.dist-info/METADATA` that can be read in full. The look-up has then ended.
    pub fn supply(&mut self, bytes: &[u8]) -> Result<Option<WheelMetadata>, ArchiveError> {
        let window = self.range();
        if bytes.len() as u64 != window.end - window.start {
            let problem = "the wheel has another length than was said";
            return Err(ArchiveError::malformed(problem));
        }
        while let Some(bytes) = part(bytes, &window, &self.needed) {
            match self.stage.advance(bytes, &self.needed)? {
                Next::Stage(stage, needed) => (self.stage, self.needed) = (stage, needed),
                Next::Done(metadata) => return Ok(Some(metadata)),
            }
        }
        Ok(None)
    }
}

/// The bytes of `needed`, if they are all among those of `window`.
fn part<'a>(bytes: &'a [u8], window: &Range<u64>, needed: &Range<u64>) -> Option<&'a [u8]> {
    let index = |offset: u64| usize::try_from(offset.checked_sub(window.start)?).ok();
    bytes.get(index(needed.start)?..index(needed.end)?)
}

impl Stage {
    fn advance(&self, bytes: &[u8], at: &Range<u64>) -> Result<Next, ArchiveError> {
        match self {
            Self::End => {
                let end = End::parse(bytes, at.start)?;
                let needed = end.directory.clone();
                Ok(Next::Stage(Self::Directory(end), needed))
            }
            Self::Directory(end) => {
                let found = find(Rows::new(bytes, end.rows), end.directory.start)?;
                let needed = found.range(found.name.len() as u64 + EXTRA)?;
                Ok(Next::Stage(Self::Member(found), needed))
            }
            Self::Member(found) => found.advance(bytes),
        }
    }
}

/// The only `METADATA`. Two of them would leave it to the reader which one counts.
fn find(rows: Rows<'_>, directory: u64) -> Result<Found, ArchiveError> {
    let mut found: Option<Found> = None;
    for row in rows {
        let row = row?;
        let Some(name) = folder(row.name).and_then(|_| str::from_utf8(row.name).ok()) else {
            continue;
        };
        if let Some(other) = found {
            let problem = format!("the wheel has {} and {}", quoted(other.name), quoted(name));
            return Err(ArchiveError::ambiguous(problem));
        }
        found = Some(Found {
            name: name.to_owned(),
            entry: row.entry,
            directory,
        });
    }
    found.ok_or_else(|| {
        let problem = r#"the wheel has no "*.dist-info/METADATA""#;
        ArchiveError::new(ArchiveErrorKind::Missing, problem)
    })
}

/// The folder of a member, if the member is `METADATA` in a `.dist-info` at the top.
fn folder(name: &[u8]) -> Option<&[u8]> {
    let folder = name.strip_suffix(b"/METADATA")?;
    (folder.ends_with(b".dist-info") && !folder.contains(&b'/')).then_some(folder)
}

impl Found {
    /// The bytes of the member if `rest` bytes follow the fixed part of its header, as far as members go.
    fn range(&self, rest: u64) -> Result<Range<u64>, ArchiveError> {
        let Entry {
            size,
            packed,
            header,
            ..
        } = self.entry;
        if size > METADATA_LIMIT || packed > PACKED_LIMIT {
            let problem = format!("{} has {size} bytes, 8 MiB are allowed", quoted(&self.name));
            return Err(ArchiveError::too_large(problem));
        }
        let end = header
            .saturating_add(FIXED + rest + packed)
            .min(self.directory);
        if header.saturating_add(FIXED) > end {
            return Err(self.is_elsewhere());
        }
        Ok(header..end)
    }

    fn is_elsewhere(&self) -> ArchiveError {
        let problem = format!(
            "the zip's member {} is not among its members",
            quoted(&self.name)
        );
        ArchiveError::malformed(problem)
    }

    fn advance(&self, bytes: &[u8]) -> Result<Next, ArchiveError> {
        let name = self.name.as_bytes();
        self.entry.check_method(name)?;
        let (fixed, rest) = bytes
            .split_at_checked(index(FIXED))
            .ok_or_else(|| self.is_elsewhere())?;
        let header = LocalHeader::parse(fixed)?;
        let needed = FIXED + header.rest() + self.entry.packed;
        if (bytes.len() as u64) < needed {
            // The guess was too short, or the member goes on where no member can be.
            let range = self.range(header.rest())?;
            if range.end - range.start < needed {
                return Err(self.is_elsewhere());
            }
            return Ok(Next::Stage(Stage::Member(self.clone()), range));
        }
        let (names, data) = rest.split_at(index(header.rest()));
        header.check(names, name, &self.entry)?;
        let mut plain = Vec::new();
        let mut decoder = Decoder::new(name, self.entry);
        decoder.push(&data[..index(self.entry.packed)], &mut |bytes| {
            plain.extend_from_slice(bytes);
        })?;
        decoder.finish()?;
        Ok(Next::Done(WheelMetadata {
            folder: self.name.trim_end_matches("/METADATA").to_owned(),
            bytes: plain,
        }))
    }
}
