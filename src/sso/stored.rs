use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use super::config::Config;
use super::seconds::Seconds;
use super::session::{Session, SessionId};
use crate::hex::hex;
use crate::session::{SessionStore, SessionStoreError};

/// How long a lock is held at most. A call to the provider is cut off sooner.
const LOCKED: Duration = Duration::from_secs(30);

/// Longer than any request takes between reading a session and writing it.
const ENDED: Duration = Duration::from_mins(2);

/// The place of a session in the store. Its key is a digest of the id, so that reading the store's keys
/// reveals no id.
pub(super) struct Place<'a> {
    config: &'a Config,
    store: &'a dyn SessionStore,
    digest: String,
}

impl<'a> Place<'a> {
    /// `None` without a store.
    pub(super) fn of(config: &'a Config, id: &SessionId) -> Option<Self> {
        let store = config.store.as_deref()?;
        Some(Self {
            config,
            store,
            digest: hex(digest(&SHA256, id).as_ref()),
        })
    }

    fn key(&self, kind: &str) -> String {
        format!("{kind}/{}", self.digest)
    }

    /// A value that is sealed for one place opens at no other place, and not as a cookie.
    fn binding(&self) -> Vec<u8> {
        let (binding, digest) = (&self.config.binding[..], self.digest.as_bytes());
        [binding, b"\0", digest].concat()
    }

    pub(super) async fn load(&self) -> Result<Option<Session>, SessionStoreError> {
        let sealed = self.store.load(&self.key("session")).await?;
        Ok(sealed.and_then(|sealed| {
            let sealed = std::str::from_utf8(&sealed).ok()?;
            let plain = self.config.session_sealer.open(sealed, &self.binding())?;
            Session::from_bytes(&plain)
        }))
    }

    pub(super) async fn save(
        &self,
        session: &Session,
        now: Seconds,
    ) -> Result<(), SessionStoreError> {
        let Config {
            lifetime,
            idle_lifetime,
            session_sealer,
            ..
        } = self.config;
        // It may have ended while the provider was asked.
        let rest = session.rest(now, *lifetime, *idle_lifetime);
        let rest = rest.max(Duration::from_secs(1));
        let sealed = session_sealer.seal(&session.to_bytes(), &self.binding());
        let key = self.key("session");
        self.store.save(&key, sealed.into_bytes(), rest).await
    }

    /// Saves an existing session, unless it was ended meanwhile.
    pub(super) async fn save_again(
        &self,
        session: &Session,
        now: Seconds,
    ) -> Result<(), SessionStoreError> {
        self.save(session, now).await?;
        // Ending a session sets the mark first and deletes the session second. So either the mark is set
        // by now, or the session that was just saved is deleted afterwards.
        if self.store.load(&self.key("ended")).await?.is_some() {
            self.store.delete(&self.key("session")).await?;
        }
        Ok(())
    }

    /// Removes the session, also for requests that are about to save it again.
    pub(super) async fn end(&self) -> Result<(), SessionStoreError> {
        let mark = self.store.save(&self.key("ended"), b"1".to_vec(), ENDED);
        mark.await?;
        self.store.delete(&self.key("session")).await
    }

    /// Takes the lock for changing the session. Returns `false` if another holder has it.
    pub(super) async fn try_lock(&self) -> Result<bool, SessionStoreError> {
        self.store.try_lock(&self.key("lock"), LOCKED).await
    }

    pub(super) async fn unlock(&self) {
        // If this fails, the lock expires.
        let _ = self.store.delete(&self.key("lock")).await;
    }

    /// Changes the session in the store. Does nothing if another gateway holds the lock or the store
    /// fails: such a change can be repeated later.
    pub(super) async fn change(&self, now: Seconds, change: impl FnOnce(&mut Session)) {
        if !matches!(self.try_lock().await, Ok(true)) {
            return;
        }
        if let Ok(Some(mut session)) = self.load().await {
            change(&mut session);
            let _ = self.save_again(&session, now).await;
        }
        self.unlock().await;
    }
}
