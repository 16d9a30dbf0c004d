use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Empty;
use tokio::task::spawn_blocking;
use tokio::time::{Duration, timeout};

use super::attack::{Trickle, bytes};
use super::good::{
    ATTACKER, HEALTH, LIVE, OTHER, descriptors, is_served, resident, serve, wait_until,
};
use crate::http2_frames::frames::{PING, PREFACE, SETTINGS, frame, get};
use crate::support::{Gateway, Identity, OBJECT, Protocol, Store, TlsClient, ask};

/// As many as the program takes by default.
const MANY: usize = 1024;
/// How much more memory the program may have afterwards, in KiB. The allocator keeps some of it.
const GROWTH: usize = 48 * 1024;

/// What is sent at once, and then part by part.
type Script = (&'static str, Vec<u8>, Vec<Vec<u8>>);

fn scripts() -> Vec<Script> {
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let ping = frame(PING, 0, 0, &[0; 8]);
    let head = get(1);
    let http1 = b"GET /x HTTP/1.1\r\nHost: h\r\nCookie: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    vec![
        ("a preface byte by byte", vec![], bytes(PREFACE)),
        ("pings", begin.clone(), vec![ping; 100]),
        (
            "HEADERS byte by byte",
            begin,
            bytes(&head[..head.len() - 1]),
        ),
        ("a head byte by byte", vec![], bytes(http1)),
        ("nothing", vec![], vec![]),
    ]
}

fn spread() -> Vec<Ipv4Addr> {
    (1..=8).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect()
}

/// Runs each script beside good clients of the attackers' network and of another.
fn run(networks: &[Ipv4Addr], number: usize) {
    let (gateway, _store) = serve("");
    is_served("before", OTHER, &gateway.address, &["/x", LIVE]);
    let before = (descriptors(&gateway), resident(&gateway));
    for (name, first, parts) in scripts() {
        let attack = Trickle::begin(&gateway.address, networks, number, &first, parts);
        is_served(name, OTHER, &gateway.address, &["/x", LIVE, "/-/ready"]);
        is_served(name, ATTACKER, &gateway.address, &["/x", LIVE]);
        let during = (descriptors(&gateway), resident(&gateway));
        assert!(during.0 <= MANY + 512 + 64, "{name}: {during:?}");
        drop(attack);
        wait_until("the end of the connections", || {
            descriptors(&gateway) <= before.0 + 8
        });
        let after = resident(&gateway);
        assert!(
            after < before.1 + GROWTH,
            "{name}: {} then {after}",
            before.1
        );
    }
}

#[test]
fn trickles_of_one_network_stop_nobody() {
    // Its share is 512 by default.
    run(&[ATTACKER], 600);
}

#[test]
fn trickles_of_eight_networks_stop_nobody() {
    run(&spread(), MANY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn trickled_tls_handshakes_stop_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity::new();
    identity.write(folder.path());
    let store = Store::start(OBJECT);
    let tls = "[tls]\ncertfile = '{folder}/tls.crt'\nkeyfile = '{folder}/tls.key'\n";
    let mount = Gateway::open_mount(&store.url);
    let text = format!("{tls}{HEALTH}{mount}health_key = 'h'\n");
    let gateway = Gateway::start_in(folder, &text);
    let hello = [&[22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3][..], &[7; 100]].concat();
    let client = TlsClient::new(&gateway.address, &[&identity]);
    for networks in [vec![ATTACKER], spread()] {
        let (address, parts) = (gateway.address.clone(), bytes(&hello));
        let attack = move || Trickle::begin(&address, &networks, MANY, &[], parts);
        let _attack = spawn_blocking(attack).await.unwrap();
        for target in ["/x", LIVE].repeat(10) {
            let request = Request::get(target).header("host", "localhost");
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let answer = async {
                let stream = client.connect(Protocol::Http1).await;
                ask(stream, Protocol::Http1, request).await.0
            };
            let answer = timeout(Duration::from_secs(1), answer).await;
            assert_eq!(answer, Ok(StatusCode::OK), "{target}");
        }
    }
}
