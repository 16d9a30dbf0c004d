use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::given::{Given, SettingError};

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// On a port of all interfaces, by IPv6 and IPv4.
    Port(u16),
    Ip(SocketAddr),
    /// On a socket in the file system.
    Unix(PathBuf),
    /// On the socket that systemd has opened.
    Systemd,
}

impl Address {
    /// Reads an address and a port, of which `localhost` is this machine and nothing before the colon all
    /// interfaces; `unix:` and an absolute path; or `systemd`.
    pub(crate) fn of(given: &Given) -> Result<Self, SettingError> {
        let value = &given.value;
        let port = |text: &str| text.parse().ok();
        let address = match value.rsplit_once(':') {
            _ if value == "systemd" => Some(Self::Systemd),
            _ if value.starts_with("unix:") => {
                let path = Path::new(&value["unix:".len()..]);
                path.is_absolute().then(|| Self::Unix(path.to_owned()))
            }
            Some(("", text)) => port(text).map(Self::Port),
            Some(("localhost", text)) => {
                port(text).map(|port| Self::Ip((Ipv4Addr::LOCALHOST, port).into()))
            }
            _ => value.parse().ok().map(Self::Ip),
        };
        address.ok_or_else(|| {
            given.wrong(format_args!(
                "{value:?} is not an address and a port, such as 127.0.0.1:8080 or :8080, nor unix:/PATH, nor \
                 systemd"
            ))
        })
    }

    /// Reads the port of `PORT`.
    pub(crate) fn of_port(given: &Given) -> Result<Self, SettingError> {
        let port = given.value.parse().map(Self::Port);
        port.map_err(|_| given.wrong(format_args!("{:?} is not a port number", given.value)))
    }

    /// The URL of what is served there.
    pub(crate) fn url(&self, scheme: &str) -> String {
        match self {
            Self::Port(_) | Self::Ip(_) => format!("{scheme}://{self}/"),
            Self::Unix(_) | Self::Systemd => format!("{self} ({scheme})"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, *port)).fmt(f),
            Self::Ip(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd => f.write_str("systemd"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::Source;

    #[test]
    fn an_address_may_have_a_short_form() {
        for (text, address) in [
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080/")),
            ("[::1]:8080", Some("http://[::1]:8080/")),
            ("0.0.0.0:8080", Some("http://0.0.0.0:8080/")),
            ("localhost:8080", Some("http://127.0.0.1:8080/")),
            (":8080", Some("http://[::]:8080/")),
            ("unix:/run/p.sock", Some("unix:/run/p.sock (http)")),
            ("unix:/p:8080", Some("unix:/p:8080 (http)")),
            ("unix:p.sock", None),
            ("systemd", Some("systemd (http)")),
            ("8080", None),
            ("localhost", None),
            ("unix:", None),
            ("unix", None),
            ("systemd:1", None),
            (":", None),
            (":x", None),
            (":80800", None),
            ("::1:8080", None),
            ("localhost.example:8080", None),
        ] {
            let given = Given {
                value: text.to_owned(),
                source: Source::Default("--listen"),
            };
            let found = Address::of(&given).ok().map(|it| it.url("http"));
            assert_eq!(found.as_deref(), address, "{text}");
        }
    }
}
