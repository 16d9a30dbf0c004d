use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use super::check::{Checker, Judgement, wrong};
use super::error::HtpasswdError;
use super::pool::Pool;
use super::table::{HtpasswdTable, Lines};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::{Decision, PasswordVerifier};
use crate::watched::{Observer, Reload, Watched};

/// The longest password that is looked at, in bytes, as in Apache's `htpasswd`. The work of some
/// schemes grows with the square of it.
const MAX_PASSWORD: usize = 255;

/// The users of an htpasswd file, for [`BasicAuthLayer`](crate::BasicAuthLayer).
///
/// See the [module docs](crate::htpasswd) for what it admits. Whoever is admitted has the method
/// `basic` and the user name as the subject. A clone costs a counter and shares everything; each
/// `with_*` makes a verifier with threads and a memory of its own.
#[derive(Clone)]
#[must_use]
pub struct HtpasswdUsers {
    settings: Settings,
    source: Arc<Watched<Lines>>,
    checker: Arc<Checker>,
}

#[derive(Clone)]
struct Settings {
    clock: Arc<dyn Clock>,
    threads: usize,
    queue_length: usize,
    cache_lifetime: Duration,
    observer: Option<Arc<Observer<Lines>>>,
}

impl HtpasswdUsers {
    /// Users that stay as they are.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers, as the other constructors.
    pub fn new(table: HtpasswdTable) -> Self {
        Self::build(Settings::default(), Arc::new(Watched::fixed(table)))
    }

    /// The users of a file, which is read now, and again when it has changed. This blocks.
    ///
    /// # Errors
    ///
    /// [`HtpasswdError`] where the file cannot be read or parsed.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, HtpasswdError> {
        let source = Watched::open(vec![path.into()], Lines { plain: false })?;
        Ok(Self::build(Settings::default(), Arc::new(source)))
    }

    /// As [`from_file`](Self::from_file), and takes `{PLAIN}` and a password in the clear as well.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file).
    pub fn insecure_from_file_with_plain(path: impl Into<PathBuf>) -> Result<Self, HtpasswdError> {
        let source = Watched::open(vec![path.into()], Lines { plain: true })?;
        Ok(Self::build(Settings::default(), Arc::new(source)))
    }

    /// Grants the groups of a group file as scopes, so that
    /// [`RequireScopeLayer`](crate::gate::RequireScopeLayer) can ask for them.
    ///
    /// See the [module docs](crate::htpasswd#groups) for its lines. Both files are read now, and again
    /// when one of them has changed; if one is missing or bad, the users and groups before stay. This
    /// blocks.
    ///
    /// # Errors
    ///
    /// Returns [`HtpasswdError`] if one of the files cannot be read or parsed, or if the users are not
    /// those of a file: for [`HtpasswdUsers::new`], use [`HtpasswdTable::with_groups`].
    pub fn with_group_file(self, path: impl Into<PathBuf>) -> Result<Self, HtpasswdError> {
        let Some((paths, lines)) = self.source.source() else {
            return Err(HtpasswdError::no_user_file());
        };
        let paths = vec![paths[0].clone(), path.into()];
        let source = Watched::open(paths, *lines)?;
        Ok(Self::build(self.settings, Arc::new(source)))
    }

    /// Checks on at most so many threads, instead of as many as the machine runs at once.
    ///
    /// An argon2id hash needs its memory on each.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for none.
    pub fn with_threads(self, threads: usize) -> Result<Self, ConfigError> {
        if threads == 0 {
            return Err(ConfigError::new("threads", "there must be one at least"));
        }
        Ok(self.with(|settings| settings.threads = threads))
    }

    /// Lets at most so many checks wait for a thread, instead of 64. The next is refused with 503.
    pub fn with_queue_length(self, length: usize) -> Self {
        self.with(|settings| settings.queue_length = length)
    }

    /// Remembers for so long that a password was right, instead of 5 minutes. Zero checks it with
    /// every request.
    pub fn with_cache_lifetime(self, lifetime: Duration) -> Self {
        self.with(|settings| settings.cache_lifetime = lifetime)
    }

    /// Reads the time from `clock`.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|settings| settings.clock = Arc::new(clock))
    }

    /// Tells `observer` of each change of the file: the table that took effect, or why the one
    /// before stays.
    ///
    /// It runs on one of the threads that check passwords.
    pub fn with_reload_observer<F>(self, observer: F) -> Self
    where
        F: Fn(Result<&HtpasswdTable, &HtpasswdError>) + Send + Sync + 'static,
    {
        self.with(|settings| settings.observer = Some(Arc::new(observer)))
    }

    fn with(self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings;
        set(&mut settings);
        Self::build(settings, self.source)
    }

    fn build(settings: Settings, source: Arc<Watched<Lines>>) -> Self {
        let pool = Pool::new(settings.threads, settings.queue_length);
        let clock = Arc::clone(&settings.clock);
        let checker = Checker::new(pool, clock, settings.cache_lifetime);
        Self {
            settings,
            source,
            checker: Arc::new(checker),
        }
    }

    fn reload_if_due(&self) -> Option<Reload> {
        let now = self.settings.clock.now();
        let observer = self.settings.observer.as_ref();
        self.source.reload_if_due(now, observer, |task| {
            self.checker.pool.run_next(task).is_ok()
        })
    }

    fn judge(&self, user: &str, password: &str) -> Judgement {
        let now = self.settings.clock.now();
        self.checker
            .judge(&self.source.current(), user, password, now)
    }
}

impl PasswordVerifier for HtpasswdUsers {
    fn verify(&self, user: &str, password: &str) -> Decision {
        // The hash of an empty password is most often that of a variable which was not set. bcrypt
        // and others end the password at a NUL.
        if password.is_empty() || password.len() > MAX_PASSWORD || password.contains('\0') {
            return Decision::refuse(wrong());
        }
        if let Some(reload) = self.reload_if_due() {
            let (users, user) = (self.clone(), user.to_owned());
            let password = Zeroizing::new(password.to_owned());
            return Decision::later(async move {
                reload.done().await;
                let judgement = users.judge(&user, &password);
                drop(password);
                match judgement {
                    Judgement::Known(verdict) => verdict,
                    Judgement::Pending(check) => check.verdict().await,
                }
            });
        }
        match self.judge(user, password) {
            Judgement::Known(verdict) => Decision::Now(verdict),
            Judgement::Pending(check) => Decision::later(check.verdict()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            threads: thread::available_parallelism().map_or(1, Into::into),
            queue_length: 64,
            cache_lifetime: Duration::from_mins(5),
            observer: None,
        }
    }
}

impl fmt::Debug for HtpasswdUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HtpasswdUsers")
            .field("table", &self.source.current().value)
            .field("threads", &self.settings.threads)
            .field("queue_length", &self.settings.queue_length)
            .field("cache_lifetime", &self.settings.cache_lifetime)
            .finish_non_exhaustive()
    }
}
