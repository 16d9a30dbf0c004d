use super::shape::Outcome::{self, Alone, Both};
use super::shape::{HIDDEN, Shape};

/// What stands before the hidden request, with SIZE for its length in hexadecimal. The hidden request ends
/// as a last chunk does.
const SIZES: [(&str, &str, Outcome); 18] = [
    ("a chunk", "SIZE\r\n", Both(405)),
    ("zeros before the size", "00000000SIZE\r\n", Both(405)),
    ("an extension", "SIZE;a=\"b\"\r\n", Both(405)),
    ("an extension with a size in it", "SIZE;0\r\n", Both(405)),
    ("a line feed in an extension", "0;a\n", Alone(405)),
    ("a return in an extension", "0;a\rb\r\n\r\n", Alone(405)),
    ("no size", "\r\n", Alone(405)),
    ("a size that is no number", "z\r\n", Alone(405)),
    ("a negative size", "-1\r\n", Alone(405)),
    ("a size with a plus sign", "+0\r\n\r\n", Alone(405)),
    ("a size with 0x", "0x0\r\n\r\n", Alone(405)),
    ("a space before the size", " 0\r\n\r\n", Alone(405)),
    ("a size of 2^64", "10000000000000000\r\n", Alone(405)),
    ("a size of 2^64-1", "ffffffffffffffff\r\n", Alone(405)),
    ("a line feed after the size", "0\n\n", Alone(405)),
    ("a return after the size", "0\r\r", Alone(405)),
    ("no line end after a chunk", "1\r\nx0\r\n\r\n", Alone(405)),
    ("a line feed after a chunk", "1\r\nx\n0\r\n\r\n", Alone(405)),
];

const ENDS: [(&str, &str, Outcome); 4] = [
    (
        "a chunk that is a byte longer",
        "1\r\nxx\r\n0\r\n\r\n",
        Alone(405),
    ),
    (
        "trailers that would change the request",
        "0\r\nHost: evil\r\nAuthorization: Basic eDp5\r\nContent-Length: 50\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        Both(405),
    ),
    ("a trailer without a colon", "0\r\nHost\r\n\r\n", Alone(405)),
    (
        "a trailer that is folded",
        "0\r\nX: a\r\n b\r\n\r\n",
        Alone(405),
    ),
];

const LONG: usize = 64 * 1024;

/// Chunks and trailers. The body of a request is never used, so the answer does not wait for it.
pub(super) fn shapes() -> Vec<Shape> {
    let size = format!("{:x}", HIDDEN.len());
    let hidden = |before: &str| {
        let before = before.replace("SIZE", &size);
        format!("{before}{HIDDEN}\r\n0\r\n\r\n")
    };
    let chunked =
        |name, body, outcome| Shape::post(name, "Transfer-Encoding: chunked\r\n", body, outcome);
    let sizes = SIZES.map(|(name, before, outcome)| chunked(name, hidden(before), outcome));
    let ends = ENDS.map(|(name, body, outcome)| chunked(name, String::from(body), outcome));
    let long = "a".repeat(LONG);
    let extension = hidden(&format!("SIZE;{long}\r\n"));
    let trailers = format!("0\r\nX: {long}\r\n\r\n");
    let long = [
        chunked("an extension of 64 KiB", extension, Alone(405)),
        chunked("trailers of 64 KiB", trailers, Alone(405)),
    ];
    sizes.into_iter().chain(ends).chain(long).collect()
}
