use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::{ArcSwap, Guard};
use zeroize::Zeroizing;

use super::error::HtpasswdError;
use super::table::{HtpasswdTable, MAX_BYTES};

/// How long the file is taken to be as it was, in milliseconds.
const INTERVAL: u64 = 1000;

/// The present table, and the file that it is from.
pub(super) struct Source {
    current: ArcSwap<Generation>,
    file: Option<WatchedFile>,
}

/// A table and its number, which grows with each change.
pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) table: HtpasswdTable,
}

struct WatchedFile {
    path: PathBuf,
    plain: bool,
    seen: Mutex<Seen>,
    /// In milliseconds since 1970.
    looked_at: AtomicU64,
    looking: AtomicBool,
}

/// What the file was like when it was last read, so that one state of it is reported once.
type Seen = Result<Stamp, io::ErrorKind>;

/// What tells that a file has changed, without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    unix: UnixStamp,
}

/// The time of the last change of the file or its attributes, which no program can set, and which
/// file it is.
#[cfg(unix)]
#[derive(Clone, Copy, PartialEq, Eq)]
struct UnixStamp {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

impl Source {
    pub(super) fn fixed(table: HtpasswdTable) -> Self {
        Self::new(table, None)
    }

    pub(super) fn open(path: PathBuf, plain: bool) -> Result<Self, HtpasswdError> {
        let (stamp, contents) = read(&path).map_err(HtpasswdError::unreadable)?;
        let table = HtpasswdTable::parse_lines(&contents, plain)?;
        let file = WatchedFile {
            path,
            plain,
            seen: Mutex::new(Ok(stamp)),
            looked_at: AtomicU64::new(0),
            looking: AtomicBool::new(false),
        };
        Ok(Self::new(table, Some(file)))
    }

    fn new(table: HtpasswdTable, file: Option<WatchedFile>) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation { number: 0, table }),
            file,
        }
    }

    pub(super) fn current(&self) -> Guard<Arc<Generation>> {
        self.current.load()
    }

    /// The task to look at the file, for one caller a second and not before the last one is done.
    pub(super) fn due(self: &Arc<Self>, now: SystemTime) -> Option<Look> {
        let file = self.file.as_ref()?;
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let last = file.looked_at.load(Ordering::Relaxed);
        // Due as well where the clock has been set back.
        let is_due = now.abs_diff(last) >= INTERVAL
            && file
                .looked_at
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
            && !file.looking.swap(true, Ordering::Acquire);
        is_due.then(|| Look(Arc::clone(self)))
    }
}

/// The one look at the file that is under way.
pub(super) struct Look(Arc<Source>);

impl Look {
    /// Takes over the table of a file that has changed. `None` if it is as it was. It blocks.
    pub(super) fn run(&self) -> Option<Result<Arc<Generation>, HtpasswdError>> {
        let source = &*self.0;
        let table = source.file.as_ref()?.changed()?;
        Some(table.map(|table| {
            let number = source.current.load().number + 1;
            let generation = Arc::new(Generation { number, table });
            source.current.store(Arc::clone(&generation));
            generation
        }))
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        if let Some(file) = &self.0.file {
            file.looking.store(false, Ordering::Release);
        }
    }
}

impl WatchedFile {
    fn changed(&self) -> Option<Result<HtpasswdTable, HtpasswdError>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = fs::metadata(&self.path).map(|metadata| Stamp::of(&metadata));
        if stamp.is_ok_and(|stamp| *seen == Ok(stamp)) {
            return None;
        }
        // A file that could not be read is tried again each time, since what hindered it (too many
        // open files, say) may not show in its metadata.
        let (now, table) = match read(&self.path) {
            Ok((stamp, contents)) => (Ok(stamp), HtpasswdTable::parse_lines(&contents, self.plain)),
            Err(error) => (Err(error.kind()), Err(HtpasswdError::unreadable(error))),
        };
        let changed = *seen != now;
        *seen = now;
        changed.then_some(table)
    }
}

fn read(path: &Path) -> io::Result<(Stamp, Zeroizing<Vec<u8>>)> {
    // Opening a pipe would block until somebody writes.
    if !fs::metadata(path)?.is_file() {
        let problem = "it is not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let file = File::open(path)?;
    // Before the contents are read, so that a later change makes another stamp.
    let stamp = Stamp::of(&file.metadata()?);
    let limit = MAX_BYTES as u64 + 1;
    // With room for all of it, so that growing leaves no copies that nobody wipes.
    let room = usize::try_from(stamp.length.min(limit)).unwrap_or_default() + 1;
    let mut contents = Zeroizing::new(Vec::with_capacity(room));
    file.take(limit).read_to_end(&mut contents)?;
    Ok((stamp, contents))
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            unix: UnixStamp::of(metadata),
        }
    }
}

#[cfg(unix)]
impl UnixStamp {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
