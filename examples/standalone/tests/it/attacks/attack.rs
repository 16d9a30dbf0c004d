use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpSocket;
use tokio::runtime::Builder;

/// Connections that send a script part by part, and begin anew when they are closed. They end on drop.
pub(super) struct Trickle {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Trickle {
    /// Opens `number` connections from the networks in turn. Each sends `first` at once, and then a part
    /// of `parts` now and then.
    pub(super) fn begin(
        address: &str,
        networks: &[Ipv4Addr],
        number: usize,
        first: &[u8],
        parts: Vec<Vec<u8>>,
    ) -> Self {
        allow_open_files();
        let sources = networks.iter().cycle().take(number);
        let open = |source: &Ipv4Addr| (*source, connect(*source, address), 0);
        let mut open: Vec<_> = sources.map(open).collect();
        for (_, stream, _) in &mut open {
            let _ = stream.write_all(first);
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, address, first) = (Arc::clone(&is_over), address.to_owned(), first.to_owned());
        let thread = thread::spawn(move || {
            // A round takes about a second.
            for i in (0..open.len()).cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(1));
                let (source, stream, at) = &mut open[i];
                let Some(part) = parts.get(*at) else { continue };
                *at += 1;
                if stream.write_all(part).is_err() {
                    // The program has ended.
                    let Ok(new) = try_connect(*source, &address) else {
                        return;
                    };
                    *stream = new;
                    *at = 0;
                    let _ = stream.write_all(&first);
                }
            }
        });
        Self {
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Trickle {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Connects from an address of this machine.
pub(super) fn connect(source: Ipv4Addr, address: &str) -> TcpStream {
    try_connect(source, address).unwrap()
}

fn try_connect(source: Ipv4Addr, address: &str) -> io::Result<TcpStream> {
    let connect = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        socket.connect(address.parse().unwrap()).await?.into_std()
    };
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(connect)?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// Attackers need descriptors in the test process.
pub(super) fn allow_open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

/// Each byte by itself.
pub(super) fn bytes(of: &[u8]) -> Vec<Vec<u8>> {
    of.iter().map(|byte| vec![*byte]).collect()
}
