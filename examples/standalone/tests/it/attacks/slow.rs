use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::attack::connect;
use super::good::{ATTACKER, OTHER, ask};
use super::unread::serve;
use crate::support::{DEADLINE, Gateway, accept_object, get};

/// It takes some bytes within each idle time, and more than the sockets hold in all.
#[test]
fn a_slow_reader_is_served_while_it_reads() {
    let (gateway, _store, _stalled) = serve("idle_seconds = 2");
    let mut stream = connect(ATTACKER, &gateway.address);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
        .write_all(b"GET /big/x HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let begun = Instant::now();
    let mut part = vec![0; 4 << 20];
    while begun.elapsed() < Duration::from_secs(5) {
        stream.read_exact(&mut part).unwrap();
        thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_wait_for_s3_is_not_idleness() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, asked) = channel();
    thread::spawn(move || {
        let mut stream = accept_object(&listener);
        let _ = stream.read(&mut [0; 4096]);
        send.send(()).unwrap();
        thread::sleep(Duration::from_secs(3));
        let _ =
            stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nwheel");
    });
    let mount = Gateway::open_mount(&url);
    let text = format!("[limits]\nidle_seconds = 1\n{mount}first_byte_seconds = 20\n");
    let gateway = Gateway::start(&text);
    let answer = get(&gateway.address, "/x", None);
    assert_eq!((answer.status, answer.text()), (200, "wheel"));
    asked.recv().unwrap();
}

/// Bodies are of no use here, so no answer waits for one.
#[test]
fn a_body_that_does_not_come_delays_nobody() {
    let (gateway, _store, _stalled) = serve("idle_seconds = 1");
    for (name, method, headers, status) in [
        ("a length and no body", "POST", "Content-Length: 9", 405),
        (
            "a length beyond all",
            "POST",
            "Content-Length: 999999999999",
            405,
        ),
        (
            "chunks without end",
            "POST",
            "Transfer-Encoding: chunked",
            405,
        ),
        (
            "an expectation",
            "POST",
            "Content-Length: 9\r\nExpect: 100-continue",
            405,
        ),
        ("a GET with a length", "GET", "Content-Length: 9", 200),
    ] {
        let mut stream = connect(ATTACKER, &gateway.address);
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let head = format!("{method} /good/x HTTP/1.1\r\nHost: h\r\n{headers}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let begun = Instant::now();
        let mut answer = Vec::new();
        // It may be reset, since not everything was read.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{name}: {answer}"
        );
        // The connection is closed as an idle one at the latest.
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
        ask(OTHER, &gateway.address, "/good/x");
    }
}
