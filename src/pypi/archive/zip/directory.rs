use super::extra::Extra;
use super::fields::Fields;
use crate::pypi::archive::error::{ArchiveError, ArchiveErrorKind, quoted};

const SIGNATURE: [u8; 4] = *b"PK\x01\x02";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A member is encrypted: by the old way, by strong encryption, or with its header masked.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DATA_DESCRIPTOR: u16 = 1 << 3;
#[cfg(feature = "upload")]
const UTF_8: u16 = 1 << 11;

/// What the directory says of a member, but for its name.
#[derive(Clone, Copy, Debug)]
pub(in crate::pypi::archive) struct Entry {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// The bytes of its data in the archive.
    pub(in crate::pypi::archive) packed: u64,
    /// The bytes of its data without compression.
    pub(in crate::pypi::archive) size: u64,
    /// Where its local header begins.
    pub(in crate::pypi::archive) header: u64,
    /// The mode of Unix, if the archive has it.
    #[cfg(feature = "upload")]
    pub(super) mode: u16,
}

/// A row of the directory.
#[derive(Clone, Copy, Debug)]
pub(in crate::pypi::archive) struct Row<'a> {
    pub(in crate::pypi::archive) name: &'a [u8],
    pub(in crate::pypi::archive) entry: Entry,
    #[cfg(feature = "upload")]
    pub(super) has_comment: bool,
}

/// The rows of a directory, in its order. An error ends them.
pub(in crate::pypi::archive) struct Rows<'a> {
    fields: Fields<'a>,
    left: u64,
}

impl<'a> Rows<'a> {
    pub(in crate::pypi::archive) fn new(directory: &'a [u8], rows: u64) -> Self {
        Self {
            fields: Fields::new("the directory", directory),
            left: rows,
        }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let is_over = self.fields.is_empty();
        if is_over && self.left == 0 {
            return None;
        }
        let row = match self.left.checked_sub(1) {
            Some(left) if !is_over => {
                self.left = left;
                Row::parse(&mut self.fields)
            }
            _ => {
                let problem = "the zip's directory has another number of members than its end says";
                Err(ArchiveError::ambiguous(problem))
            }
        };
        if row.is_err() {
            *self = Self::new(&[], 0);
        }
        Some(row)
    }
}

impl<'a> Row<'a> {
    fn parse(fields: &mut Fields<'a>) -> Result<Self, ArchiveError> {
        fields.signature(SIGNATURE)?;
        let _versions = fields.u32()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        let crc = fields.u32()?;
        let (packed, size) = (fields.u32()?, fields.u32()?);
        let lengths = [fields.u16()?, fields.u16()?, fields.u16()?];
        let disk = fields.u16()?;
        let _internal = fields.u16()?;
        let external = fields.u32()?;
        let header = fields.u32()?;
        let name = fields.take(lengths[0].into())?;
        let extra = Extra::parse(fields.take(lengths[1].into())?)?;
        fields.take(lengths[2].into())?;
        if disk != 0 {
            let problem = format!("the zip's member {} is on another disk", quoted(name));
            return Err(ArchiveError::new(ArchiveErrorKind::Unsupported, problem));
        }
        if extra.has_other_name(name) {
            return Err(two_names(name));
        }
        let [size, packed, header] = extra.widened([size, packed, header])?;
        #[cfg(not(feature = "upload"))]
        let _ = external;
        let entry = Entry {
            flags,
            method,
            crc,
            packed,
            size,
            header,
            #[cfg(feature = "upload")]
            mode: (external >> 16) as u16,
        };
        Ok(Self {
            name,
            entry,
            #[cfg(feature = "upload")]
            has_comment: lengths[2] > 0,
        })
    }
}

impl Entry {
    /// Refuses what not every installer can unpack.
    pub(in crate::pypi::archive) fn check_method(&self, name: &[u8]) -> Result<(), ArchiveError> {
        let name = quoted(name);
        if self.flags & ENCRYPTED != 0 {
            let problem = format!("the zip's member {name} is encrypted");
            return Err(ArchiveError::new(ArchiveErrorKind::Unsupported, problem));
        }
        match self.method {
            STORED if self.packed != self.size => {
                let problem =
                    format!("the zip's member {name} is stored with two different lengths");
                Err(ArchiveError::ambiguous(problem))
            }
            STORED | DEFLATED => Ok(()),
            method => {
                let problem = format!(
                    "the zip's member {name} is compressed by method {method}, only deflate is allowed"
                );
                Err(ArchiveError::new(ArchiveErrorKind::Unsupported, problem))
            }
        }
    }

    pub(super) fn is_deflated(&self) -> bool {
        self.method == DEFLATED
    }

    /// Whether checksum and lengths follow the data, so that the local header may lack them.
    pub(super) fn has_data_descriptor(&self) -> bool {
        self.flags & DATA_DESCRIPTOR != 0
    }

    #[cfg(feature = "upload")]
    pub(super) fn has_utf8_name(&self) -> bool {
        self.flags & UTF_8 != 0
    }
}

pub(super) fn two_names(name: &[u8]) -> ArchiveError {
    let problem = format!(
        "the zip's member {} has another name beside this one",
        quoted(name)
    );
    ArchiveError::ambiguous(problem)
}
