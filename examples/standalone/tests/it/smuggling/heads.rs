use super::shape::Outcome::{Both, Refused};
use super::shape::Shape;

/// Line ends, header lines and requests to speak another protocol.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (name, headers, outcome) in [
        ("an empty value", "X:\r\n", Both(200)),
        ("a tab in a value", "X: a\tb\r\n", Both(200)),
        ("bytes beyond ASCII", "X: ä\r\n", Both(200)),
        // RFC 9112 section 2.2 lets a recipient take a single line feed for a line end.
        ("a line feed between headers", "X: a\nY: b\r\n", Both(200)),
        ("a folded line", "X: a\r\n b\r\n", Refused(400)),
        ("a line folded with a tab", "X: a\r\n\tb\r\n", Refused(400)),
        (
            "a folded encoding",
            "Transfer-Encoding:\r\n chunked\r\n",
            Refused(400),
        ),
        (
            "a folded length",
            "Content-Length: 0\r\n 9\r\n",
            Refused(400),
        ),
        ("a return in a value", "X: a\rY: b\r\n", Refused(400)),
        ("a return before a line end", "X: a\r\r\n", Refused(400)),
        ("a NUL in a value", "X: a\0b\r\n", Refused(400)),
        ("a NUL in a name", "X\0: a\r\n", Refused(400)),
        ("a DEL in a value", "X: a\x7fb\r\n", Refused(400)),
        ("a space in a name", "X Y: a\r\n", Refused(400)),
        ("a space before the colon", "X : a\r\n", Refused(400)),
        ("a tab before the colon", "X\t: a\r\n", Refused(400)),
        ("no colon", "X\r\n", Refused(400)),
        ("no name", ": a\r\n", Refused(400)),
        ("a name in brackets", "[X]: a\r\n", Refused(400)),
        ("a name beyond ASCII", "Ä: a\r\n", Refused(400)),
        (
            "an upgrade to HTTP/2",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
             HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
            Both(200),
        ),
        (
            "an upgrade to WebSocket",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
            Both(200),
        ),
        (
            "an expectation",
            "Expect: 100-continue\r\nContent-Length: 0\r\n",
            Both(200),
        ),
    ] {
        shapes.push(Shape::get(name, headers, outcome));
    }
    let line = "GET /first HTTP/1.1";
    shapes.extend([
        Shape::new(
            "a first header line that is folded",
            line,
            " X: a\r\nHost: h\r\n",
            "",
            Refused(400),
        ),
        Shape::new(
            "an empty line before the request",
            "\r\n\r\nGET /first HTTP/1.1",
            "Host: h\r\n",
            "",
            Both(200),
        ),
        Shape::new(
            "a line feed after the request line",
            "GET /first HTTP/1.1\nHost: h",
            "",
            "",
            Both(200),
        ),
    ]);
    shapes
}
