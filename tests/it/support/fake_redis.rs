//! A fake Redis. It knows the commands that sessions need, each in one spelling.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use portcullis::Clock;
use portcullis::session::RedisSessions;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::clock::StandingClock;

/// Sessions at this URL that wait for a busy machine. With the default timeout, a test that is about another
/// failure could end by [`TimedOut`](portcullis::session::SessionStoreErrorKind::TimedOut).
pub(crate) fn patient(url: impl Into<String>) -> RedisSessions {
    let sessions = RedisSessions::new(url.into()).unwrap();
    sessions.with_timeout(Duration::from_mins(1)).unwrap()
}

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Mood {
    #[default]
    Works,
    /// Every command gets this answer.
    Says(&'static str),
    Hangs,
    /// The connection is closed, and the next command is answered.
    CutsOnce,
    /// The same, after carrying out the command.
    CutsOnceAfterwards,
    /// Every connection is closed at once.
    IsAway,
}

/// Dropping it stops the server.
#[derive(Debug)]
pub(crate) struct FakeRedis {
    pub(crate) address: SocketAddr,
    server: Arc<Server>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Server {
    clock: StandingClock,
    /// The accepted user and password.
    user: Option<(&'static str, &'static str)>,
    state: Mutex<State>,
    hung_up: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<String, (Vec<u8>, SystemTime)>,
    mood: Mood,
    /// What `INFO cluster` says, if it is known.
    cluster_enabled: Option<&'static str>,
    asked: Vec<String>,
    connections: usize,
}

impl FakeRedis {
    pub(crate) async fn start(clock: StandingClock) -> Self {
        Self::start_with(clock, None, None).await
    }

    /// Accepts this user and password only.
    pub(crate) async fn start_for(user: (&'static str, &'static str)) -> Self {
        Self::start_with(StandingClock::new(), Some(user), None).await
    }

    pub(crate) async fn start_tls(acceptor: TlsAcceptor) -> Self {
        Self::start_with(StandingClock::new(), None, Some(acceptor)).await
    }

    async fn start_with(
        clock: StandingClock,
        user: Option<(&'static str, &'static str)>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(Server {
            clock,
            user,
            state: Mutex::default(),
            hung_up: watch::Sender::default(),
        });
        let accepting = tokio::spawn(accept(listener, tls, Arc::clone(&server)));
        Self {
            address,
            server,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Sets how further commands are treated.
    pub(crate) fn be(&self, mood: Mood) {
        self.server.state.lock().unwrap().mood = mood;
    }

    pub(crate) fn set_cluster_enabled(&self, mode: &'static str) {
        self.server.state.lock().unwrap().cluster_enabled = Some(mode);
    }

    /// Closes every connection.
    pub(crate) fn hang_up(&self) {
        self.server.hung_up.send_replace(());
    }

    /// The commands since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.server.state.lock().unwrap().asked)
    }

    /// The number of connections since the last call.
    pub(crate) fn connections(&self) -> usize {
        std::mem::take(&mut self.server.state.lock().unwrap().connections)
    }
}

impl Drop for FakeRedis {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, server: Arc<Server>) {
    // Dropping the set, with the task, ends the connections.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (server, tls) = (Arc::clone(&server), tls.clone());
        server.state.lock().unwrap().connections += 1;
        connections.spawn(async move {
            // A client may hang up, or distrust the certificate.
            let _ = match tls {
                None => server.serve(stream).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => server.serve(stream).await,
                    Err(error) => Err(error),
                },
            };
        });
    }
}

impl Server {
    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut hung_up = self.hung_up.subscribe();
        let mut is_let_in = self.user.is_none();
        if matches!(self.state.lock().unwrap().mood, Mood::IsAway) {
            return Ok(());
        }
        loop {
            let command = tokio::select! {
                command = read_command(&mut stream) => command?,
                _ = hung_up.changed() => return Ok(()),
            };
            let mood = {
                let mut state = self.state.lock().unwrap();
                let words = command.iter().map(|word| String::from_utf8_lossy(word));
                state.asked.push(words.collect::<Vec<_>>().join(" "));
                let mood = state.mood;
                if matches!(mood, Mood::CutsOnce | Mood::CutsOnceAfterwards) {
                    state.mood = Mood::Works;
                }
                mood
            };
            let answer = match mood {
                Mood::Works | Mood::CutsOnceAfterwards => self.answer(&command, &mut is_let_in),
                Mood::Says(answer) => answer.into(),
                Mood::Hangs => std::future::pending().await,
                Mood::CutsOnce | Mood::IsAway => return Ok(()),
            };
            if matches!(mood, Mood::CutsOnceAfterwards) {
                return Ok(());
            }
            stream.write_all(&answer).await?;
            stream.flush().await?;
        }
    }

    fn answer(&self, command: &[Vec<u8>], is_let_in: &mut bool) -> Vec<u8> {
        let words: Vec<_> = command
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        let words: Vec<&str> = words.iter().map(|word| &**word).collect();
        if let ["AUTH", user, password] = words[..] {
            *is_let_in = self.user == Some((user, password));
            return if *is_let_in {
                b"+OK\r\n".into()
            } else {
                b"-WRONGPASS invalid username-password pair or user is disabled.\r\n".into()
            };
        }
        if !*is_let_in {
            return b"-NOAUTH Authentication required.\r\n".into();
        }
        let now = self.clock.now();
        let state = &mut *self.state.lock().unwrap();
        if let (["INFO", "cluster"], Some(mode)) = (&words[..], state.cluster_enabled) {
            let text = format!("# Cluster\r\ncluster_enabled:{mode}\r\n");
            return bulk(Some(text.as_bytes()));
        }
        let entries = &mut state.entries;
        entries.retain(|_, (_, ends_at)| *ends_at > now);
        match words[..] {
            ["PING"] => b"+PONG\r\n".into(),
            ["SELECT", number] if number.parse::<u16>().is_ok_and(|it| it < 16) => {
                b"+OK\r\n".into()
            }
            ["SELECT", _] => b"-ERR DB index is out of range\r\n".into(),
            ["GET", key] => bulk(entries.get(key).map(|(value, _)| &value[..])),
            ["GETDEL", key] => bulk(entries.remove(key).as_ref().map(|(value, _)| &value[..])),
            ["DEL", key] => {
                let removed = entries.remove(key).map_or(0, |_| 1);
                format!(":{removed}\r\n").into()
            }
            ["SET", key, _, "PX", ttl] | ["SET", key, _, "NX", "PX", ttl] => {
                if words.len() == 6 && entries.contains_key(key) {
                    return bulk(None);
                }
                let ttl: u64 = ttl.parse().unwrap();
                assert!(ttl > 0, "the TTL is zero");
                let entry = (command[2].clone(), now + Duration::from_millis(ttl));
                entries.insert(key.to_owned(), entry);
                b"+OK\r\n".into()
            }
            // Like Redis, it repeats the command.
            _ => format!("-ERR unknown command {words:?}\r\n").into(),
        }
    }
}

fn bulk(value: Option<&[u8]>) -> Vec<u8> {
    match value {
        None => b"$-1\r\n".into(),
        Some(value) => [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat(),
    }
}

/// An array of bulk strings.
async fn read_command(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Vec<Vec<u8>>> {
    let count = read_number(stream, b'*').await?;
    let mut command = Vec::new();
    for _ in 0..count {
        let mut word = vec![0; read_number(stream, b'$').await?];
        stream.read_exact(&mut word).await?;
        let mut end = [0; 2];
        stream.read_exact(&mut end).await?;
        assert_eq!(end, *b"\r\n");
        command.push(word);
    }
    Ok(command)
}

async fn read_number(stream: &mut (impl AsyncBufReadExt + Unpin), mark: u8) -> io::Result<usize> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    assert_eq!(line.first(), Some(&mark));
    let number = str::from_utf8(&line[1..]).unwrap();
    Ok(number.parse().unwrap())
}
