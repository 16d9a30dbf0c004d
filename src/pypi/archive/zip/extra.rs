use super::fields::Fields;
use crate::pypi::archive::error::ArchiveError;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// The extra fields of a header that change what it says.
#[derive(Default)]
pub(super) struct Extra<'a> {
    zip64: Option<&'a [u8]>,
    unicode_path: Option<&'a [u8]>,
}

impl<'a> Extra<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let mut extra = Self::default();
        let mut fields = Fields::new("an extra field", bytes);
        while !fields.is_empty() {
            let (id, length) = (fields.u16()?, fields.u16()?);
            let data = fields.take(length.into())?;
            let place = match id {
                ZIP64 => &mut extra.zip64,
                UNICODE_PATH => &mut extra.unicode_path,
                _ => continue,
            };
            if place.replace(data).is_some() {
                let problem = "a header of the zip has the same extra field twice";
                return Err(ArchiveError::ambiguous(problem));
            }
        }
        Ok(extra)
    }

    /// The fields, in the order of ZIP64: one that is full stands in the extra field. The field has no more
    /// than those, so that no reader can prefer what others ignore.
    pub(super) fn widened<const N: usize>(
        &self,
        narrow: [u32; N],
    ) -> Result<[u64; N], ArchiveError> {
        let mut fields = Fields::new("the ZIP64 field", self.zip64.unwrap_or_default());
        let mut wide = narrow.map(u64::from);
        for field in wide.iter_mut().filter(|it| **it == u64::from(u32::MAX)) {
            *field = fields.u64()?;
        }
        if fields.is_empty() {
            return Ok(wide);
        }
        let problem = "a ZIP64 field of the zip gives more than its header asks for";
        Err(ArchiveError::ambiguous(problem))
    }

    /// Some readers take this name (Info-ZIP's Unicode path) instead of the header's.
    pub(super) fn has_other_name(&self, name: &[u8]) -> bool {
        // Version and checksum come before the name.
        self.unicode_path
            .is_some_and(|field| field.get(5..) != Some(name))
    }
}
