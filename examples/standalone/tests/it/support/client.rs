use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::DEADLINE;

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A connection on which one request was sent, and the head of its answer read.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    answer: Answer,
}

impl Connection {
    pub(crate) fn open(address: &str, method: &str, target: &str, login: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let login = login.map_or_else(String::new, |login| {
            format!("Authorization: Basic {}\r\n", STANDARD.encode(login))
        });
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{login}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let answer = read_head(&mut stream);
        Self { stream, answer }
    }

    pub(crate) fn status(&self) -> u16 {
        self.answer.status
    }

    /// Reads to the end.
    pub(crate) fn finish(mut self) -> Answer {
        self.stream.read_to_end(&mut self.answer.body).unwrap();
        self.answer
    }
}

/// Asks for `target`, with the login `user:password`.
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
