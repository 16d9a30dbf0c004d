use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use super::proxy_header::{Step, parse};
use crate::stderr::say_of_client;

/// Reads the header of the PROXY protocol that a connection of `peer` begins with, and nothing after it.
/// Returns the client that it names, or else the peer; `None` if the connection must be closed, after a line
/// in the log.
pub(super) async fn read_client(
    socket: &mut (impl AsyncRead + Unpin),
    peer: SocketAddr,
    deadline: Instant,
) -> Option<SocketAddr> {
    let problem = match timeout_at(deadline, header(socket)).await {
        Ok(Ok(client)) => return Some(client.unwrap_or(peer)),
        // Probes of a load balancer open a connection and close it.
        Ok(Err(error)) if error.kind() != io::ErrorKind::InvalidData => return None,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    say_of_client(format_args!(
        "refused a connection of {peer}, which must begin with a header of the PROXY protocol by the setting \
         proxy_protocol or PROXY_PROTOCOL: {problem}"
    ));
    None
}

async fn header(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut bytes = Vec::new();
    loop {
        let invalid = |problem| io::Error::new(io::ErrorKind::InvalidData, problem);
        match parse(&bytes).map_err(invalid)? {
            Step::Done(client) => return Ok(client),
            Step::More(more) => {
                let end = bytes.len();
                bytes.resize(end + more, 0);
                socket.read_exact(&mut bytes[end..]).await?;
            }
        }
    }
}
