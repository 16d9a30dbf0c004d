use super::directory::{Entry, two_names};
use super::extra::Extra;
use super::fields::Fields;
use crate::pypi::archive::error::{ArchiveError, quoted};

const SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// The length of a local header before its name.
pub(in crate::pypi::archive) const FIXED: u64 = 30;

/// The header before a member's data, which repeats what the directory says.
pub(in crate::pypi::archive) struct LocalHeader {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    name: u16,
    extra: u16,
}

impl LocalHeader {
    /// Parses the [`FIXED`] part.
    pub(in crate::pypi::archive) fn parse(fixed: &[u8]) -> Result<Self, ArchiveError> {
        let mut fields = Fields::new("a local header", fixed);
        fields.signature(SIGNATURE)?;
        let _version = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        Ok(Self {
            flags,
            method,
            crc: fields.u32()?,
            packed: fields.u32()?,
            size: fields.u32()?,
            name: fields.u16()?,
            extra: fields.u16()?,
        })
    }

    /// The length of what follows the fixed part, before the data.
    pub(in crate::pypi::archive) fn rest(&self) -> u64 {
        u64::from(self.name) + u64::from(self.extra)
    }

    /// Compares the header with the directory. `rest` is what follows the fixed part.
    pub(in crate::pypi::archive) fn check(
        &self,
        rest: &[u8],
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), ArchiveError> {
        let mut fields = Fields::new("a local header", rest);
        let own_name = fields.take(self.name.into())?;
        let extra = Extra::parse(fields.take(self.extra.into())?)?;
        if own_name != name {
            let (name, own) = (quoted(name), quoted(own_name));
            let problem = format!("the zip's member {name} is called {own} in its local header");
            return Err(ArchiveError::ambiguous(problem));
        }
        if extra.has_other_name(name) {
            return Err(two_names(name));
        }
        let [size, packed] = extra.widened([self.size, self.packed])?;
        let own = (u64::from(self.crc), packed, size);
        let may_lack = entry.has_data_descriptor() && own == (0, 0, 0);
        if (self.flags, self.method) == (entry.flags, entry.method)
            && (own == (entry.crc.into(), entry.packed, entry.size) || may_lack)
        {
            return Ok(());
        }
        let problem = format!(
            "the zip's member {} differs between its local header and the directory",
            quoted(name)
        );
        Err(ArchiveError::ambiguous(problem))
    }
}
