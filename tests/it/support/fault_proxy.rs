//! A relay in front of a server of HTTP/1.1 or of Redis, which spoils the answers as a test says, can be down, and
//! counts its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// A request and the whole answer of the server behind the relay.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The line of an HTTP request, or the first of a command.
    pub(crate) line: String,
    /// The number of requests on this connection before.
    pub(crate) before: usize,
    /// With the empty line at the end. The whole answer of a Redis.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// How to tell one request and one answer from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http,
    Redis,
}

/// What the client gets in place of the answer, in this order. The connection is kept unless a step ends
/// it.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// In pieces of one byte.
    Trickle(Vec<u8>),
    /// Nothing for this long.
    Pause(Duration),
    /// Nothing more, until the client hangs up or another fault begins.
    Stall,
    /// By an RST.
    Reset,
    /// By a FIN.
    Close,
}

pub(crate) type Spoil = Arc<dyn Fn(&Exchange) -> Vec<Step> + Send + Sync>;

impl Exchange {
    pub(crate) fn is_head(&self) -> bool {
        self.line.starts_with("HEAD ")
    }

    pub(crate) fn whole(&self) -> Vec<u8> {
        [&*self.head, &*self.body].concat()
    }

    /// The answer without the headers of these names, the others in lower case, and with more lines.
    pub(crate) fn head_with(&self, without: &[&str], more: &str) -> Vec<u8> {
        let head = str::from_utf8(&self.head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let mut head = format!("{}\r\n", lines.next().unwrap());
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            let name = name.to_ascii_lowercase();
            if !without.contains(&&*name) {
                head.extend([&*name, ":", value, "\r\n"]);
            }
        }
        (head + more + "\r\n").into_bytes()
    }
}

/// Dropping it ends it and its connections.
pub(crate) struct FaultProxy {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    /// Keeps the port while nobody listens.
    _holder: TcpSocket,
    accepting: Mutex<Option<AbortHandle>>,
}

struct State {
    protocol: Protocol,
    server: Mutex<SocketAddr>,
    spoil: watch::Sender<Option<Spoil>>,
    live: watch::Sender<usize>,
}

impl FaultProxy {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        Self::of(Protocol::Http, server).await
    }

    /// In front of a Redis without passwords.
    pub(crate) async fn of_redis(server: SocketAddr) -> Self {
        Self::of(Protocol::Redis, server).await
    }

    async fn of(protocol: Protocol, server: SocketAddr) -> Self {
        let holder = socket();
        holder.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let proxy = Self {
            address: holder.local_addr().unwrap(),
            state: Arc::new(State {
                protocol,
                server: Mutex::new(server),
                spoil: watch::Sender::new(None),
                live: watch::Sender::default(),
            }),
            _holder: holder,
            accepting: Mutex::default(),
        };
        proxy.go_up().await;
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Spoils further answers, or none.
    pub(crate) fn spoil(&self, spoil: Option<Spoil>) {
        self.state.spoil.send_replace(spoil);
    }

    /// Refuses connections and ends those that are there, as if the process were killed.
    pub(crate) async fn go_down(&self) {
        let accepting = self.accepting.lock().unwrap().take();
        accepting.expect("it is up").abort();
        self.until_live(0).await;
    }

    /// Listens on the same port again.
    pub(crate) async fn go_up(&self) {
        let socket = socket();
        socket.bind(self.address).unwrap();
        let listener = socket.listen(1024).unwrap();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&self.state)));
        let before = self
            .accepting
            .lock()
            .unwrap()
            .replace(accepting.abort_handle());
        assert!(before.is_none(), "it is down");
        tokio::task::yield_now().await;
    }

    /// Sends further requests to another server.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.state.server.lock().unwrap() = server;
    }

    /// The number of open connections.
    pub(crate) fn live(&self) -> usize {
        *self.state.live.borrow()
    }

    /// Waits until there are as few open connections.
    pub(crate) async fn until_live(&self, count: usize) {
        let mut live = self.state.live.subscribe();
        live.wait_for(|live| *live <= count).await.unwrap();
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.lock().unwrap().take() {
            accepting.abort();
        }
    }
}

fn socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket
}

/// Counts a connection while it is there.
struct Live(Arc<State>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.live.send_modify(|live| *live -= 1);
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropping the set, with the task, ends the connections.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.live.send_modify(|live| *live += 1);
        let live = Live(Arc::clone(&state));
        connections.spawn(async move {
            // Either side may hang up.
            let _ = relay(stream, &live.0).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn relay(mut client: TcpStream, state: &State) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut came = Vec::new();
    for before in 0.. {
        let length = loop {
            if let Some(length) = state.protocol.request_length(&came) {
                break length;
            }
            if client.read_buf(&mut came).await? == 0 {
                return Ok(());
            }
        };
        let request: Vec<u8> = came.drain(..length).collect();
        let server = *state.server.lock().unwrap();
        let exchange = state.protocol.ask(server, &request, before).await?;
        let mut spoils = state.spoil.subscribe();
        let spoil = spoils.borrow_and_update().clone();
        let steps = match spoil {
            Some(spoil) => spoil(&exchange),
            None => vec![Step::Send(exchange.whole())],
        };
        for step in steps {
            match step {
                Step::Send(bytes) => client.write_all(&bytes).await?,
                Step::Trickle(bytes) => {
                    for byte in bytes {
                        client.write_all(&[byte]).await?;
                    }
                }
                Step::Pause(time) => tokio::time::sleep(time).await,
                Step::Stall => tokio::select! {
                    ended = until_end(&mut client) => return ended,
                    _ = spoils.changed() => return Ok(()),
                },
                Step::Reset => return client.set_zero_linger(),
                Step::Close => {
                    client.shutdown().await?;
                    // Closing with unread bytes would be a reset.
                    return until_end(&mut client).await;
                }
            }
        }
    }
    Ok(())
}

async fn until_end(client: &mut TcpStream) -> io::Result<()> {
    while client.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

impl Protocol {
    /// The length of the first request, once it is here.
    fn request_length(self, bytes: &[u8]) -> Option<usize> {
        let length = match self {
            Self::Http => {
                let end = end_of_head(bytes)?;
                let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
                let mut lines = head.split("\r\n");
                let length = lines.find_map(|line| line.strip_prefix("content-length: "));
                end + length.map_or(0, |length| length.parse().unwrap())
            }
            // An array of bulk strings.
            Self::Redis => {
                let (count, mut end) = number(bytes, 0)?;
                for _ in 0..count {
                    let (length, start) = number(bytes, end)?;
                    end = start + length + 2;
                }
                end
            }
        };
        (bytes.len() >= length).then_some(length)
    }

    /// Sends the request over a connection of its own, whose end is the end of the answer.
    async fn ask(self, server: SocketAddr, request: &[u8], before: usize) -> io::Result<Exchange> {
        let mut stream = TcpStream::connect(server).await?;
        let line = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let (line, rest) = request.split_at(line);
        let mut exchange = Exchange {
            line: String::from_utf8_lossy(line).trim_end().to_owned(),
            before,
            head: Vec::new(),
            body: Vec::new(),
        };
        let close: &[u8] = match self {
            Self::Http => b"connection: close\r\n",
            Self::Redis => b"",
        };
        stream.write_all(&[line, close, rest].concat()).await?;
        if self == Self::Redis {
            stream.shutdown().await?;
        }
        stream.read_to_end(&mut exchange.head).await?;
        if self == Self::Http {
            let end = end_of_head(&exchange.head).ok_or(io::ErrorKind::UnexpectedEof)?;
            exchange.body = exchange.head.split_off(end);
            exchange.head = exchange.head_with(&["connection"], "");
        }
        Ok(exchange)
    }
}

/// The number behind a mark at this position, and where its line ends.
fn number(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(at + 1..)?;
    let line = rest.iter().position(|byte| *byte == b'\n')?;
    let number = str::from_utf8(&rest[..line]).unwrap().trim_end();
    Some((number.parse().unwrap(), at + 1 + line + 1))
}

pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mark = b"\r\n\r\n";
    let at = bytes.windows(mark.len()).position(|it| it == mark)?;
    Some(at + mark.len())
}
