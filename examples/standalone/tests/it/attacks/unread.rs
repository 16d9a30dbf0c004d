use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use super::attack::allow_open_files;
use super::good::{HEALTH, LIVE, OTHER, ask, descriptors, is_served, resident, wait_until};
use crate::http2_frames::frames::{GET, HEADERS, Peer, RST_STREAM, SETTINGS, WHOLE, block, frame};
use crate::support::{Gateway, OBJECT, Stalled, Store};

const CONNECTIONS: usize = 66;
const STREAMS: u32 = 32;
/// The requests of one network that are under way at once by default, each with a connection to S3.
const SHARE: usize = 128;
/// How much more memory the program may have afterwards, in KiB. The allocator keeps some of it.
const GROWTH: usize = 48 * 1024;

/// A request for `path`.
pub(super) fn request(stream: u32, path: &str) -> Vec<u8> {
    let lines = GET.map(|(name, value)| (name, if name == ":path" { path } else { value }));
    frame(HEADERS, WHOLE, stream, &block(lines))
}

/// A connection whose streams may get this many bytes, which it does not read.
pub(super) fn with_window(address: &str, window: u32) -> Peer {
    let mut peer = Peer::open(address);
    let setting = [&[0, 4][..], &window.to_be_bytes()].concat();
    peer.send(&frame(SETTINGS, 0, 0, &setting)).unwrap();
    peer
}

/// A good mount at `/good` and one of endless objects at `/big`.
pub(super) fn serve(limits: &str) -> (Gateway, Store, Stalled) {
    let (store, stalled) = (Store::start(OBJECT), Stalled::endless());
    (gateway(limits, &store.url, &stalled.url), store, stalled)
}

fn gateway(limits: &str, good: &str, big: &str) -> Gateway {
    let mount = |path: &str, url: &str| {
        let text = Gateway::open_mount(url);
        text.replace("path = '/'", &format!("path = '{path}'"))
    };
    let (good, big) = (mount("/good", good), mount("/big", big));
    let text = format!("[limits]\n{limits}\n{HEALTH}{good}health_key = 'h'\n{big}");
    Gateway::start(&text)
}

/// The same, with large objects. Their store needs one thread for all, so that it takes no time from the
/// program.
fn serve_large(limits: &str) -> (Gateway, Store) {
    let (store, large) = (Store::start(OBJECT), large_objects());
    (gateway(limits, &store.url, &large), store)
}

/// A store that sends as much of its objects as the sockets take, and no more.
fn large_objects() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The thread ends with the test process.
    thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000000000000\r\n\r\n",
            );
            let _ = stream.set_nonblocking(true);
            let part = vec![0; 65_536];
            for _ in 0..16 {
                if stream.write(&part).is_err() {
                    break;
                }
            }
            open.push(stream);
        }
    });
    url
}

fn attack(address: &str) -> Vec<Peer> {
    allow_open_files();
    let windows = [0, 1, 65_535].into_iter().cycle().take(CONNECTIONS);
    let open = windows.map(|window| {
        let mut peer = with_window(address, window);
        for stream in 0..STREAMS {
            peer.send(&request(2 * stream + 1, "/big/x")).unwrap();
        }
        peer
    });
    open.collect()
}

fn beside(name: &str, gateway: &Gateway) {
    is_served(
        name,
        OTHER,
        &gateway.address,
        &["/good/x", LIVE, "/-/ready"],
    );
}

#[test]
fn unread_streams_are_reset_beside_a_good_client() {
    let (gateway, _store) = serve_large("idle_seconds = 2");
    ask(OTHER, &gateway.address, "/good/x");
    let before = descriptors(&gateway);
    let attackers = attack(&gateway.address);
    wait_until("the attack", || {
        descriptors(&gateway) >= before + CONNECTIONS + SHARE / 2
    });
    beside("unread", &gateway);
    assert!(descriptors(&gateway) <= before + CONNECTIONS + SHARE + 64);
    // The attackers stay: their streams, then their connections end.
    wait_until("the end of the exchanges", || {
        descriptors(&gateway) <= before + CONNECTIONS + 8
    });
    wait_until("the end of the connections", || {
        descriptors(&gateway) <= before + 8
    });
    beside("afterwards", &gateway);
    drop(attackers);
}

#[test]
fn unread_streams_with_default_limits_leave_nothing() {
    let (gateway, _store) = serve_large("");
    beside("before", &gateway);
    let before = (descriptors(&gateway), resident(&gateway));
    for round in 0..2 {
        let attackers = attack(&gateway.address);
        wait_until("the attack", || {
            descriptors(&gateway) >= before.0 + CONNECTIONS + SHARE / 2
        });
        beside("unread", &gateway);
        let during = descriptors(&gateway);
        assert!(
            during <= before.0 + CONNECTIONS + SHARE + 64,
            "{round}: {during}"
        );
        drop(attackers);
        wait_until("the end", || descriptors(&gateway) <= before.0 + 8);
    }
    let after = resident(&gateway);
    assert!(after < before.1 + GROWTH, "{before:?} {after}");
}

#[test]
fn a_connection_is_served_after_its_streams_are_reset() {
    let (gateway, _store, _stalled) = serve("idle_seconds = 2");
    let mut peer = with_window(&gateway.address, 0);
    for stream in 0..STREAMS {
        peer.send(&request(2 * stream + 1, "/big/x")).unwrap();
    }
    let mut reset = 0;
    while reset < STREAMS {
        let frame = peer.next().unwrap();
        reset += u32::from(frame.kind == RST_STREAM);
    }
    let next = 2 * STREAMS + 1;
    peer.send(&request(next, "/good/x")).unwrap();
    while let Some(frame) = peer.next() {
        if frame.kind == HEADERS && frame.stream == next {
            assert_eq!(frame.payload[0], 0x88);
            return;
        }
    }
    panic!("the connection was closed");
}
