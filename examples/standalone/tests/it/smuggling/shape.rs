/// What a shape hides. Nobody may ever read it as a request of its own.
pub(super) const HIDDEN: &str = "GET /secret/x HTTP/1.1\r\nHost: h\r\n\r\n";
/// The request that follows a shape on its connection.
pub(super) const SECOND: &str = "GET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// What the program does with a shape and with the request behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This status, and the connection is closed. No request reaches the stack.
    Refused(u16),
    /// This status, and the connection is closed: what follows is not read as a request.
    Alone(u16),
    /// This status, and the second request has its own answer.
    Both(u16),
}

/// The bytes of a request, and what the program does with them.
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) outcome: Outcome,
}

impl Shape {
    /// A request with this method and target line, these header lines and this body.
    pub(super) fn new(
        name: impl Into<String>,
        line: &str,
        headers: &str,
        body: impl AsRef<[u8]>,
        outcome: Outcome,
    ) -> Self {
        let head = format!("{line}\r\n{headers}\r\n");
        let bytes = [head.as_bytes(), body.as_ref()].concat();
        let name = name.into();
        Self {
            name,
            bytes,
            outcome,
        }
    }

    /// A POST with these header lines, which no mount takes.
    pub(super) fn post(
        name: impl Into<String>,
        headers: &str,
        body: impl AsRef<[u8]>,
        outcome: Outcome,
    ) -> Self {
        let headers = format!("Host: h\r\n{headers}");
        Self::new(name, "POST /first HTTP/1.1", &headers, body, outcome)
    }

    /// A GET with these header lines after `Host`.
    pub(super) fn get(name: &str, headers: &str, outcome: Outcome) -> Self {
        let headers = format!("Host: h\r\n{headers}");
        Self::new(name, "GET /first HTTP/1.1", &headers, "", outcome)
    }

    /// The shape and the second request.
    pub(super) fn with_second(&self) -> Vec<u8> {
        [&self.bytes, SECOND.as_bytes()].concat()
    }
}

/// All shapes.
pub(super) fn shapes() -> Vec<Shape> {
    [
        super::lengths::shapes(),
        super::chunked::shapes(),
        super::heads::shapes(),
        super::targets::shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The method and target of a request, and the status, of a line of the log. Nothing for a request that
/// was refused unread.
pub(super) fn logged_request(line: &str) -> Option<(String, u16)> {
    let words: Vec<_> = line.split(' ').collect();
    match *words {
        [time, _, _, method, target, status, ..] if time.ends_with('Z') => {
            Some((format!("{method} {target}"), status.parse().unwrap()))
        }
        _ => None,
    }
}
