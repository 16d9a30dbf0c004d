use crate::pypi::archive::error::ArchiveError;

/// Little-endian fields, read one after the other.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    /// What they are the fields of, for the error.
    what: &'static str,
}

impl<'a> Fields<'a> {
    pub(super) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, what }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], ArchiveError> {
        let (taken, rest) = (self.rest.split_at_checked(length)).ok_or_else(|| {
            ArchiveError::malformed(format!("{} of the zip is cut off", self.what))
        })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(super) fn signature(&mut self, expected: [u8; 4]) -> Result<(), ArchiveError> {
        if self.array()? == expected {
            return Ok(());
        }
        let problem = format!("{} of the zip is not where it must be", self.what);
        Err(ArchiveError::malformed(problem))
    }

    pub(super) fn u16(&mut self) -> Result<u16, ArchiveError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ArchiveError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, ArchiveError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// A length as an index into what is in memory. What does not fit is no index into anything.
pub(in crate::pypi::archive) fn index(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
