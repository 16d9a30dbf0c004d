use std::io::{Read, Seek, SeekFrom};

use super::decoder::Decoder;
use super::directory::{Row, Rows};
use super::end::{End, TAIL};
use super::fields::index;
use super::local::{FIXED, LocalHeader};
use super::rules;
use crate::pypi::archive::error::{ArchiveError, quoted};
use crate::pypi::archive::limits::ArchiveLimits;
use crate::pypi::archive::tree::Sorted;

/// How much of the file is read at a time.
const CHUNK: usize = 64 << 10;

/// The directory of an uploaded zip.
pub(in crate::pypi::archive) struct Directory {
    bytes: Vec<u8>,
    end: End,
    file: u64,
}

impl Directory {
    pub(in crate::pypi::archive) fn read<R: Read + Seek>(
        file: &mut R,
    ) -> Result<Self, ArchiveError> {
        let length = file
            .seek(SeekFrom::End(0))
            .map_err(ArchiveError::unreadable)?;
        let start = length.saturating_sub(TAIL);
        let end = End::parse(&read(file, start, length - start)?, start)?;
        let at = &end.directory;
        Ok(Self {
            bytes: read(file, at.start, at.end - at.start)?,
            end,
            file: length,
        })
    }

    /// The members in the order of their places in the file.
    pub(in crate::pypi::archive) fn rows(&self) -> Result<Vec<Row<'_>>, ArchiveError> {
        let rows: Result<Vec<_>, _> = Rows::new(&self.bytes, self.end.rows).collect();
        let mut rows = rows?;
        rows.sort_by_key(|row| row.entry.header);
        Ok(rows)
    }

    /// Judges the members by what the directory says of them, and returns their paths.
    pub(in crate::pypi::archive) fn check(
        &self,
        rows: &[Row<'_>],
        limits: &ArchiveLimits,
    ) -> Result<Sorted, ArchiveError> {
        rules::check(rows, self.file, limits)
    }
}

fn read<R: Read + Seek>(file: &mut R, start: u64, length: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = vec![0; index(length)];
    (file
        .seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(&mut bytes)))
    .map_err(ArchiveError::unreadable)?;
    Ok(bytes)
}

/// Reads the members of a zip one after the other, and finds nothing between them.
pub(in crate::pypi::archive) struct Walk<'a, R> {
    file: &'a mut R,
    at: u64,
    /// Where the directory begins.
    end: u64,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    pub(in crate::pypi::archive) fn new(file: &'a mut R, directory: &Directory) -> Self {
        Self {
            file,
            at: 0,
            end: directory.end.directory.start,
        }
    }

    /// Reads one member out of turn, whole.
    pub(in crate::pypi::archive) fn read_member(
        &mut self,
        row: &Row<'_>,
        limit: u64,
    ) -> Result<Vec<u8>, ArchiveError> {
        if row.entry.size > limit {
            let (name, size) = (quoted(row.name), row.entry.size);
            let problem = format!("{name} has {size} bytes, {limit} are allowed");
            return Err(ArchiveError::too_large(problem));
        }
        let mut bytes = Vec::new();
        let mut walk = Walk {
            at: row.entry.header,
            end: self.end,
            file: &mut *self.file,
        };
        walk.member(row, &mut |part| bytes.extend_from_slice(part))?;
        Ok(bytes)
    }

    /// Reads the next member, and hands its contents on.
    pub(in crate::pypi::archive) fn member(
        &mut self,
        row: &Row<'_>,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ArchiveError> {
        let name = quoted(row.name);
        if row.entry.header != self.at {
            let problem = format!("the zip's member {name} does not follow the one before it");
            return Err(ArchiveError::ambiguous(problem));
        }
        let too_long =
            || ArchiveError::malformed(format!("the zip's member {name} is not among its members"));
        let left = (self.end.checked_sub(self.at))
            .and_then(|it| it.checked_sub(FIXED))
            .ok_or_else(too_long)?;
        let header = LocalHeader::parse(&read(self.file, self.at, FIXED)?)?;
        let data = header.rest();
        let next = data
            .checked_add(row.entry.packed)
            .filter(|&length| length <= left);
        let next = next.ok_or_else(too_long)?;
        header.check(
            &read(self.file, self.at + FIXED, data)?,
            row.name,
            &row.entry,
        )?;
        let mut decoder = Decoder::new(row.name, row.entry);
        let mut left = row.entry.packed;
        let mut chunk = vec![0; CHUNK.min(index(left))];
        while left > 0 {
            let part = &mut chunk[..CHUNK.min(index(left))];
            self.file
                .read_exact(part)
                .map_err(ArchiveError::unreadable)?;
            decoder.push(part, sink)?;
            left -= part.len() as u64;
        }
        self.at += FIXED + next;
        decoder.finish()
    }

    /// Ends the walk, where the directory must begin.
    pub(in crate::pypi::archive) fn finish(self) -> Result<(), ArchiveError> {
        if self.at == self.end {
            return Ok(());
        }
        let problem = "the zip has data between its last member and its directory";
        Err(ArchiveError::ambiguous(problem))
    }
}
