use std::io::{Read, Write};

use super::attack::connect;
use super::good::ATTACKER;
use crate::http2_frames::frames::{HEADERS, Peer, WHOLE, block, frame};
use crate::support::{DEADLINE, Gateway, OBJECT, Store};

/// The status of a raw request of HTTP/1.
fn status(address: &str, head: &str) -> u16 {
    let mut stream = connect(ATTACKER, address);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    str::from_utf8(&status[9..]).unwrap().parse().unwrap()
}

/// The first byte of the answer's block: the status in the static table.
fn status_of_http2(address: &str, lines: &[(&str, &str)]) -> Option<u8> {
    let mut peer = Peer::open(address);
    peer.send(&frame(HEADERS, WHOLE, 1, &block(lines.iter().copied())))
        .unwrap();
    loop {
        let frame = peer.next()?;
        match frame.kind {
            HEADERS => return Some(frame.payload[0]),
            crate::http2_frames::frames::RST_STREAM => return None,
            _ => {}
        }
    }
}

#[test]
fn a_request_names_one_host_in_each_version() {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    for (line, hosts, expected) in [
        ("GET /x HTTP/1.0", "", 200),
        ("GET /x HTTP/1.0", "Host: h\r\n", 200),
        ("GET /x HTTP/1.0", "Host: h\r\nHost: i\r\n", 400),
        ("GET /x HTTP/1.0", "Host: h/i\r\n", 400),
        ("GET /x HTTP/1.1", "Host: h\r\n", 200),
        ("GET /x HTTP/1.1", "hOST: h:80\r\n", 200),
        ("GET /x HTTP/1.1", "", 400),
        ("GET /x HTTP/1.1", "Host:\r\n", 400),
        ("GET /x HTTP/1.1", "Host: h\r\nHost: h\r\n", 400),
        ("GET /x HTTP/1.1", "Host: h i\r\n", 400),
        ("GET /x HTTP/1.1", "Host: h@i\r\n", 400),
        ("GET /x HTTP/1.1", "Host: h:0x50\r\n", 400),
        ("GET http://h/x HTTP/1.1", "Host: h\r\n", 200),
        ("GET http://h/x HTTP/1.1", "", 400),
        ("GET http://u@h/x HTTP/1.1", "Host: h\r\n", 400),
    ] {
        let head = format!("{line}\r\n{hosts}Connection: close\r\n\r\n");
        assert_eq!(status(&gateway.address, &head), expected, "{head}");
    }
    let begin = [(":method", "GET"), (":scheme", "http"), (":path", "/x")];
    for (hosts, is_served) in [
        (vec![(":authority", "h")], true),
        (vec![("host", "h")], true),
        (vec![(":authority", "h"), ("host", "h")], true),
        (vec![(":authority", "h"), ("host", "i")], false),
        (
            vec![(":authority", "h"), ("host", "h"), ("host", "h")],
            false,
        ),
        (vec![(":authority", "u@h")], false),
        (vec![], false),
    ] {
        let lines = [&begin[..], &hosts].concat();
        let status = status_of_http2(&gateway.address, &lines);
        assert_eq!(status == Some(0x88), is_served, "{hosts:?}: {status:x?}");
    }
}
