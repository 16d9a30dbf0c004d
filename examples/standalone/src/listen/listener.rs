use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, SockAddr, Socket as RawSocket, Type};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::address::Address;
use super::socket::{BACKLOG, Socket};
#[cfg(unix)]
use super::unix;
use crate::given::{SettingError, Source};

/// A socket that accepts connections.
pub(crate) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Listens at an address that `source` names.
    ///
    /// # Errors
    ///
    /// Returns the reason why the system refuses it. A socket of systemd is taken from
    /// [`Inherited`](super::Inherited) instead.
    pub(crate) async fn open(address: &Address, source: &Source) -> Result<Self, SettingError> {
        let opened = match address {
            Address::Port(port) => on_all_interfaces(*port, tcp),
            Address::Ip(address) => TcpListener::bind(address).await.map(Self::Tcp),
            #[cfg(unix)]
            Address::Unix(path) => unix::bind(path).await.map(Self::Unix),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
            Address::Systemd => Err(io::ErrorKind::Unsupported.into()),
        };
        opened.map_err(|error| {
            let problem = format_args!("cannot listen on {address}: {error}");
            SettingError::wrong(source, problem)
        })
    }

    /// Waits for the next connection. The address is that of the peer.
    pub(crate) async fn accept(&self) -> io::Result<(Socket, SocketAddr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // A socket of both families reports IPv4 as ::ffff:192.0.2.1.
                let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                Ok((Socket::Tcp(stream), peer))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                Ok((Socket::Unix(stream), peer))
            }
        }
    }

    /// The address and the port, unless it is a Unix socket.
    pub(crate) fn ip(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }

    /// The URL of what is served there, with the port that the system has chosen.
    pub(crate) fn url(&self, scheme: &str) -> String {
        let address = match self {
            Self::Tcp(_) => self.ip().map(Address::Ip),
            #[cfg(unix)]
            Self::Unix(listener) => {
                let address = listener.local_addr().ok();
                let path = address.as_ref().and_then(|it| it.as_pathname());
                path.map(|path| Address::Unix(path.to_owned()))
            }
        };
        let url = address.map(|address| address.url(scheme));
        url.unwrap_or_else(|| format!("an unnamed socket ({scheme})"))
    }
}

/// Opens a socket for both families, or for IPv4 on a machine without IPv6.
fn on_all_interfaces<T>(port: u16, open: impl Fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let opened = open((Ipv6Addr::UNSPECIFIED, port).into());
    opened.or_else(|error| match error.kind() {
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
        _ => open((Ipv4Addr::UNSPECIFIED, port).into()),
    })
}

fn tcp(address: SocketAddr) -> io::Result<Listener> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // The default is a setting of the system.
        socket.set_only_v6(false)?;
    }
    // As the standard library does: connections of an earlier process do not keep the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into()).map(Listener::Tcp)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_machine_without_ipv6_listens_by_ipv4() {
        for (name, error, expected) in [
            ("both", None, Ok("[::]:80")),
            (
                "no IPv6",
                Some(io::ErrorKind::Unsupported),
                Ok("0.0.0.0:80"),
            ),
            (
                "turned off",
                Some(io::ErrorKind::AddrNotAvailable),
                Ok("0.0.0.0:80"),
            ),
            (
                "taken",
                Some(io::ErrorKind::AddrInUse),
                Err(io::ErrorKind::AddrInUse),
            ),
            (
                "forbidden",
                Some(io::ErrorKind::PermissionDenied),
                Err(io::ErrorKind::PermissionDenied),
            ),
        ] {
            let tried = RefCell::new(Vec::new());
            let opened = on_all_interfaces(80, |address| {
                tried.borrow_mut().push(address);
                match error {
                    Some(kind) if address.is_ipv6() => Err(kind.into()),
                    _ => Ok(address.to_string()),
                }
            });
            let opened = opened.map_err(|error| error.kind());
            assert_eq!(opened.as_deref().map_err(|it| *it), expected, "{name}");
            assert!(tried.borrow()[0].is_ipv6(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_port_has_both_families_and_ipv4_peers() {
        let source = Source::Default("--listen");
        let listener = Listener::open(&Address::Port(0), &source);
        let listener = listener.await.unwrap();
        let Listener::Tcp(tcp) = &listener else {
            panic!("not of TCP");
        };
        let port = tcp.local_addr().unwrap().port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let client = std::net::TcpStream::connect(address).unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert!(peer.is_ipv4());
        if tcp.local_addr().unwrap().is_ipv6() {
            let address = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            if let Ok(client) = std::net::TcpStream::connect(address) {
                let (_, peer) = listener.accept().await.unwrap();
                assert_eq!(peer, client.local_addr().unwrap());
            }
        }
    }
}
