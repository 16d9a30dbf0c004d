use flate2::{Decompress, FlushDecompress, Status};

use super::directory::Entry;
use super::fields::index;
use crate::pypi::archive::error::{ArchiveError, ArchiveErrorKind, quoted};

/// How much is decompressed at a time.
const CHUNK: usize = 32 << 10;

/// Takes a member's data as they stand in the archive, and passes on what they are: never more than the
/// directory says, and nothing that has not its checksum at the end.
pub(in crate::pypi::archive) struct Decoder<'a> {
    name: &'a [u8],
    entry: Entry,
    inflating: Option<Inflating>,
    crc: crc32fast::Hasher,
    size: u64,
}

struct Inflating {
    state: Decompress,
    buffer: Box<[u8]>,
    has_ended: bool,
}

impl<'a> Decoder<'a> {
    pub(in crate::pypi::archive) fn new(name: &'a [u8], entry: Entry) -> Self {
        let inflating = entry.is_deflated().then(|| Inflating {
            state: Decompress::new(false),
            buffer: vec![0; CHUNK].into(),
            has_ended: false,
        });
        Self {
            name,
            entry,
            inflating,
            crc: crc32fast::Hasher::new(),
            size: 0,
        }
    }

    /// Takes the next packed bytes.
    pub(in crate::pypi::archive) fn push(
        &mut self,
        mut packed: &[u8],
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ArchiveError> {
        let Some(mut inflating) = self.inflating.take() else {
            return self.pass(packed, sink);
        };
        loop {
            if inflating.has_ended && !packed.is_empty() {
                return Err(self.corrupt("has data after its end"));
            }
            let before = (inflating.state.total_in(), inflating.state.total_out());
            let flush = FlushDecompress::None;
            let status = (inflating
                .state
                .decompress(packed, &mut inflating.buffer, flush))
            .map_err(|_| self.corrupt("is not deflated as it says"))?;
            let consumed = index(inflating.state.total_in() - before.0);
            let made = index(inflating.state.total_out() - before.1);
            packed = &packed[consumed..];
            self.pass(&inflating.buffer[..made], sink)?;
            inflating.has_ended |= status == Status::StreamEnd;
            let is_starved = packed.is_empty() && made < CHUNK;
            if is_starved || (consumed, made) == (0, 0) {
                break;
            }
        }
        self.inflating = Some(inflating);
        Ok(())
    }

    fn pass(&mut self, plain: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), ArchiveError> {
        self.size += plain.len() as u64;
        if self.size > self.entry.size {
            return Err(self.corrupt("is longer than the directory says"));
        }
        self.crc.update(plain);
        sink(plain);
        Ok(())
    }

    /// Ends the data.
    pub(in crate::pypi::archive) fn finish(self) -> Result<(), ArchiveError> {
        if self.inflating.as_ref().is_some_and(|it| !it.has_ended) {
            return Err(self.corrupt("is cut off"));
        }
        if self.size != self.entry.size {
            return Err(self.corrupt("is shorter than the directory says"));
        }
        if self.crc.clone().finalize() != self.entry.crc {
            return Err(self.corrupt("does not have its checksum"));
        }
        Ok(())
    }

    fn corrupt(&self, problem: &str) -> ArchiveError {
        let problem = format!("the zip's member {} {problem}", quoted(self.name));
        ArchiveError::new(ArchiveErrorKind::Corrupt, problem)
    }
}
