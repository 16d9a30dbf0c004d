use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

use super::files::{Stamp, TlsFiles};
use crate::stderr::say;

/// The shortest time between two checks of the files.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The current TLS configuration, reloaded when the files change.
pub(crate) struct Certificates {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
    seen: Mutex<Seen>,
}

struct Seen {
    /// `None` if the files could not be checked.
    stamps: Option<[Stamp; 2]>,
    looked: Instant,
}

impl Certificates {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// Returns the name of the file that is wrong, and the reason.
    pub(crate) fn load(files: TlsFiles) -> Result<Self, String> {
        // Taken before the files are read, so that a change in between is noticed.
        let stamps = files.stamp().ok();
        let current = ArcSwap::new(files.load()?);
        let looked = Instant::now();
        Ok(Self {
            files,
            current,
            seen: Mutex::new(Seen { stamps, looked }),
        })
    }

    /// The acceptor for the next connection. Starts a reload if a check is due.
    pub(crate) fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        if self.is_due() {
            let this = Arc::clone(self);
            // The connection does not wait for this: it gets the configuration as it was.
            tokio::task::spawn_blocking(move || match this.look() {
                None => {}
                Some(Ok(())) => say("reloaded the TLS certificate"),
                Some(Err(problem)) => say(format_args!(
                    "the new TLS certificate cannot be used, so the previous one stays: {problem}"
                )),
            });
        }
        TlsAcceptor::from(self.current.load_full())
    }

    fn is_due(&self) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = seen.looked.elapsed() >= LOOK_INTERVAL;
        if is_due {
            seen.looked = Instant::now();
        }
        is_due
    }

    /// Reloads the files if they have changed, and reports each change once.
    fn look(&self) -> Option<Result<(), String>> {
        let stamps = self.files.stamp().ok();
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if stamps == seen.stamps {
                return None;
            }
            seen.stamps = stamps;
        }
        let loaded = self.files.load();
        Some(loaded.map(|config| self.current.store(config)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn changes_are_reported_once_and_bad_pairs_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificates: folder.path().join("crt"),
            key: folder.path().join("key"),
        };
        let pair = || rcgen::generate_simple_self_signed([String::from("localhost")]).unwrap();
        let (one, other) = (pair(), pair());
        fs::write(&files.certificates, one.cert.pem()).unwrap();
        fs::write(&files.key, one.signing_key.serialize_pem()).unwrap();
        let certificates = Certificates::load(files.clone()).unwrap();
        let first = certificates.current.load_full();
        assert!(certificates.look().is_none());

        fs::write(&files.certificates, other.cert.pem() + "\n").unwrap();
        let problem = certificates.look().unwrap().unwrap_err();
        assert!(problem.contains("is not the key of"), "{problem}");
        assert!(certificates.look().is_none());
        assert!(Arc::ptr_eq(&first, &certificates.current.load()));

        fs::remove_file(&files.key).unwrap();
        assert!(certificates.look().unwrap().is_err());
        assert!(certificates.look().is_none());

        fs::write(&files.key, other.signing_key.serialize_pem()).unwrap();
        assert_eq!(certificates.look(), Some(Ok(())));
        assert!(certificates.look().is_none());
        assert!(!Arc::ptr_eq(&first, &certificates.current.load()));
    }
}
