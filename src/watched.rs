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

/// How long the file is taken to be as it was, in milliseconds.
const INTERVAL: u64 = 1000;

/// What is made of a file.
pub(crate) trait Parse: Send + Sync + 'static {
    type Value: Send + Sync + 'static;
    type Error: Send + 'static;

    /// The longest file, in bytes. Of one that is longer, the parser gets one byte more.
    const MAX_BYTES: usize;

    fn parse(&self, contents: &[u8]) -> Result<Self::Value, Self::Error>;

    /// The error where there is nothing to parse.
    fn unreadable(error: io::Error) -> Self::Error;
}

/// A value, and the file that it is made of, which is read again when it has changed.
pub(crate) struct Watched<P: Parse> {
    current: ArcSwap<Generation<P::Value>>,
    file: Option<WatchedFile<P>>,
    /// The changes that the observer has yet to hear of.
    untold: Untold<Change<P>>,
}

/// A value and its number, which grows with each change.
pub(crate) struct Generation<T> {
    pub(crate) number: u64,
    pub(crate) value: T,
}

/// Who hears of the changes: the value that took effect, or why the one before stays.
pub(crate) type Observer<P> =
    dyn Fn(Result<&<P as Parse>::Value, &<P as Parse>::Error>) + Send + Sync;

/// What blocks, and so is run elsewhere.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

struct WatchedFile<P> {
    path: PathBuf,
    parser: P,
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

impl<P: Parse> Watched<P> {
    /// A value that stays as it is.
    #[cfg(feature = "htpasswd")]
    pub(crate) fn fixed(value: P::Value) -> Self {
        Self::new(value, None)
    }

    /// The value of a file. It blocks.
    pub(crate) fn open(path: PathBuf, parser: P) -> Result<Self, P::Error> {
        let (stamp, contents) = read(&path, P::MAX_BYTES).map_err(P::unreadable)?;
        let value = parser.parse(&contents)?;
        let file = WatchedFile {
            path,
            parser,
            seen: Mutex::new(Ok(stamp)),
            looked_at: AtomicU64::new(0),
            looking: AtomicBool::new(false),
        };
        Ok(Self::new(value, Some(file)))
    }

    fn new(value: P::Value, file: Option<WatchedFile<P>>) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation { number: 0, value }),
            file,
            untold: Untold::new(),
        }
    }

    pub(crate) fn current(&self) -> Guard<Arc<Generation<P::Value>>> {
        self.current.load()
    }

    /// Takes over the value of the file as it is now, which no observer is told. It blocks.
    ///
    /// A look that is under way does not put an older value in its place.
    #[cfg(feature = "token")]
    pub(crate) fn reload(&self) -> Result<(), P::Error> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (stamp, contents) = read(&file.path, P::MAX_BYTES).map_err(P::unreadable)?;
        let value = file.parser.parse(&contents)?;
        *seen = Ok(stamp);
        self.store(value);
        Ok(())
    }

    /// Has `run` look at the file, for one caller a second and not before the last look is done.
    ///
    /// `run` says whether it will: where it cannot, the value stays as it is.
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
                // Before another look, so that the observer hears of changes in their order.
                watched.untold.push(change);
                (watched, observer)
            });
            // Before the request goes on, so that the next one may look again.
            drop(look);
            // Neither the request nor the next look waits for the observer.
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
        let file = self.file.as_ref()?;
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let last = file.looked_at.load(Ordering::Relaxed);
        // Due as well where the clock has been set back.
        if now.abs_diff(last) < INTERVAL || file.looking.swap(true, Ordering::Acquire) {
            return None;
        }
        let look = Look(Arc::clone(self));
        // Somebody may have looked in between.
        file.looked_at
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

/// A look at the file that is under way.
pub(crate) struct Reload(oneshot::Receiver<()>);

impl Reload {
    /// Ends when the value is up to date.
    pub(crate) async fn done(self) {
        // The sender is dropped when the look is over.
        let _: Result<(), _> = self.0.await;
    }
}

/// The one look at the file that is under way.
struct Look<P: Parse>(Arc<Watched<P>>);

/// The value that took effect, or why the one before stays.
type Change<P> = Result<Arc<Generation<<P as Parse>::Value>>, <P as Parse>::Error>;

impl<P: Parse> Look<P> {
    /// Takes over the value of a file that has changed. `None` if it is as it was.
    fn run(&self) -> Option<Change<P>> {
        let file = self.0.file.as_ref()?;
        let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = fs::metadata(&file.path).map(|metadata| Stamp::of(&metadata));
        if stamp.is_ok_and(|stamp| *seen == Ok(stamp)) {
            return None;
        }
        // A file that could not be read is tried again each time, since what hindered it (too many
        // open files, say) may not show in its metadata.
        let (now, value) = match read(&file.path, P::MAX_BYTES) {
            Ok((stamp, contents)) => (Ok(stamp), file.parser.parse(&contents)),
            Err(error) => (Err(error.kind()), Err(P::unreadable(error))),
        };
        let changed = *seen != now;
        *seen = now;
        changed.then(|| value.map(|value| self.0.store(value)))
    }
}

impl<P: Parse> Drop for Look<P> {
    fn drop(&mut self) {
        if let Some(file) = &self.0.file {
            file.looking.store(false, Ordering::Release);
        }
    }
}

/// Reads a file of at most so many bytes, and one byte more of a longer one.
#[cfg(feature = "token")]
pub(crate) fn read_file(path: &Path, max_bytes: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    read(path, max_bytes).map(|(_, contents)| contents)
}

fn read(path: &Path, max_bytes: usize) -> io::Result<(Stamp, Zeroizing<Vec<u8>>)> {
    // Opening a pipe would block until somebody writes.
    if !fs::metadata(path)?.is_file() {
        let problem = "it is not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let file = File::open(path)?;
    // Before the contents are read, so that a later change makes another stamp.
    let stamp = Stamp::of(&file.metadata()?);
    let limit = max_bytes as u64 + 1;
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

#[cfg(test)]
mod tests;
