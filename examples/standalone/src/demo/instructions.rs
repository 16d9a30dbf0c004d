use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::bucket::PROJECT;

/// The text that the demo prints when it has started.
pub(super) struct Instructions<'a> {
    /// The address that the gateway listens on.
    pub(super) gateway: SocketAddr,
    /// The address of the built-in S3 server.
    pub(super) s3: SocketAddr,
    /// The folder with the bucket's objects.
    pub(super) folder: &'a Path,
    pub(super) user: &'a str,
    pub(super) password: &'a str,
    /// The command that started this program.
    pub(super) program: &'a str,
}

impl Instructions<'_> {
    /// The address for a client on this machine.
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
        // pip allows plain HTTP to the loopback address only.
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
Portcullis is serving a private bucket that holds one Python package.

  address   http://{address}/
  login     user {user}, password {password} (new in each run)
  bucket    {folder}, behind a built-in S3 server on {s3}

Install the package, preferably in a virtual environment:

  {pip_install}

Then run it:

  {PROJECT}

Without the login, the gateway answers 401:

  curl -i http://{address}/

To serve your own bucket, stop the demo and run this with your own values:

  AWS_S3_BUCKET=my-bucket AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=ID \
AWS_SECRET_ACCESS_KEY=SECRET BASIC_AUTH=user:password {program}

For several buckets or other ways to sign in, start from the settings file that this prints:

  {program} config example

Press Ctrl-C to stop the demo. Each request is logged as one line on stderr."
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
    fn the_pip_command_works_wherever_the_demo_listens() {
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
