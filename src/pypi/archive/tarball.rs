use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result as IoResult, Seek, SeekFrom};

use flate2::bufread::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::error::{ArchiveError, ArchiveErrorKind, quoted};
use super::limits::{ArchiveLimits, Budget};
use super::member_path::MemberPath;
use super::tar_extensions::TarExtensions;
use super::tree::{Kind, Sorted, Tree};

/// How much of the file is read at a time.
const CHUNK: usize = 64 << 10;

/// The field that continues a name in a header of POSIX, and has other uses or none in others.
const PREFIX: std::ops::Range<usize> = 345..500;

/// Judges a tar archive in one gzip stream, and returns its paths and the contents of one of them.
pub(super) fn check<R: Read + Seek>(
    file: &mut R,
    wanted: &str,
    wanted_limit: u64,
    limits: &ArchiveLimits,
) -> Result<(Sorted, Option<Vec<u8>>), ArchiveError> {
    let length = file
        .seek(SeekFrom::End(0))
        .and_then(|it| file.rewind().map(|()| it));
    let length = length.map_err(ArchiveError::unreadable)?;
    let stream = Unpacked {
        gzip: GzDecoder::new(BufReader::with_capacity(CHUNK, Packed(file))),
        budget: Budget::new(limits, length),
    };
    let mut archive = Archive::new(stream);
    let mut members = Members {
        tree: Tree::new(limits),
        hard_links: Vec::new(),
        wanted,
        wanted_limit,
        contents: None,
    };
    let mut extensions = TarExtensions::default();
    for entry in archive.entries().map_err(refused)?.raw(true) {
        let mut entry = entry.map_err(refused)?;
        if !extensions.take(&mut entry).map_err(refused)? {
            members.add(&mut entry, &std::mem::take(&mut extensions))?;
        }
    }
    extensions.finish()?;
    let mut stream = archive.into_inner();
    check_padding(&mut stream).map_err(refused)?;
    // Python's gzip reads on in a second stream, others stop after the first one.
    if !(stream.gzip.get_mut().fill_buf())
        .map_err(refused)?
        .is_empty()
    {
        let problem = "the archive has data after its gzip stream";
        return Err(ArchiveError::ambiguous(problem));
    }
    members.finish()
}

/// Reads to the end, which an archive may fill up with zeros.
fn check_padding(stream: &mut impl Read) -> IoResult<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return Ok(());
        }
        if chunk[..length].iter().any(|&byte| byte != 0) {
            let problem = "the tar archive has data after its end";
            return Err(Error::other(ArchiveError::ambiguous(problem)));
        }
    }
}

struct Members<'a> {
    tree: Tree,
    /// The path of each, and the one that it is linked to.
    hard_links: Vec<(String, String)>,
    wanted: &'a str,
    wanted_limit: u64,
    contents: Option<Vec<u8>>,
}

impl Members<'_> {
    fn add<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        extensions: &TarExtensions,
    ) -> Result<(), ArchiveError> {
        let header = entry.header();
        let name = extensions.name(&header.path_bytes())?;
        let path = MemberPath::parse(&name)?;
        extensions.check_size(path.text(), entry.size())?;
        if header.as_ustar().is_none() && header.as_bytes()[PREFIX].iter().any(|&byte| byte != 0) {
            let problem = format!(
                "the tar archive's member {} has a name of two kinds",
                quoted(&name)
            );
            return Err(ArchiveError::ambiguous(problem));
        }
        let kind = kind(header.entry_type(), path, entry.size())?;
        if kind == Kind::Symlink {
            let target = extensions.link(header.link_name_bytes().as_deref())?;
            check_symlink(path, &target)?;
        }
        if header.entry_type() == EntryType::Link {
            let target = extensions.link(header.link_name_bytes().as_deref())?;
            let target = MemberPath::parse(&target)?.text().to_owned();
            self.hard_links.push((path.text().to_owned(), target));
        }
        self.tree.add(path.text(), kind)?;
        if header.entry_type().is_file() && path.text() == self.wanted {
            self.contents = Some(self.read_wanted(entry)?);
        }
        Ok(())
    }

    fn read_wanted<R: Read>(&self, entry: &mut Entry<'_, R>) -> Result<Vec<u8>, ArchiveError> {
        if entry.size() > self.wanted_limit {
            let (name, size, limit) = (quoted(self.wanted), entry.size(), self.wanted_limit);
            let problem = format!("{name} has {size} bytes, {limit} are allowed");
            return Err(ArchiveError::too_large(problem));
        }
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).map_err(refused)?;
        Ok(contents)
    }

    fn finish(self) -> Result<(Sorted, Option<Vec<u8>>), ArchiveError> {
        let paths = self.tree.finish()?;
        for (path, target) in &self.hard_links {
            if path == target || paths.kind(target) != Some(Kind::File) {
                let (path, target) = (quoted(path), quoted(target));
                let problem = format!(
                    "the tar archive's link {path} leads to {target}, which is no file in it"
                );
                return Err(ArchiveError::new(ArchiveErrorKind::SpecialFile, problem));
            }
        }
        Ok((paths, self.contents))
    }
}

fn kind(entry: EntryType, path: MemberPath<'_>, size: u64) -> Result<Kind, ArchiveError> {
    let refused = |kind, problem: &str| {
        let problem = format!("the tar archive's member {} {problem}", quoted(path.text()));
        Err(ArchiveError::new(kind, problem))
    };
    match entry {
        // Whether it is a folder depends on the reader.
        EntryType::Regular if path.has_slash() => refused(
            ArchiveErrorKind::Ambiguous,
            "is a file with the name of a folder",
        ),
        // Some readers skip these contents, others take them for the next header.
        EntryType::Directory | EntryType::Symlink | EntryType::Link if size > 0 => {
            refused(ArchiveErrorKind::Ambiguous, "has contents, but is no file")
        }
        EntryType::Directory => Ok(Kind::Folder),
        EntryType::Symlink => Ok(Kind::Symlink),
        EntryType::Regular | EntryType::Link => Ok(Kind::File),
        EntryType::GNUSparse => refused(ArchiveErrorKind::Unsupported, "is sparse"),
        _ => refused(
            ArchiveErrorKind::SpecialFile,
            "is a device, a pipe or of an unknown type",
        ),
    }
}

/// A link may lead up to the top folder and from there down. No member is below a link, and `..` comes
/// first, so wherever the links on its way lead, it does not leave the top folder.
fn check_symlink(path: MemberPath<'_>, target: &[u8]) -> Result<(), ArchiveError> {
    let refused = |problem: &str| {
        let (path, target) = (quoted(path.text()), quoted(target));
        let problem = format!("the tar archive's link {path} leads to {target}, {problem}");
        Err(ArchiveError::new(ArchiveErrorKind::SpecialFile, problem))
    };
    let Ok(text) = str::from_utf8(target) else {
        return refused("which is not UTF-8");
    };
    let segments: Vec<_> = text.split('/').filter(|it| *it != ".").collect();
    let ups = segments.iter().take_while(|it| **it == "..").count();
    let downs = segments[ups..].join("/");
    if ups >= path.text().split('/').count() - 1 {
        return refused("which is outside of its folder");
    }
    let is_below = downs.is_empty() || MemberPath::parse(downs.as_bytes()).is_ok();
    if !is_below || text.is_empty() || text.starts_with('/') {
        return refused("which is no plain path");
    }
    Ok(())
}

/// What the file is unpacked to, within the budget.
struct Unpacked<R: BufRead> {
    gzip: GzDecoder<R>,
    budget: Budget,
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        let length = self.gzip.read(buffer)?;
        self.budget.spend(length as u64).map_err(Error::other)?;
        Ok(length)
    }
}

/// The file. Its own errors are told from those of what it contains.
struct Packed<'a, R>(&'a mut R);

impl<R: Read> Read for Packed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        (self.0.read(buffer)).map_err(|error| match error.kind() {
            ErrorKind::Interrupted => error,
            _ => Error::other(ArchiveError::unreadable(error)),
        })
    }
}

/// Takes our own error out of one that has passed through the decoders.
fn refused(error: Error) -> ArchiveError {
    let error = match error.downcast::<ArchiveError>() {
        Ok(error) => return error,
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::UnexpectedEof => ArchiveError::malformed("the archive is cut off"),
        _ => ArchiveError::malformed(format!("it is not a valid .tar.gz archive: {error}")),
    }
}
