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
            tokio::task::spawn_blocking(move || this.look());
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

    fn look(&self) {
        let stamps = self.files.stamp().ok();
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if stamps == seen.stamps {
                return;
            }
            seen.stamps = stamps;
        }
        match self.files.load() {
            Ok(config) => {
                self.current.store(config);
                say("the certificate was read anew");
            }
            Err(problem) => say(format_args!(
                "the new certificate cannot be used, and the one before it stays: {problem}"
            )),
        }
    }
}
