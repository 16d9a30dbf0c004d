use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use super::attack::connect;
use super::good::{
    ATTACKER, LIVE, OTHER, ask, descriptors, is_served, resident, serve, wait_until,
};
use crate::support::DEADLINE;

const MANY: usize = 10_000;
/// How much more memory the program may have afterwards, in KiB.
const GROWTH: usize = 48 * 1024;

#[test]
fn connections_that_are_dropped_leave_nothing() {
    let (gateway, _store) = serve("");
    is_served("before", OTHER, &gateway.address, &["/x"]);
    let before = (descriptors(&gateway), resident(&gateway));
    let mut most = 0;
    for number in 0..MANY {
        let mut stream = TcpStream::connect(&gateway.address).unwrap();
        let _ = stream.write_all(b"GET /x HTT");
        if number % 500 == 0 {
            most = most.max(descriptors(&gateway));
            ask(OTHER, &gateway.address, LIVE);
            ask(ATTACKER, &gateway.address, "/x");
        }
    }
    assert!(most <= 1024 + 512 + 64, "{most}");
    wait_until("their end", || descriptors(&gateway) <= before.0 + 8);
    let after = resident(&gateway);
    assert!(after < before.1 + GROWTH, "{before:?} {after}");
}

/// It counts as gone, which ends its exchange with S3.
#[test]
fn a_client_that_ends_its_side_is_closed() {
    let (gateway, _store) = serve("");
    ask(OTHER, &gateway.address, "/x");
    let before = descriptors(&gateway);
    let request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
    let two = request.repeat(2);
    for sent in [
        "",
        "GET /x HTTP/1.1\r\nHost",
        "PRI * HTTP/2.0",
        request,
        &two,
    ] {
        let mut stream = connect(ATTACKER, &gateway.address);
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        // The default of header_seconds is 30.
        wait_until("its end", || descriptors(&gateway) <= before + 2);
    }
}

#[test]
fn many_requests_at_once_are_answered_in_order() {
    let (gateway, _store) = serve("");
    let mut stream = connect(ATTACKER, &gateway.address);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let pair = format!("GET {LIVE} HTTP/1.1\r\nHost: h\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut requests = pair.repeat(100);
    requests += "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 201);
    assert_eq!(answers.matches("wheel").count(), 101);
}
