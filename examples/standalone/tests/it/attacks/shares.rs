use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use super::attack::connect;
use super::good::{ATTACKER, LIVE, OTHER, ask, descriptors, wait_until};
use super::unread::serve;
use crate::support::{DEADLINE, Gateway, Stalled, accept_object, get};

const LIVENESS: &str = "[health]\nlive = '/-/live'\n";

/// A request that is under way, since its client reads only the beginning.
fn running(address: &str, target: &str, login: &str) -> TcpStream {
    let mut stream = connect(ATTACKER, address);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{login}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 12]).unwrap();
    stream
}

#[test]
fn requests_beyond_the_exchanges_get_503() {
    let (gateway, _store, _stalled) = serve("exchanges = 1\nwaiting_requests = 0");
    assert_eq!(get(&gateway.address, "/good/x", None).status, 200);
    let running = running(&gateway.address, "/big/x", "");
    let refused = get(&gateway.address, "/good/x", None);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Health is outside of all limits.
    for target in [LIVE, "/-/ready"] {
        ask(OTHER, &gateway.address, target);
    }
    drop(running);
    wait_until("the end of the exchange", || {
        get(&gateway.address, "/good/x", None).status == 200
    });
}

#[test]
fn requests_beyond_a_limit_wait_their_time() {
    let (gateway, _store, _stalled) = serve("requests = 1\nwait_seconds = 2");
    let first = running(&gateway.address, "/big/x", "");
    let begun = Instant::now();
    let refused = get(&gateway.address, "/good/x", None);
    assert_eq!(refused.status, 503);
    assert!((2..20).contains(&begun.elapsed().as_secs()));
    // One that waits is served as soon as there is room.
    let waiting = std::thread::spawn({
        let address = gateway.address.clone();
        move || get(&address, "/good/x", None).status
    });
    drop(first);
    assert_eq!(waiting.join().unwrap(), 200);
}

#[test]
fn one_identity_leaves_room_for_others() {
    let stalled = Stalled::endless();
    let mount = Gateway::open_mount(&stalled.url);
    let with_login = mount.replace("insecure_no_auth = true\n", "");
    let text = format!(
        "[limits]\nrequests_per_identity = 1\nwaiting_requests = 0\n{with_login}\
         [mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n"
    );
    let gateway = Gateway::start(&text);
    let login = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n";
    let first = running(&gateway.address, "/x", login);
    let refused = get(&gateway.address, "/y", Some("ci:pa55word"));
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Without a login it is refused before it takes a place.
    assert_eq!(get(&gateway.address, "/y", None).status, 401);
    drop(first);
}

#[test]
fn health_is_answered_while_all_connections_run() {
    let stalled = Stalled::endless();
    let mount = Gateway::open_mount(&stalled.url);
    let text =
        format!("[limits]\nconnections = 4\n[admin]\nlisten = '127.0.0.1:0'\n{LIVENESS}{mount}");
    let mut gateway = Gateway::start(&text);
    let line = gateway
        .program
        .stderr_line(|line| line.contains("metrics on"));
    let (_, admin) = line.trim_end_matches('/').rsplit_once("//").unwrap();
    let before = descriptors(&gateway);
    let running: Vec<_> = (0..4)
        .map(|_| running(&gateway.address, "/x", ""))
        .collect();
    // The fifth waits to be served.
    let mut fifth = connect(OTHER, &gateway.address);
    fifth
        .write_all(format!("GET {LIVE} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes())
        .unwrap();
    for _ in 0..20 {
        ask(OTHER, admin, LIVE);
    }
    assert!(descriptors(&gateway) <= before + 16);
    drop(running);
    fifth.set_read_timeout(Some(DEADLINE)).unwrap();
    fifth.read_exact(&mut [0; 12]).unwrap();
}

/// A connection that stays open after its request has a place for others at once.
#[test]
fn a_request_that_ends_makes_room_for_a_connection() {
    let store = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mount = Gateway::open_mount(&format!("http://{}", store.local_addr().unwrap()));
    let gateway = Gateway::start(&format!("[limits]\nconnections = 1\n{LIVENESS}{mount}"));
    let mut first = connect(ATTACKER, &gateway.address);
    first
        .write_all(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let mut exchange = accept_object(&store);
    let alone = descriptors(&gateway);
    // The program accepts this one, which has no place yet.
    let address = gateway.address.clone();
    let second = std::thread::spawn(move || ask(OTHER, &address, LIVE));
    wait_until("the second connection", || descriptors(&gateway) > alone);
    exchange.read_exact(&mut [0; 12]).unwrap();
    exchange
        .write_all(b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nwheel")
        .unwrap();
    // The default of idle_seconds is 75.
    assert!(second.join().unwrap().as_secs() < 30);
    drop(first);
}
