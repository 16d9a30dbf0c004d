use super::frames::{
    CONTINUATION, DATA, END_STREAM, ENHANCE_YOUR_CALM, GET, HEADERS, PADDED, PING, PRIORITY, Peer,
    RST_STREAM, SETTINGS, STREAM, WHOLE, WINDOW_UPDATE, block, frame, get, post, string,
};
use crate::support::{Gateway, OBJECT, Program, Store, get as ask};

/// The frames of a flood.
const MANY: u32 = 20_000;
/// How much larger the program may be after a flood, in KiB.
const GROWTH: usize = 20 * 1024;

/// Resident memory in KiB.
fn resident(program: &Program) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// Sends a flood to its end, or until the program closes the connection or takes no more, while another
/// client asks. Returns the code of GOAWAY, if there was one.
fn flood(name: &str, begin: &[u8], part: impl Fn(u32) -> Vec<u8>) -> Option<u32> {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    let ask = || assert_eq!(ask(&gateway.address, "/x", None).status, 200, "{name}");
    ask();
    let before = resident(&gateway.program);
    let mut peer = Peer::open(&gateway.address);
    let mut sent = peer.send(begin);
    for number in 0..MANY {
        if number % (MANY / 10) == 0 {
            ask();
        }
        if sent.is_err() {
            break;
        }
        sent = peer.send(&part(number));
    }
    ask();
    let code = peer.closed_with();
    ask();
    let after = resident(&gateway.program);
    assert!(
        after < before + GROWTH,
        "{name}: {before} KiB, then {after} KiB"
    );
    code
}

#[test]
fn a_rapid_reset_ends_the_connection() {
    let code = flood("resets", &[], |number| {
        let stream = 2 * number + 1;
        [get(stream), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    });
    assert_eq!(code, Some(ENHANCE_YOUR_CALM));
}

/// Frames after which a server has to reset the stream itself.
#[test]
fn resets_that_the_client_provokes_are_bounded() {
    let code = flood("provoked resets", &[], |number| {
        let stream = 2 * number + 1;
        let window = 0x7fff_ffff_u32.to_be_bytes();
        [get(stream), frame(WINDOW_UPDATE, 0, stream, &window)].concat()
    });
    assert_eq!(code, Some(ENHANCE_YOUR_CALM));
}

#[test]
fn a_continuation_flood_ends_the_connection() {
    for (name, part) in [
        ("empty parts", &[][..]),
        ("parts of headers", &block([("x", "y")])),
    ] {
        let begin = frame(HEADERS, END_STREAM, STREAM, &block(GET));
        let code = flood(name, &begin, |_| frame(CONTINUATION, 0, STREAM, part));
        assert_eq!(code, Some(ENHANCE_YOUR_CALM), "{name}");
    }
}

/// Each byte of the block stands for a header of 4 KiB.
#[test]
fn small_blocks_of_large_headers_stay_small() {
    let mut bomb = block(GET);
    // A literal with incremental indexing; then its index in the table.
    bomb.push(0x40);
    string(b"x", &mut bomb);
    string(&[b'y'; 4000], &mut bomb);
    bomb.resize(16_000, 0xbe);
    flood("large headers", &[], |number| {
        frame(HEADERS, WHOLE, 2 * number + 1, &bomb)
    });
    let empty = block(GET.into_iter().chain(vec![("x", ""); 4000]));
    flood("empty headers", &[], |number| {
        frame(HEADERS, WHOLE, 2 * number + 1, &empty)
    });
}

#[test]
fn frames_without_a_request_stay_bounded() {
    let settings = [0, 4, 0, 0, 0xff, 0xff];
    for (name, begin, part) in [
        ("pings", vec![], frame(PING, 0, 0, &[0; 8])),
        ("settings", vec![], frame(SETTINGS, 0, 0, &settings)),
        ("empty settings", vec![], frame(SETTINGS, 0, 0, &[])),
        (
            "priorities",
            vec![],
            frame(PRIORITY, 0, 7, &[0, 0, 0, 0, 9]),
        ),
        ("unknown frames", vec![], frame(0xfa, 0, 0, &[0; 64])),
        ("windows", vec![], frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("empty data", post(STREAM), frame(DATA, 0, STREAM, &[])),
        (
            "padding",
            post(STREAM),
            frame(DATA, PADDED, STREAM, &[1, 0]),
        ),
    ] {
        flood(name, &begin, |_| part.clone());
    }
}
