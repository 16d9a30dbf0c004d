use std::time::Duration;

use tokio::sync::watch;

/// How long shutdown may take, from the signal on.
#[derive(Clone, Debug)]
pub(crate) struct ShutdownTimes {
    /// How long requests on open connections are still answered, with notice that these will close.
    pub(crate) grace: Duration,
    /// When answers that are still running are cut off.
    pub(crate) deadline: Duration,
}

impl Default for ShutdownTimes {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(3),
            deadline: Duration::from_secs(30),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Phase {
    Serving,
    /// Answers say that the connection will be closed.
    Grace,
    /// Connections end after their running answers.
    Closing,
}

/// How far shutdown has come, for all connections.
#[derive(Debug)]
pub(super) struct Shutdown {
    phase: watch::Sender<Phase>,
}

/// The same, for one connection.
#[derive(Clone, Debug)]
pub(super) struct Stopping {
    phase: watch::Receiver<Phase>,
}

impl Shutdown {
    pub(super) fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Serving),
        }
    }

    pub(super) fn begin_grace(&self) {
        self.phase.send_replace(Phase::Grace);
    }

    pub(super) fn close(&self) {
        self.phase.send_replace(Phase::Closing);
    }

    pub(super) fn watch(&self) -> Stopping {
        Stopping {
            phase: self.phase.subscribe(),
        }
    }
}

impl Stopping {
    pub(super) fn has_begun(&self) -> bool {
        *self.phase.borrow() >= Phase::Grace
    }

    /// Completes when the connection must end after its running answers.
    pub(super) async fn closing(mut self) {
        // If the server is gone, so are its connections.
        let _ = self.phase.wait_for(|phase| *phase == Phase::Closing).await;
    }
}
