use super::shape::Outcome::{Alone, Both, Refused};
use super::shape::{HIDDEN, Shape};

/// `Content-Length` and `Transfer-Encoding`, apart and together.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = together();
    shapes.extend(content_lengths());
    shapes.extend(transfer_encodings());
    shapes
}

/// RFC 9112 section 6.1: chunked wins, and the connection is closed after the answer.
fn together() -> Vec<Shape> {
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
    let ends_early = format!("0\r\n\r\n{HIDDEN}");
    let all = format!("Content-Length: {}\r\n", ends_early.len());
    let size = format!("{:x}\r\n", HIDDEN.len());
    let in_chunk = format!("{size}{HIDDEN}\r\n0\r\n\r\n");
    let short = format!("Content-Length: {}\r\n", size.len());
    vec![
        Shape::post(
            "a length, then chunked",
            &format!("{all}{CHUNKED}"),
            &ends_early,
            Alone(405),
        ),
        Shape::post(
            "chunked, then a length",
            &format!("{CHUNKED}{all}"),
            &ends_early,
            Alone(405),
        ),
        Shape::post(
            "a length that ends in the chunk",
            &format!("{short}{CHUNKED}"),
            &in_chunk,
            Alone(405),
        ),
        Shape::post(
            "chunked, then a short length",
            &format!("{CHUNKED}{short}"),
            &in_chunk,
            Alone(405),
        ),
        Shape::post(
            "chunked and a wrong length",
            &format!("{CHUNKED}Content-Length: x\r\n"),
            "0\r\n\r\n",
            Alone(405),
        ),
        Shape::new(
            "both in HTTP/1.0",
            "POST /first HTTP/1.0",
            &format!("Host: h\r\nConnection: keep-alive\r\n{all}{CHUNKED}"),
            &ends_early,
            Refused(400),
        ),
    ]
}

fn content_lengths() -> Vec<Shape> {
    let length = HIDDEN.len();
    let equal = format!("Content-Length: {length}\r\n").repeat(2);
    let mut shapes = vec![
        Shape::post("two equal lengths", &equal, HIDDEN, Both(405)),
        Shape::post(
            "two lengths",
            &format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
            HIDDEN,
            Refused(400),
        ),
        Shape::new(
            "a GET with a body",
            "GET /first HTTP/1.1",
            &format!("Host: h\r\nContent-Length: {length}\r\n"),
            HIDDEN,
            Both(200),
        ),
        Shape::post(
            "a length that Connection names",
            &format!("Connection: content-length\r\nContent-Length: {length}\r\n"),
            HIDDEN,
            Both(405),
        ),
        Shape::post(
            "a name with an underscore",
            &format!("Content-Length: {length}\r\nContent_Length: 0\r\n"),
            HIDDEN,
            Both(405),
        ),
    ];
    for (value, outcome) in [
        (format!("{length}"), Both(405)),
        (format!("000{length}"), Both(405)),
        (format!("\t{length} \t"), Both(405)),
        (format!("+{length}"), Refused(400)),
        (format!("-{length}"), Refused(400)),
        (format!("{length}, {length}"), Refused(400)),
        (format!("{length},"), Refused(400)),
        (format!("{length};"), Refused(400)),
        (format!("{length} 0"), Refused(400)),
        (format!("{length}.0"), Refused(400)),
        (format!("0x{length:x}"), Refused(400)),
        (format!("\u{b}{length}"), Refused(400)),
        (format!("\"{length}\""), Refused(400)),
        (String::new(), Refused(400)),
        (String::from("1e2"), Refused(400)),
        (String::from("१"), Refused(400)),
        (String::from("18446744073709551616"), Refused(400)),
        (format!("1844674407370955161{length}"), Refused(400)),
        ("9".repeat(400), Refused(400)),
        // hyper's mark for a body until the end of the connection.
        (String::from("18446744073709551615"), Refused(431)),
    ] {
        let header = format!("Content-Length: {value}\r\n");
        shapes.push(Shape::post(
            format!("length {value:?}"),
            &header,
            HIDDEN,
            outcome,
        ));
    }
    shapes
}

fn transfer_encodings() -> Vec<Shape> {
    let ends_early = "0\r\n\r\n";
    let mut shapes = Vec::new();
    for (value, outcome) in [
        ("chunked", Both(405)),
        ("CHUNKED", Both(405)),
        (" \tchunked\t ", Both(405)),
        ("chunked, identity", Refused(400)),
        ("chunked, gzip", Refused(400)),
        ("chunked,", Refused(400)),
        ("chunked;q=1", Refused(400)),
        ("\"chunked\"", Refused(400)),
        ("'chunked'", Refused(400)),
        ("xchunked", Refused(400)),
        ("chunkedx", Refused(400)),
        ("chunk", Refused(400)),
        ("x chunked", Refused(400)),
        ("\u{b}chunked", Refused(400)),
        ("\u{a0}chunked", Refused(400)),
        ("identity", Refused(400)),
        ("gzip", Refused(400)),
        ("", Refused(400)),
    ] {
        let header = format!("Transfer-Encoding: {value}\r\n");
        let name = format!("encoding {value:?}");
        shapes.push(Shape::post(name, &header, ends_early, outcome));
    }
    for (name, headers, outcome) in [
        (
            "chunked, and another encoding in a second line",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            Refused(400),
        ),
        (
            "a name with an underscore for chunked",
            "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n",
            Both(405),
        ),
        (
            "a name that ends in a space",
            "Transfer-Encoding : chunked\r\n",
            Refused(400),
        ),
    ] {
        shapes.push(Shape::post(name, headers, ends_early, outcome));
    }
    for line in ["POST /first HTTP/1.0", "GET /first HTTP/1.0"] {
        let headers = "Host: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n";
        let name = format!("chunked in {line}");
        shapes.push(Shape::new(name, line, headers, ends_early, Refused(400)));
    }
    shapes
}
