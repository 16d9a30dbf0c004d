use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The right to change a file, which only one process and thread of this machine has at a time.
pub(super) struct Writer {
    /// The file itself, if the given path is a link.
    path: PathBuf,
    /// Locked until it is closed. It is a separate file, since the other one is replaced.
    _lock: File,
}

impl Writer {
    /// Waits until no other writer has the lock.
    pub(super) fn lock(path: &Path) -> io::Result<Self> {
        let path = resolve(path)?;
        let lock = private()
            .create(true)
            .truncate(false)
            .open(beside(&path, ".lock"))?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn exists(&self) -> io::Result<bool> {
        self.path.try_exists()
    }

    /// Replaces the file as a whole: a reader finds either the old contents or all of `contents`, even
    /// after a power failure.
    pub(super) fn replace(&self, contents: &[u8]) -> io::Result<()> {
        let new_path = beside(&self.path, ".new");
        // Left by a writer that was killed, or a link that somebody has planted.
        match fs::remove_file(&new_path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut new = private().create_new(true).open(&new_path)?;
        let written = self.keep_access(&new).and_then(|()| {
            new.write_all(contents)?;
            new.sync_all()?;
            fs::rename(&new_path, &self.path)
        });
        if written.is_err() {
            // The first error is the one to report.
            let _: io::Result<()> = fs::remove_file(&new_path);
        }
        written?;
        self.sync_folder()
    }

    /// Gives the new file the owner and the mode of the old one, since a gateway that runs as another
    /// user must be able to read it.
    #[cfg(unix)]
    fn keep_access(&self, new: &File) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let old = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            old => old?,
        };
        let metadata = new.metadata()?;
        if (metadata.uid(), metadata.gid()) != (old.uid(), old.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
        new.set_permissions(old.permissions())
    }

    #[cfg(not(unix))]
    fn keep_access(&self, _new: &File) -> io::Result<()> {
        Ok(())
    }

    /// Writes the new directory entry to the disk.
    #[cfg(unix)]
    fn sync_folder(&self) -> io::Result<()> {
        self.path
            .parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    #[cfg(not(unix))]
    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }
}

fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path),
        resolved => resolved,
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Options for new files that only their owner may read and write.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}
