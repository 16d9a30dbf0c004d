use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use self::untold::Untold;

mod untold;

/// The files are checked at most once in this time, in milliseconds.
const INTERVAL: u64 = 1000;

/// The parser of a file, or of several.
pub(crate) trait Parse: Send + Sync + 'static {
    type Value: Send + Sync + 'static;
    type Error: Send + 'static;

    /// The longest file, in bytes. Of a longer file, the parser gets one byte more than that.
    const MAX_BYTES: usize;

    /// Parses the contents of the files, in the order of their paths.
    fn parse(&self, files: &[Contents]) -> Result<Self::Value, Self::Error>;

    /// The error for a file that cannot be read, by its place among the paths.
    fn unreadable(file: usize, error: io::Error) -> Self::Error;
}

/// The contents of a file, wiped when dropped.
pub(crate) type Contents = Zeroizing<Vec<u8>>;

/// A value, and the files that it is parsed from, which are reloaded when one of them changes.
pub(crate) struct Watched<P: Parse> {
    current: ArcSwap<Generation<P::Value>>,
    files: Option<WatchedFiles<P>>,
    /// The changes that the observer has not been called for.
    untold: Untold<Change<P>>,
}

/// A value and its number, which increases with each change.
pub(crate) struct Generation<T> {
    pub(crate) number: u64,
    pub(crate) value: T,
}

/// Called for each change, with the new value or with the error because of which the old one stays.
pub(crate) type Observer<P> =
    dyn Fn(Result<&<P as Parse>::Value, &<P as Parse>::Error>) + Send + Sync;

/// Blocking work, which is run elsewhere.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

struct WatchedFiles<P> {
    paths: Vec<PathBuf>,
    parser: P,
    seen: Mutex<Seen>,
    /// In milliseconds since 1970.
    looked_at: AtomicU64,
    looking: AtomicBool,
}

/// The state of the files when they were last read, or the one that could not be read, so that each
/// state is reported once.
type Seen = Result<Vec<Stamp>, (usize, io::ErrorKind)>;

/// Shows that a file has changed, without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    unix: UnixStamp,
}

/// The identity of the file, and the time of the last change of its contents or attributes, which no
/// program can set.
#[cfg(unix)]
#[derive(Clone, Copy, PartialEq, Eq)]
struct UnixStamp {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

impl<P: Parse> Watched<P> {
    /// A value that does not change.
    #[cfg(feature = "htpasswd")]
    pub(crate) fn fixed(value: P::Value) -> Self {
        Self::new(value, None)
    }

    /// The paths of the files and their parser, if the value is not fixed.
    #[cfg(feature = "htpasswd")]
    pub(crate) fn source(&self) -> Option<(&[PathBuf], &P)> {
        let files = self.files.as_ref()?;
        Some((&files.paths, &files.parser))
    }

    /// Reads and parses these files. It blocks.
    pub(crate) fn open(paths: Vec<PathBuf>, parser: P) -> Result<Self, P::Error> {
        let read = read_all(&paths, P::MAX_BYTES);
        let (stamps, contents) = read.map_err(|(file, error)| P::unreadable(file, error))?;
        let value = parser.parse(&contents)?;
        let files = WatchedFiles {
            paths,
            parser,
            seen: Mutex::new(Ok(stamps)),
            looked_at: AtomicU64::new(0),
            looking: AtomicBool::new(false),
        };
        Ok(Self::new(value, Some(files)))
    }

    fn new(value: P::Value, files: Option<WatchedFiles<P>>) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation { number: 0, value }),
            files,
            untold: Untold::new(),
        }
    }

    pub(crate) fn current(&self) -> Guard<Arc<Generation<P::Value>>> {
        self.current.load()
    }

    /// Reads the files now, without calling the observer. It blocks.
    ///
    /// A check that is running does not replace the value by an older one.
    #[cfg(feature = "token")]
    pub(crate) fn reload(&self) -> Result<(), P::Error> {
        let Some(files) = &self.files else {
            return Ok(());
        };
        let mut seen = files.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read_all(&files.paths, P::MAX_BYTES);
        let (stamps, contents) = read.map_err(|(file, error)| P::unreadable(file, error))?;
        let value = files.parser.parse(&contents)?;
        *seen = Ok(stamps);
        self.store(value);
        Ok(())
    }

    /// Passes a task that checks the files to `run`, for one caller a second and only after the last check
    /// has ended.
    ///
    /// `run` returns whether the task will run. If not, the value does not change.
    pub(crate) fn reload_if_due(
        self: &Arc<Self>,
        now: SystemTime,
        observer: Option<&Arc<Observer<P>>>,
        run: impl FnOnce(Task) -> bool,
    ) -> Option<Reload> {
        let look = self.due(now)?;
        let (done, reloaded) = oneshot::channel();
        let told = observer.map(|observer| (Arc::clone(self), Arc::clone(observer)));
        let task = move || {
            let told = look.run().zip(told);
            let told = told.map(|(change, (watched, observer))| {
                // Before another check can start, so that the observer is called in the order of changes.
                watched.untold.push(change);
                (watched, observer)
            });
            // Before the request continues, so that the next one can check again.
            drop(look);
            // Neither the request nor the next check waits for the observer.
            drop(done);
            if let Some((watched, observer)) = told {
                let tell = |change: Change<P>| {
                    observer(change.as_ref().map(|generation| &generation.value));
                };
                watched.untold.tell(tell);
            }
        };
        run(Box::new(task)).then_some(Reload(reloaded))
    }

    fn due(self: &Arc<Self>, now: SystemTime) -> Option<Look<P>> {
        let files = self.files.as_ref()?;
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let last = files.looked_at.load(Ordering::Relaxed);
        // Also due if the clock has been set back.
        if now.abs_diff(last) < INTERVAL || files.looking.swap(true, Ordering::Acquire) {
            return None;
        }
        let look = Look(Arc::clone(self));
        // Another caller may have checked in between.
        files
            .looked_at
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
            .then_some(look)
    }

    fn store(&self, value: P::Value) -> Arc<Generation<P::Value>> {
        let number = self.current.load().number + 1;
        let generation = Arc::new(Generation { number, value });
        self.current.store(Arc::clone(&generation));
        generation
    }
}

/// A check of the files that is running.
pub(crate) struct Reload(oneshot::Receiver<()>);

impl Reload {
    /// Ends when the value is up to date.
    pub(crate) async fn done(self) {
        // The sender is dropped when the check has ended.
        let _: Result<(), _> = self.0.await;
    }
}

/// The one check of the files that is running.
struct Look<P: Parse>(Arc<Watched<P>>);

/// The new value, or the error because of which the old one stays.
type Change<P> = Result<Arc<Generation<<P as Parse>::Value>>, <P as Parse>::Error>;

impl<P: Parse> Look<P> {
    /// Reads the files if one has changed. `None` if not.
    fn run(&self) -> Option<Change<P>> {
        let files = self.0.files.as_ref()?;
        let mut seen = files.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = |path| fs::metadata(path).map(|metadata| Stamp::of(&metadata));
        let stamps: io::Result<Vec<_>> = files.paths.iter().map(stamp).collect();
        if stamps.is_ok_and(|stamps| *seen == Ok(stamps)) {
            return None;
        }
        // A file that could not be read is tried again each time, since the cause (such as too many open
        // files) need not show in its metadata.
        let (now, value) = match read_all(&files.paths, P::MAX_BYTES) {
            Ok((stamps, contents)) => (Ok(stamps), files.parser.parse(&contents)),
            Err((file, error)) => (Err((file, error.kind())), Err(P::unreadable(file, error))),
        };
        let changed = *seen != now;
        *seen = now;
        changed.then(|| value.map(|value| self.0.store(value)))
    }
}

impl<P: Parse> Drop for Look<P> {
    fn drop(&mut self) {
        if let Some(files) = &self.0.files {
            files.looking.store(false, Ordering::Release);
        }
    }
}

/// Reads at most `max_bytes` of a file, and one byte more of a longer one.
#[cfg(feature = "token")]
pub(crate) fn read_file(path: &Path, max_bytes: usize) -> io::Result<Contents> {
    read(path, max_bytes).map(|(_, contents)| contents)
}

/// Reads all of these files. The error has the place of the one that cannot be read.
fn read_all(
    paths: &[PathBuf],
    max_bytes: usize,
) -> Result<(Vec<Stamp>, Vec<Contents>), (usize, io::Error)> {
    let read = |(i, path): (usize, &PathBuf)| read(path, max_bytes).map_err(|error| (i, error));
    paths.iter().enumerate().map(read).collect()
}

fn read(path: &Path, max_bytes: usize) -> io::Result<(Stamp, Contents)> {
    // Opening a pipe would block until another process writes.
    if !fs::metadata(path)?.is_file() {
        let problem = "it is not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let file = File::open(path)?;
    // Before the contents are read, so that a later change makes another stamp.
    let stamp = Stamp::of(&file.metadata()?);
    let limit = max_bytes as u64 + 1;
    // With capacity for the whole file, so that growing leaves no copies that are not wiped.
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

#[cfg(test)]
mod tests;
