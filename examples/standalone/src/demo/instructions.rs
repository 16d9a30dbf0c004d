use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::bucket::PROJECT;

/// What a person reads when the demo has started.
pub(super) struct Instructions<'a> {
    /// Where the gateway listens.
    pub(super) gateway: SocketAddr,
    /// Where the S3 within this program listens.
    pub(super) s3: SocketAddr,
    /// The folder that is the bucket.
    pub(super) folder: &'a Path,
    pub(super) user: &'a str,
    pub(super) password: &'a str,
    /// How this program was called.
    pub(super) program: &'a str,
}

impl Instructions<'_> {
    /// The address that a client on this machine connects to.
    fn reachable(&self) -> SocketAddr {
        let address = match self.gateway.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            other => other,
        };
        SocketAddr::new(address, self.gateway.port())
    }

    fn pip_install(&self) -> String {
        let (user, password, address) = (self.user, self.password, self.reachable());
        // pip takes plain HTTP for safe on this machine alone.
        let trusted = if address.ip().is_loopback() {
            String::new()
        } else {
            format!("--trusted-host {} ", address.ip())
        };
        format!("pip install {trusted}--index-url http://{user}:{password}@{address}/ {PROJECT}")
    }
}

impl fmt::Display for Instructions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, s3) = (self.reachable(), self.s3);
        let (user, password) = (self.user, self.password);
        let (folder, program) = (self.folder.display(), self.program);
        let pip_install = self.pip_install();
        writeln!(
            f,
            "\
Portcullis serves a private bucket with a Python package in it, to whoever has the login.

  address   http://{address}/
  login     {user}, with the password {password} (made for this run)
  bucket    {folder}, in an S3 within this program, on {s3}

Install the package, best in a virtual environment:

  {pip_install}

Then run what it has installed:

  {PROJECT}

To serve a bucket of your own, end the demo and put your values into this:

  AWS_S3_BUCKET=my-bucket AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=ID \
AWS_SECRET_ACCESS_KEY=SECRET BASIC_AUTH=user:password {program}

Ctrl-C ends the demo. Each request gets a line on stderr."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instructions(gateway: &str) -> String {
        let instructions = Instructions {
            gateway: gateway.parse().unwrap(),
            s3: "127.0.0.1:2".parse().unwrap(),
            folder: Path::new("/data/packages"),
            user: "demo",
            password: "pw",
            program: "portcullis",
        };
        instructions.to_string()
    }

    #[test]
    fn the_line_for_pip_can_be_pasted_wherever_the_demo_listens() {
        for (gateway, line) in [
            (
                "127.0.0.1:8080",
                "pip install --index-url http://demo:pw@127.0.0.1:8080/ portcullis-demo",
            ),
            (
                "0.0.0.0:8080",
                "pip install --index-url http://demo:pw@127.0.0.1:8080/ portcullis-demo",
            ),
            (
                "[::]:1",
                "pip install --index-url http://demo:pw@[::1]:1/ portcullis-demo",
            ),
            (
                "10.0.0.1:1",
                "pip install --trusted-host 10.0.0.1 --index-url http://demo:pw@10.0.0.1:1/ portcullis-demo",
            ),
        ] {
            let text = instructions(gateway);
            assert!(text.lines().any(|other| other.trim() == line), "{text}");
        }
    }
}
