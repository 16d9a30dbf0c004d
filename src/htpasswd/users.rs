use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::check::{Checker, Judgement, wrong};
use super::error::HtpasswdError;
use super::pool::CheckPool;
use super::table::{HtpasswdTable, Lines};
use crate::client_address::ClientNetwork;
use crate::clock::{Clock, SystemClock};
use crate::gate::{Decision, PasswordVerifier};
use crate::watched::{Observer, Reload, Watched};

/// The longest password that is checked, in bytes, as in Apache's `htpasswd`. The work of some schemes
/// grows with its square.
const MAX_PASSWORD: usize = 255;

/// The users of an htpasswd file, for [`BasicAuthLayer`](crate::BasicAuthLayer).
///
/// See the [module docs](crate::htpasswd) for the passwords that it admits. The identity has the method
/// `basic` and the user name as its subject. A clone is cheap and shares everything; each `with_*` makes a
/// verifier with its own memory.
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
    pool: CheckPool,
    cache_lifetime: Duration,
    observer: Option<Arc<Observer<Lines>>>,
}

impl HtpasswdUsers {
    /// Users of a table that does not change.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers, like the other constructors.
    pub fn new(table: HtpasswdTable) -> Self {
        Self::build(Settings::default(), Arc::new(Watched::fixed(table)))
    }

    /// Reads the users of a file, and reloads them when it changes. This blocks.
    ///
    /// # Errors
    ///
    /// Returns [`HtpasswdError`] if the file cannot be read or parsed.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, HtpasswdError> {
        let source = Watched::open(vec![path.into()], Lines { plain: false })?;
        Ok(Self::build(Settings::default(), Arc::new(source)))
    }

    /// As [`from_file`](Self::from_file), and accepts `{PLAIN}` with a password in the clear.
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

    /// Checks passwords on the threads of this pool (default: a pool of its own, [`CheckPool::default`]).
    ///
    /// Give one pool to all that a process has.
    pub fn with_pool(self, pool: CheckPool) -> Self {
        self.with(|settings| settings.pool = pool)
    }

    /// Sets how long a correct password is remembered after it was last used (default 1 hour). With zero,
    /// every request is checked.
    pub fn with_cache_lifetime(self, lifetime: Duration) -> Self {
        self.with(|settings| settings.cache_lifetime = lifetime)
    }

    /// Sets the clock (default [`SystemClock`]).
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|settings| settings.clock = Arc::new(clock))
    }

    /// Calls `observer` for each change of the files, with the new table, or with the error because of
    /// which the current one stays.
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
        let pool = settings.pool.clone();
        let clock = Arc::clone(&settings.clock);
        let checker = Checker::new(pool, clock, settings.cache_lifetime);
        Self {
            settings,
            source,
            checker: Arc::new(checker),
        }
    }

    fn reload_if_due(&self, now: SystemTime) -> Option<Reload> {
        let observer = self.settings.observer.as_ref();
        let run = |task| self.settings.pool.run_next(task);
        self.source.reload_if_due(now, observer, run)
    }

    fn judge(&self, login: (&str, &str), network: ClientNetwork, now: SystemTime) -> Judgement {
        let current = self.source.current();
        self.checker.judge(&current, login, network, now)
    }
}

impl PasswordVerifier for HtpasswdUsers {
    fn verify(&self, user: &str, password: &str, network: ClientNetwork) -> Decision {
        // The hash of an empty password mostly comes from a variable that is not set. bcrypt and other
        // schemes end the password at a NUL.
        if password.is_empty() || password.len() > MAX_PASSWORD || password.contains('\0') {
            return Decision::refuse(wrong());
        }
        let now = self.settings.clock.now();
        if let Some(reload) = self.reload_if_due(now) {
            let (users, user) = (self.clone(), user.to_owned());
            let password = Zeroizing::new(password.to_owned());
            return Decision::later(async move {
                reload.done().await;
                let now = users.settings.clock.now();
                let judgement = users.judge((&user, &password), network, now);
                drop(password);
                match judgement {
                    Judgement::Known(verdict) => verdict,
                    Judgement::Pending(check) => check.verdict().await,
                }
            });
        }
        match self.judge((user, password), network, now) {
            Judgement::Known(verdict) => Decision::Now(verdict),
            Judgement::Pending(check) => Decision::later(check.verdict()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            pool: CheckPool::default(),
            cache_lifetime: Duration::from_hours(1),
            observer: None,
        }
    }
}

impl fmt::Debug for HtpasswdUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HtpasswdUsers")
            .field("table", &self.source.current().value)
            .field("pool", &self.settings.pool)
            .field("cache_lifetime", &self.settings.cache_lifetime)
            .finish_non_exhaustive()
    }
}
