use super::error::ArchiveError;

/// The public index refuses an archive that is more than this many times larger without compression, if it
/// is larger than this many bytes.
const RATIO: u64 = 50;
const RATIO_FROM: u64 = 64 << 20;

/// How much an uploaded archive may need.
///
/// By default it may have 16 GiB without compression and 100,000 members. Whatever the limits, an archive of
/// more than 64 MiB without compression may not be 50 times as large as the file.
#[derive(Clone, Debug)]
#[must_use]
pub struct ArchiveLimits {
    bytes: u64,
    members: usize,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            bytes: 16 << 30,
            members: 100_000,
        }
    }
}

impl ArchiveLimits {
    /// Sets how many bytes all members may have together, without compression. In a tar archive, headers
    /// count as well.
    pub fn with_unpacked_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets how many members there may be, folders included.
    pub fn with_members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }

    pub(super) fn members(&self) -> usize {
        self.members
    }
}

/// What an archive may still unpack to.
pub(super) struct Budget {
    limit: u64,
    spent: u64,
    /// The length of the file.
    packed: u64,
}

impl Budget {
    pub(super) fn new(limits: &ArchiveLimits, packed: u64) -> Self {
        Self {
            limit: limits.bytes,
            spent: 0,
            packed,
        }
    }

    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > self.limit {
            let problem = format!("the archive unpacks to more than {} bytes", self.limit);
            return Err(ArchiveError::too_large(problem));
        }
        if self.spent > RATIO_FROM && self.spent / RATIO > self.packed {
            let problem = format!("the archive unpacks to more than {RATIO} times its length");
            return Err(ArchiveError::too_large(problem));
        }
        Ok(())
    }
}
