#[cfg(unix)]
use std::io;

#[cfg(unix)]
use listenfd::ListenFd;

use super::listener::Listener;
use crate::given::{SettingError, Source};

/// The sockets that systemd has opened for this process, by `LISTEN_FDS` and `LISTEN_PID`.
pub(crate) struct Inherited {
    #[cfg(unix)]
    sockets: ListenFd,
}

#[cfg(unix)]
impl Inherited {
    /// Finds them. It removes these variables, so it must be called while the process has one thread that
    /// reads the environment.
    pub(crate) fn of_process() -> Self {
        let sockets = ListenFd::from_env();
        Self { sockets }
    }

    /// Takes the one socket, which `source` asks for.
    pub(crate) fn listener(self, source: &Source) -> Result<Listener, SettingError> {
        let listener = self.only();
        listener.map_err(|error| SettingError::wrong(source, error))
    }

    fn only(mut self) -> io::Result<Listener> {
        match self.sockets.len() {
            1 => {}
            0 => {
                return Err(io::Error::other(
                    "no socket was passed by LISTEN_FDS: start the program by a socket unit of systemd",
                ));
            }
            number => {
                return Err(io::Error::other(format!(
                    "{number} sockets were passed by LISTEN_FDS, expected one: write one ListenStream"
                )));
            }
        }
        if let Ok(Some(tcp)) = self.sockets.take_tcp_listener(0) {
            tcp.set_nonblocking(true)?;
            return tokio::net::TcpListener::from_std(tcp).map(Listener::Tcp);
        }
        let unix = self.sockets.take_unix_listener(0)?;
        let unix = unix.ok_or_else(|| io::Error::other("the socket was taken before"))?;
        unix.set_nonblocking(true)?;
        tokio::net::UnixListener::from_std(unix).map(Listener::Unix)
    }
}

#[cfg(not(unix))]
impl Inherited {
    pub(crate) fn of_process() -> Self {
        Self {}
    }

    pub(crate) fn listener(self, source: &Source) -> Result<Listener, SettingError> {
        Err(SettingError::wrong(
            source,
            "this system has no sockets of systemd",
        ))
    }
}
