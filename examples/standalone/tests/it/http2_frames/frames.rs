use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::DEADLINE;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// `END_STREAM`, and the ACK of SETTINGS and PING.
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const WITH_PRIORITY: u8 = 0x20;
/// The flags of a request without a body.
pub(crate) const WHOLE: u8 = END_STREAM | END_HEADERS;

/// The error code for a peer that asks for too much work.
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// How long a flood waits to be taken.
const BLOCKED: Duration = Duration::from_millis(200);
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The field lines of a GET.
pub(crate) const GET: [(&str, &str); 4] = [
    (":method", "GET"),
    (":scheme", "http"),
    (":authority", "h"),
    (":path", "/x"),
];

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

/// Field lines, each as a literal that is not indexed (RFC 7541 section 6.2.2).
pub(crate) fn block<N: AsRef<[u8]>, V: AsRef<[u8]>>(
    lines: impl IntoIterator<Item = (N, V)>,
) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in lines {
        block.push(0);
        for text in [name.as_ref(), value.as_ref()] {
            string(text, &mut block);
        }
    }
    block
}

/// A string literal without Huffman coding.
pub(crate) fn string(text: &[u8], block: &mut Vec<u8>) {
    // A length of 127 or more goes on in groups of seven bits.
    let length = text.len();
    if length < 127 {
        block.push(u8::try_from(length).unwrap());
    } else {
        block.push(127);
        let mut rest = length - 127;
        while rest >= 128 {
            block.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        block.push(u8::try_from(rest).unwrap());
    }
    block.extend(text);
}

/// A request without a body.
pub(crate) fn get(stream: u32) -> Vec<u8> {
    frame(HEADERS, WHOLE, stream, &block(GET))
}

/// A request that expects a body.
pub(crate) fn post(stream: u32) -> Vec<u8> {
    let lines = GET.map(|(name, value)| (name, if name == ":method" { "POST" } else { value }));
    frame(HEADERS, END_HEADERS, stream, &block(lines))
}

/// A frame that came.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The four bytes of the payload at `from`, as an error code is written.
    pub(crate) fn number(&self, from: usize) -> u32 {
        u32::from_be_bytes(self.payload[from..from + 4].try_into().unwrap())
    }
}

/// A connection that has sent the preface and empty settings.
pub(crate) struct Peer(TcpStream);

impl Peer {
    pub(crate) fn open(address: &str) -> Self {
        let mut peer = Self::silent(address);
        peer.send(PREFACE).unwrap();
        peer.send(&frame(SETTINGS, 0, 0, &[])).unwrap();
        peer
    }

    /// A connection on which nothing was sent.
    pub(crate) fn silent(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        // The other side takes no more while its own frames are not read.
        stream.set_write_timeout(Some(BLOCKED)).unwrap();
        Self(stream)
    }

    /// Fails if the other side has closed the connection.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The next frame, or nothing after the last one.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.read(&mut head)?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.read(&mut payload)?;
        Some(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
            payload,
        })
    }

    /// Ends the sending, reads to the end, and returns the code of the first GOAWAY.
    pub(crate) fn closed_with(mut self) -> Option<u32> {
        let _ = self.0.shutdown(Shutdown::Write);
        let mut code = None;
        while let Some(frame) = self.next() {
            if frame.kind == GOAWAY && code.is_none() {
                code = Some(frame.number(4));
            }
        }
        code
    }

    fn read(&mut self, buffer: &mut [u8]) -> Option<()> {
        match self.0.read_exact(buffer) {
            Ok(()) => Some(()),
            Err(error) => match error.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => None,
                _ => panic!("{error}"),
            },
        }
    }
}

/// What came of a case. The error code is not compared: h2 sends `PROTOCOL_ERROR` for some others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// GOAWAY with an error, and the end of the connection.
    Connection,
    /// `RST_STREAM` with an error on the stream of the case. Other streams go on.
    Stream,
    /// The end of the connection without GOAWAY.
    Closed,
    /// The stream of the case was answered with 200. Other streams go on.
    Served,
    /// The stream of the case was answered with 400. Other streams go on.
    Refused,
}

/// The stream of the cases.
pub(crate) const STREAM: u32 = 1;
/// The stream of the request that follows a case.
const NEXT: u32 = 2001;

/// Sends a case and a good request behind it, and reads until both have an answer, or to the end.
pub(crate) fn outcome(address: &str, case: &[u8]) -> Outcome {
    let mut peer = Peer::open(address);
    let _ = peer.send(&[case, &get(NEXT)].concat());
    let (mut outcome, mut is_served) = (None, false);
    loop {
        if is_served && let Some(outcome) = outcome {
            return outcome;
        }
        let Some(frame) = peer.next() else {
            return Outcome::Closed;
        };
        match (frame.kind, frame.stream) {
            (GOAWAY, 0) => {
                assert_ne!(frame.number(4), 0);
                assert!(peer.next().is_none());
                return Outcome::Connection;
            }
            (RST_STREAM, STREAM) if outcome.is_none() => {
                assert_ne!(frame.number(0), 0);
                outcome = Some(Outcome::Stream);
            }
            (HEADERS, STREAM) => outcome = Some(answered(&frame)),
            (HEADERS, NEXT) => {
                assert_eq!(answered(&frame), Outcome::Served);
                is_served = true;
            }
            _ => {}
        }
    }
}

/// The status is the first field line, of the static table (RFC 7541 appendix A).
fn answered(frame: &Frame) -> Outcome {
    match frame.payload[0] {
        0x88 => Outcome::Served,
        0x8c => Outcome::Refused,
        other => panic!("another status: {other:#x}"),
    }
}
