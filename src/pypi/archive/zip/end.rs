use std::ops::Range;

use super::fields::Fields;
use crate::pypi::archive::error::{ArchiveError, ArchiveErrorKind};

/// How much of the end of a file to read, so that all records that end it are there: with the longest
/// comment and with those of ZIP64.
pub(in crate::pypi::archive) const TAIL: u64 =
    (RECORD + u16::MAX as usize + LOCATOR + RECORD_64) as u64;

/// The largest directory that is read: some 80,000 members.
const DIRECTORY_LIMIT: u64 = 8 << 20;

/// The lengths of the records, and what the second one of ZIP64 gives as its own length.
const RECORD: usize = 22;
const LOCATOR: usize = 20;
const RECORD_64: usize = 56;
const REST_OF_RECORD_64: u64 = 44;

const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const SIGNATURE_64: [u8; 4] = *b"PK\x06\x06";

/// What the end of a zip says of its directory.
#[derive(Debug)]
pub(in crate::pypi::archive) struct End {
    /// Where the directory is. It ends where the records of the end begin.
    pub(in crate::pypi::archive) directory: Range<u64>,
    /// The number of its rows.
    pub(in crate::pypi::archive) rows: u64,
}

/// The three fields that both kinds of record have, each as wide as ZIP64 makes it.
struct Counts {
    rows: u64,
    size: u64,
    offset: u64,
}

impl End {
    /// Parses the last [`TAIL`] bytes of a file, or all of it if it is shorter; they begin at `start`.
    pub(in crate::pypi::archive) fn parse(tail: &[u8], start: u64) -> Result<Self, ArchiveError> {
        let at =
            find_record(tail).ok_or_else(|| ArchiveError::malformed("it is not a zip archive"))?;
        let mut fields = Fields::new("the end record", &tail[at..]);
        fields.signature(SIGNATURE)?;
        let disks = [fields.u16()?, fields.u16()?];
        let (rows_here, rows) = (fields.u16()?, fields.u16()?);
        let counts = Counts {
            rows: rows.into(),
            size: fields.u32()?.into(),
            offset: fields.u32()?.into(),
        };
        let comment = fields.u16()?;
        fields.take(comment.into())?;
        if !fields.is_empty() {
            return Err(ArchiveError::ambiguous("the zip has data after its end"));
        }
        if disks != [0, 0] || rows_here != rows {
            return Err(several_disks());
        }
        let (counts, length) = match find_locator(&tail[..at]) {
            Some(locator) => {
                let wide = parse_64(&tail[..at], locator, start)?;
                agree(&counts, &wide)?;
                (wide, LOCATOR + RECORD_64)
            }
            None => (counts, 0),
        };
        let end = start + (at - length) as u64;
        let directory = counts.offset..counts.offset.saturating_add(counts.size);
        if directory.end != end {
            let problem = "the zip has data before its first member or after its directory";
            return Err(ArchiveError::ambiguous(problem));
        }
        if counts.size > DIRECTORY_LIMIT {
            let problem = format!(
                "the zip's directory has {} bytes, 8 MiB are allowed",
                counts.size
            );
            return Err(ArchiveError::too_large(problem));
        }
        let rows = counts.rows;
        Ok(Self { directory, rows })
    }
}

/// The place that Python's `zipfile` reads: the very end if there is a record without a comment, else the
/// last signature.
fn find_record(tail: &[u8]) -> Option<usize> {
    let without_comment = tail.len().checked_sub(RECORD);
    let is_record = |at: &usize| tail[*at..].starts_with(&SIGNATURE) && tail.ends_with(&[0, 0]);
    without_comment
        .filter(is_record)
        .or_else(|| tail.windows(4).rposition(|four| four == SIGNATURE))
}

fn find_locator(before: &[u8]) -> Option<&[u8]> {
    let locator = &before[before.len().checked_sub(LOCATOR)?..];
    locator.starts_with(&LOCATOR_SIGNATURE).then_some(locator)
}

/// The record of ZIP64, which must stand directly before its locator. `before` ends with the locator.
fn parse_64(before: &[u8], locator: &[u8], start: u64) -> Result<Counts, ArchiveError> {
    let mut fields = Fields::new("the ZIP64 locator", locator);
    fields.signature(LOCATOR_SIGNATURE)?;
    let (disk, offset, disks) = (fields.u32()?, fields.u64()?, fields.u32()?);
    let at = (before.len().checked_sub(LOCATOR + RECORD_64))
        .filter(|&at| start + at as u64 == offset)
        .ok_or_else(|| {
            ArchiveError::malformed(
                "the ZIP64 locator points elsewhere than to the record before it",
            )
        })?;
    let mut fields = Fields::new("the ZIP64 end record", &before[at..]);
    fields.signature(SIGNATURE_64)?;
    if fields.u64()? != REST_OF_RECORD_64 {
        let problem = "the ZIP64 end record does not end at its locator";
        return Err(ArchiveError::malformed(problem));
    }
    let _versions = fields.u32()?;
    let own_disks = [fields.u32()?, fields.u32()?];
    let (rows_here, rows) = (fields.u64()?, fields.u64()?);
    if disk != 0 || disks > 1 || own_disks != [0, 0] || rows_here != rows {
        return Err(several_disks());
    }
    Ok(Counts {
        rows,
        size: fields.u64()?,
        offset: fields.u64()?,
    })
}

/// Python takes the record of ZIP64 whenever there is one, others only if a narrow field is full.
fn agree(narrow: &Counts, wide: &Counts) -> Result<(), ArchiveError> {
    let agrees = |narrow: u64, full: u64, wide: u64| narrow == full || narrow == wide;
    let full = u64::from(u32::MAX);
    if agrees(narrow.rows, u16::MAX.into(), wide.rows)
        && agrees(narrow.size, full, wide.size)
        && agrees(narrow.offset, full, wide.offset)
    {
        return Ok(());
    }
    let problem = "the zip's two end records contradict each other";
    Err(ArchiveError::ambiguous(problem))
}

fn several_disks() -> ArchiveError {
    let problem = "the zip is one of several disks";
    ArchiveError::new(ArchiveErrorKind::Unsupported, problem)
}
