use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::error::KeyError;
use super::key_set::{KeySet, MAX_BYTES};
use super::key_source::{KeySource, NewerKeys};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::watched::{Contents, Observer, Parse, Reload, Watched};

/// The keys of a file, which is read again when it changes: public keys as PEM, or a JSON Web Key Set.
///
/// A file whose first character is `{` is a key set. See [`KeySet::from_pem`] and [`KeySet::from_jwks`] for what
/// they may have.
///
/// Requests drive it, at most one check a second: the first request after a second waits for it, and a changed
/// file counts from then on. If the file is missing or bad, the keys before stay. A file without a usable key
/// ends them. A clone is cheap and shares the keys.
///
/// ```no_run
/// use portcullis::jwt::{KeyFile, TrustedIssuer};
///
/// let keys = KeyFile::open("/etc/portcullis/issuer.pem")?
///     .with_reload_observer(|read| eprintln!("the keys were read again: {read:?}"));
/// let issuer = TrustedIssuer::new("https://login.example.com", ["packages"], keys)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct KeyFile {
    path: Arc<Path>,
    watched: Arc<Watched<Either>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<Observer<Either>>>,
    /// The check that a request has begun, until a request waits for it.
    begun: Arc<Mutex<Option<Reload>>>,
}

impl KeyFile {
    /// Reads a file. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`KeyFileError`] if the file cannot be read, or has neither PEM nor a key set.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, KeyFileError> {
        let path = path.into();
        let watched = Watched::open(vec![path.clone()], Either)?;
        Ok(Self {
            path: path.into(),
            watched: Arc::new(watched),
            clock: Arc::new(SystemClock),
            observer: None,
            begun: Arc::default(),
        })
    }

    /// Sets the clock (default [`SystemClock`]).
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Calls `observer` for each change of the file that a request finds, with the new keys, or with the error
    /// because of which the current ones stay.
    ///
    /// It is called for one change at a time, in their order, on a thread that has read the file. No
    /// request waits for it.
    pub fn with_reload_observer<F>(mut self, observer: F) -> Self
    where
        F: Fn(Result<&KeySet, &KeyFileError>) + Send + Sync + 'static,
    {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The keys, without a look at the file.
    #[must_use]
    pub fn current(&self) -> KeySet {
        self.watched.current().value.clone()
    }

    fn begun(&self) -> MutexGuard<'_, Option<Reload>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeySource for KeyFile {
    /// None while the file must be checked first, which [`newer_than`](KeySource::newer_than) waits for.
    fn keys(&self) -> Option<KeySet> {
        let mut begun = self.begun();
        let observer = self.observer.as_ref();
        // On a thread of its own, as for other files: it needs no runtime.
        let reload = self
            .watched
            .reload_if_due(self.clock.now(), observer, |look| {
                let thread = thread::Builder::new().name("key-file".into());
                thread.spawn(look).is_ok()
            });
        if reload.is_some() {
            *begun = reload;
        }
        begun.is_none().then(|| self.current())
    }

    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys {
        let begun = self.begun().take();
        let current = self.current();
        if begun.is_none() && seen.is_some_and(|seen| seen.ptr_eq(&current)) {
            return NewerKeys::None;
        }
        let this = self.clone();
        NewerKeys::later(async move {
            if let Some(reload) = begun {
                reload.done().await;
            }
            Some(this.current())
        })
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("path", &self.path)
            .field("keys", &self.current())
            .finish_non_exhaustive()
    }
}

/// PEM or a key set.
struct Either;

impl Parse for Either {
    type Value = KeySet;
    type Error = KeyFileError;

    const MAX_BYTES: usize = MAX_BYTES;

    fn parse(&self, files: &[Contents]) -> Result<KeySet, KeyFileError> {
        let file = files[0].trim_ascii_start();
        let keys = if file.first() == Some(&b'{') {
            KeySet::from_jwks(file)
        } else {
            KeySet::from_pem(file)
        };
        keys.map_err(KeyFileError::Bad)
    }

    fn unreadable(_file: usize, error: io::Error) -> KeyFileError {
        KeyFileError::Unreadable(Arc::new(error))
    }
}

/// Why a file of keys was refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file could not be read; the source says why.
    Unreadable(Arc<io::Error>),
    /// The file has no keys; the source says why.
    Bad(KeyError),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable(_) => "the file cannot be read",
            Self::Bad(_) => "the file is neither public keys as PEM nor a JSON Web Key Set",
        })
    }
}

impl Error for KeyFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Unreadable(error) => &**error,
            Self::Bad(error) => error,
        })
    }
}

/// About the setting `keys`.
impl From<KeyFileError> for ConfigError {
    fn from(error: KeyFileError) -> Self {
        Self::from_error("keys", error)
    }
}
