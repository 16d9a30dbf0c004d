use std::io;

use crate::stderr::say;

/// The signals that ask the program to end.
///
/// Once this value exists, SIGHUP, SIGUSR1 and SIGUSR2 no longer end the program. SIGHUP, by which other servers
/// read their settings again, is answered by a line in the log. Signals that nobody sends to a server, such as
/// SIGALRM, and those for a core dump keep what they do by default.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                say(NO_RELOAD);
            }
        });
        // A handler stays when its stream is dropped.
        for kind in [SignalKind::user_defined1(), SignalKind::user_defined2()] {
            drop(signal(kind)?);
        }
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for somebody at a terminal to lose patience. Supervisors repeat SIGTERM without meaning more by it.
    pub(crate) async fn interrupt(&mut self) {
        self.interrupt.recv().await;
    }
}

#[cfg(unix)]
const NO_RELOAD: &str = "SIGHUP: users, groups, tokens, certificates and keys of issuers are read again when their \
                         files change; a change of other settings needs a restart";

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        // If the handler cannot be installed, Ctrl-C ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }

    /// Waits for somebody at a terminal to lose patience.
    pub(crate) async fn interrupt(&mut self) {
        self.next().await;
    }
}
