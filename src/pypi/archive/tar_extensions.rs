use std::io::{Error, Read, Result as IoResult};

use tar::{Entry, EntryType};

use super::error::{ArchiveError, ArchiveErrorKind, quoted};

/// The longest header of extensions in bytes.
const LIMIT: u64 = 64 << 10;

/// What the headers before a member say of it: names that are too long for its own header.
#[derive(Default)]
pub(super) struct TarExtensions {
    /// From headers of GNU tar.
    gnu_name: Option<Vec<u8>>,
    gnu_link: Option<Vec<u8>>,
    pax: Option<Pax>,
}

/// The fields of a pax header that change what a member is.
#[derive(Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<Vec<u8>>,
}

impl TarExtensions {
    /// Takes an entry that describes the next one, or the whole archive. False: it is a member.
    ///
    /// Errors of the archive are within those of its reader.
    pub(super) fn take<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> IoResult<bool> {
        let kind = entry.header().entry_type();
        let is_again = match kind {
            EntryType::GNULongName => self.gnu_name.replace(read_name(entry)?).is_some(),
            EntryType::GNULongLink => self.gnu_link.replace(read_name(entry)?).is_some(),
            EntryType::XHeader => {
                let pax = Pax::parse(&contents(entry)?).map_err(Error::other)?;
                self.pax.replace(pax).is_some()
            }
            EntryType::XGlobalHeader => {
                // Not all readers apply it to all members, and some take what came before it as its own.
                // `git archive` writes a comment there.
                let pax = Pax::parse(&contents(entry)?).map_err(Error::other)?;
                pax.path.or(pax.link).or(pax.size).is_some() || self.is_pending()
            }
            _ => return Ok(false),
        };
        let header = entry.header();
        let has_magic = header.as_ustar().is_some() || header.as_gnu().is_some();
        if is_again || !has_magic {
            let problem =
                "the tar archive has extended headers that readers understand differently";
            return Err(Error::other(ArchiveError::ambiguous(problem)));
        }
        Ok(true)
    }

    /// The name of the member that has this one in its own header.
    pub(super) fn name(&self, own: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        let pax = self.pax.as_ref().and_then(|it| it.path.as_ref());
        only(self.gnu_name.as_ref(), pax, Some(own))
    }

    /// What the member is linked to.
    pub(super) fn link(&self, own: Option<&[u8]>) -> Result<Vec<u8>, ArchiveError> {
        let pax = self.pax.as_ref().and_then(|it| it.link.as_ref());
        only(self.gnu_link.as_ref(), pax, own)
    }

    /// The length must be that of the member's own header, which not all readers override.
    pub(super) fn check_size(&self, path: &str, own: u64) -> Result<(), ArchiveError> {
        let pax = self.pax.as_ref().and_then(|it| it.size.as_ref());
        if pax.is_none_or(|size| *size == own.to_string().as_bytes()) {
            return Ok(());
        }
        let problem = format!("the tar archive's member {} has two lengths", quoted(path));
        Err(ArchiveError::ambiguous(problem))
    }

    fn is_pending(&self) -> bool {
        self.gnu_name.is_some() || self.gnu_link.is_some() || self.pax.is_some()
    }

    /// Ends the archive, where every description must have had its member.
    pub(super) fn finish(self) -> Result<(), ArchiveError> {
        if self.is_pending() {
            let problem = "the tar archive ends with an extended header";
            return Err(ArchiveError::malformed(problem));
        }
        Ok(())
    }
}

fn only(
    gnu: Option<&Vec<u8>>,
    pax: Option<&Vec<u8>>,
    own: Option<&[u8]>,
) -> Result<Vec<u8>, ArchiveError> {
    match (gnu, pax) {
        (Some(gnu), Some(_)) => {
            let problem = format!("the tar archive names {} in two ways", quoted(gnu));
            Err(ArchiveError::ambiguous(problem))
        }
        (Some(name), None) | (None, Some(name)) => Ok(name.clone()),
        (None, None) => Ok(own.unwrap_or_default().to_vec()),
    }
}

fn contents<R: Read>(entry: &mut Entry<'_, R>) -> IoResult<Vec<u8>> {
    if entry.size() > LIMIT {
        let problem = format!(
            "the tar archive has an extended header of {} bytes, 64 KiB are allowed",
            entry.size()
        );
        return Err(Error::other(ArchiveError::too_large(problem)));
    }
    let mut contents = Vec::new();
    entry.read_to_end(&mut contents)?;
    Ok(contents)
}

/// A name of GNU tar, which ends with a NUL.
fn read_name<R: Read>(entry: &mut Entry<'_, R>) -> IoResult<Vec<u8>> {
    let mut name = contents(entry)?;
    name.pop_if(|last| *last == 0);
    Ok(name)
}

impl Pax {
    /// Parses records of the form `{length} {keyword}={value}\n`, where the length is that of the record.
    fn parse(mut bytes: &[u8]) -> Result<Self, ArchiveError> {
        let mut pax = Self::default();
        while !bytes.is_empty() {
            let (keyword, value, rest) = split_record(bytes).ok_or_else(|| {
                ArchiveError::malformed("the tar archive has an invalid extended header")
            })?;
            bytes = rest;
            // Readers that split at line ends miss what follows.
            if keyword.contains(&b'\n') || value.contains(&b'\n') {
                let problem = format!(
                    "the tar archive has a line end in the extended header {}",
                    quoted(keyword)
                );
                return Err(ArchiveError::ambiguous(problem));
            }
            let place = match keyword {
                b"path" => &mut pax.path,
                b"linkpath" => &mut pax.link,
                b"size" => &mut pax.size,
                _ if keyword.starts_with(b"GNU.sparse.") => {
                    let problem = "the tar archive has a sparse member";
                    return Err(ArchiveError::new(ArchiveErrorKind::Unsupported, problem));
                }
                _ => continue,
            };
            if place.replace(value.to_vec()).is_some() {
                let problem = format!(
                    "the tar archive has an extended header with two {}",
                    quoted(keyword)
                );
                return Err(ArchiveError::ambiguous(problem));
            }
        }
        Ok(pax)
    }
}

/// The keyword, the value, and what follows the record.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().position(|&byte| byte == b' ')?;
    let length = str::from_utf8(&bytes[..space]).ok()?;
    let length = (length.bytes().all(|byte| byte.is_ascii_digit())).then_some(length)?;
    let (record, rest) = bytes.split_at_checked(length.parse().ok()?)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], rest))
}
