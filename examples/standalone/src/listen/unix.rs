use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{UnixListener, UnixStream};

use super::socket::BACKLOG;

/// The owner and the group may connect, such as a proxy in front that is a member of the group.
const MODE: u32 = 0o660;

/// Listens on a socket in the file system. One that an earlier process has left is replaced.
pub(super) async fn bind(path: &Path) -> io::Result<UnixListener> {
    match open(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            remove_stale(path).await?;
            open(path)
        }
        opened => opened,
    }
}

fn open(path: &Path) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?)?;
    // Nobody can connect before it listens, so nobody can by the mode that the process's umask left.
    fs::set_permissions(path, Permissions::from_mode(MODE))?;
    socket.listen(BACKLOG)?;
    UnixListener::from_std(StdListener::from(socket))
}

/// Removes a socket that nobody answers.
async fn remove_stale(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(io::Error::other("it exists, and is not a socket"));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::other("another process answers there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_socket_without_an_answer_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.sock");
        let first = bind(&path).await.unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        let error = bind(&path).await.unwrap_err();
        assert_eq!(error.to_string(), "another process answers there");
        UnixStream::connect(&path).await.unwrap();

        drop(first);
        assert!(path.exists());
        let _second = bind(&path).await.unwrap();
        UnixStream::connect(&path).await.unwrap();

        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        let error = bind(&file).await.unwrap_err();
        assert_eq!(error.to_string(), "it exists, and is not a socket");
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    }
}
