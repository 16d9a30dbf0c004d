use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::digest::TokenDigest;
use super::document::{self, MAX_BYTES};
use super::entry::TokenEntry;
use super::error::{TokenFileError, TokenFileErrorKind as Kind};
use super::format::TokenFormat;
use super::new_token::NewToken;
use super::store::{Lookup, TokenStore};
use super::table::{Json, TokenTable};
use super::writer::Writer;
use crate::clock::{Clock, SystemClock};
use crate::secret::Secret;
use crate::watched::{Observer, Watched, read_file};

/// The tokens of a file, which is reloaded when it changes.
///
/// See the [module docs](crate::token) for the file. A clone is cheap and shares the tokens.
#[derive(Clone)]
#[must_use]
pub struct TokenFile {
    path: Arc<Path>,
    watched: Arc<Watched<Json>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<Observer<Json>>>,
}

impl TokenFile {
    /// Reads a file. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if the file cannot be read or parsed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TokenFileError> {
        let path = path.into();
        let watched = Watched::open(vec![path.clone()], Json)?;
        Ok(Self {
            path: path.into(),
            watched: Arc::new(watched),
            clock: Arc::new(SystemClock),
            observer: None,
        })
    }

    /// As [`open`](Self::open), and creates a file without tokens if it does not exist.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and if the file cannot be created.
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, TokenFileError> {
        let path = path.into();
        let empty = document::render(&[])?;
        let created = Writer::lock(&path).and_then(|writer| {
            if writer.exists()? {
                return Ok(());
            }
            writer.replace(&empty)
        });
        created.map_err(TokenFileError::unwritable)?;
        Self::open(path)
    }

    /// Sets the clock (default [`SystemClock`]).
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Calls `observer` for each change of the file that a request finds, with the new table, or with the
    /// error because of which the current one stays.
    ///
    /// It is called for one change at a time, in their order, on a thread that has read the file. No
    /// request waits for it.
    pub fn with_reload_observer<F>(mut self, observer: F) -> Self
    where
        F: Fn(Result<&TokenTable, &TokenFileError>) + Send + Sync + 'static,
    {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Issues a token and returns it. It cannot be shown again: the file keeps only its digest. This
    /// blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if another token has the id, if the id, a scope or a time is not allowed
    /// in the file, or if the file cannot be read, parsed or written.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn issue(&self, format: &TokenFormat, token: NewToken) -> Result<Secret, TokenFileError> {
        let secret = format.generate();
        let digest = TokenDigest::of(secret.expose());
        let entry =
            TokenEntry::issued(token, digest, self.clock.now()).map_err(TokenFileError::new)?;
        self.change(|entries| {
            if entries.iter().any(|other| other.id() == entry.id()) {
                return Err(Kind::DuplicateId);
            }
            entries.push(entry);
            Ok(())
        })?;
        // The token is issued already. If this fails, the next reload finds it.
        let _: Result<(), _> = self.watched.reload();
        Ok(secret)
    }

    /// Reads the entries of the file, in their order. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if the file cannot be read or parsed.
    pub fn list(&self) -> Result<Vec<TokenEntry>, TokenFileError> {
        let contents = read_file(&self.path, MAX_BYTES).map_err(TokenFileError::unreadable)?;
        document::parse(&contents)
    }

    /// Revokes a token: at once for this value and its clones, within a second for other gateways with the
    /// same file. The time of an earlier revocation is kept. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if there is no token with this id, or if the file cannot be read, parsed
    /// or written.
    pub fn revoke(&self, id: &str) -> Result<(), TokenFileError> {
        let now = self.clock.now();
        self.change(|entries| {
            let entry = entries.iter_mut().find(|entry| entry.id() == id);
            entry.ok_or(Kind::UnknownId)?.revoke(now)
        })?;
        self.watched.reload()
    }

    /// Replaces a token by a new one with the same id, scopes and expiry, and returns the new one. The old one
    /// ends as by [`revoke`](Self::revoke). This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if there is no token with this id, if it is revoked or has expired, or if the
    /// file cannot be read, parsed or written.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn rotate(&self, format: &TokenFormat, id: &str) -> Result<Secret, TokenFileError> {
        let secret = format.generate();
        let digest = TokenDigest::of(secret.expose());
        let now = self.clock.now();
        self.change(|entries| {
            let entry = entries.iter_mut().find(|entry| entry.id() == id);
            entry.ok_or(Kind::UnknownId)?.replace(digest, now)
        })?;
        // The token is issued already. If this fails, the next reload finds it.
        let _: Result<(), _> = self.watched.reload();
        Ok(secret)
    }

    /// Removes the entry of a token, which ends as by [`revoke`](Self::revoke). Another token can then have its
    /// id. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] if there is no token with this id, or if the file cannot be read, parsed
    /// or written.
    pub fn remove(&self, id: &str) -> Result<(), TokenFileError> {
        self.change(|entries| {
            let entry = entries.iter().position(|entry| entry.id() == id);
            entries.remove(entry.ok_or(Kind::UnknownId)?);
            Ok(())
        })?;
        self.watched.reload()
    }

    fn change<F>(&self, change: F) -> Result<(), TokenFileError>
    where
        F: FnOnce(&mut Vec<TokenEntry>) -> Result<(), Kind>,
    {
        let writer = Writer::lock(&self.path).map_err(TokenFileError::unwritable)?;
        let mut entries = self.list()?;
        change(&mut entries).map_err(TokenFileError::new)?;
        let contents = document::render(&entries)?;
        writer
            .replace(&contents)
            .map_err(TokenFileError::unwritable)
    }
}

impl TokenStore for TokenFile {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let observer = self.observer.as_ref();
        // On a thread of its own, at most once a second: it needs no runtime, and does not wait for the
        // other work of a runtime's threads.
        let look = self
            .watched
            .reload_if_due(self.clock.now(), observer, |look| {
                let thread = thread::Builder::new().name("token-file".into());
                thread.spawn(look).is_ok()
            });
        let Some(look) = look else {
            return Lookup::Now(Ok(self.watched.current().value.get(digest)));
        };
        let (watched, digest) = (Arc::clone(&self.watched), *digest);
        Lookup::later(async move {
            look.done().await;
            Ok(watched.current().value.get(&digest))
        })
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFile")
            .field("path", &self.path)
            .field("table", &self.watched.current().value)
            .finish_non_exhaustive()
    }
}
