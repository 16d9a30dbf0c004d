use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

use super::files::{Stamp, TlsFiles};
use crate::stderr::say;

/// Shortest time between two looks at the files.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What connections are accepted with; as new as the files.
pub(crate) struct Certificates {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
    seen: Mutex<Seen>,
}

struct Seen {
    /// `None` where the files could not be looked at.
    stamps: Option<[Stamp; 2]>,
    looked: Instant,
}

impl Certificates {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// The file that is wrong, and why.
    pub(crate) fn load(files: TlsFiles) -> Result<Self, String> {
        // Before the files are read, so that a change in between is seen as one.
        let stamps = files.stamp().ok();
        let current = ArcSwap::new(files.load()?);
        let looked = Instant::now();
        Ok(Self {
            files,
            current,
            seen: Mutex::new(Seen { stamps, looked }),
        })
    }

    /// What the next connection is accepted with.
    pub(crate) fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        if self.is_due() {
            let this = Arc::clone(self);
            // The connection does not wait: it is served what its predecessors were.
            tokio::task::spawn_blocking(move || match this.look() {
                None => {}
                Some(Ok(())) => say("the certificate was read anew"),
                Some(Err(problem)) => say(format_args!(
                    "the new certificate cannot be used, and the one before it stays: {problem}"
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

    /// Reads the files where they have changed, and tells once what came of it.
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
    fn each_change_is_told_once_and_a_bad_pair_changes_nothing() {
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
