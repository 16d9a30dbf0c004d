use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use super::DEADLINE;

/// An answer as received.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The headers, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All the values of a header.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.headers.iter().filter(move |(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// The value of an `Authorization` header.
pub(crate) struct Authorization(pub(crate) String);

/// A connection with one request sent, and the head of its answer read.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    answer: Answer,
}

impl Connection {
    pub(crate) fn open(address: &str, method: &str, target: &str, login: Option<&str>) -> Self {
        let login = login.map(|login| Authorization(format!("Basic {}", STANDARD.encode(login))));
        Self::open_with(address, method, target, login.as_ref())
    }

    pub(crate) fn open_with(
        address: &str,
        method: &str,
        target: &str,
        authorization: Option<&Authorization>,
    ) -> Self {
        let login = authorization.map_or_else(String::new, |Authorization(value)| {
            format!("Authorization: {value}\r\n")
        });
        let headers = format!("Host: {address}\r\n{login}");
        Self::open_raw(address, method, target, &headers)
    }

    /// Sends `headers` unchanged. Each must have its line end.
    pub(crate) fn open_raw(address: &str, method: &str, target: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let answer = read_head(&mut stream);
        Self { stream, answer }
    }

    pub(crate) fn status(&self) -> u16 {
        self.answer.status
    }

    /// Reads the rest of the answer.
    pub(crate) fn finish(mut self) -> Answer {
        self.stream.read_to_end(&mut self.answer.body).unwrap();
        self.answer
    }
}

/// A connection for several requests.
pub(crate) struct KeepAlive {
    stream: BufReader<TcpStream>,
}

impl KeepAlive {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        Self::over(stream)
    }

    /// Connects from an address of this machine, which is another client network than 127.0.0.1.
    pub(crate) fn open_from(source: Ipv4Addr, address: &str) -> Self {
        let connect = async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((source, 0).into())?;
            socket.connect(address.parse().unwrap()).await?.into_std()
        };
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let stream = runtime.block_on(connect).unwrap();
        stream.set_nonblocking(false).unwrap();
        Self::over(stream)
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let stream = BufReader::new(stream);
        Self { stream }
    }

    /// Waits for the beginning of an answer.
    pub(crate) fn read_some(&mut self) {
        assert!(!self.stream.fill_buf().unwrap().is_empty());
    }

    pub(crate) fn write(&mut self, bytes: &str) {
        self.try_write(bytes.as_bytes()).unwrap();
    }

    /// Fails if the other side has closed the connection.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Requests `target` and reads the answer, which must have a `Content-Length`.
    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.write(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        let mut answer = read_head(&mut self.stream);
        let length = answer.header("content-length").unwrap().parse().unwrap();
        answer.body = vec![0; length];
        self.stream.read_exact(&mut answer.body).unwrap();
        answer
    }

    /// Reads until the other side closes the connection.
    pub(crate) fn rest(mut self) -> String {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => String::from_utf8(rest).unwrap(),
        }
    }
}

/// Requests `target`, with the login `user:password`.
pub(crate) fn get(address: &str, target: &str, login: Option<&str>) -> Answer {
    request(address, "GET", target, login)
}

pub(crate) fn request(address: &str, method: &str, target: &str, login: Option<&str>) -> Answer {
    Connection::open(address, method, target, login).finish()
}

fn read_head(stream: &mut impl BufRead) -> Answer {
    let mut lines = stream.by_ref().lines().map(Result::unwrap);
    let status = lines.next().unwrap();
    let status = status.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        })
        .collect();
    let body = Vec::new();
    Answer {
        status,
        headers,
        body,
    }
}
