use super::frames::Outcome::{Connection, Served, Stream};
use super::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, GOAWAY, HEADERS, Outcome, PADDED, PING,
    PREFACE, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, STREAM, WHOLE, WINDOW_UPDATE,
    WITH_PRIORITY, block, frame, get, outcome, post,
};
use crate::support::{Gateway, KeepAlive, OBJECT, Store};

type Case = (&'static str, Vec<u8>, Outcome);

fn setting(id: u16, value: u32) -> Vec<u8> {
    [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()
}

fn increment(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

/// RFC 9113 sections 4 to 6: frames that are wrong by themselves, or at this place.
#[rustfmt::skip] // A case is a line.
fn framing() -> Vec<Case> {
    let get = || get(STREAM);
    let post = || post(STREAM);
    let two = |first: Vec<u8>, second: Vec<u8>| [first, second].concat();
    vec![
        ("a request", get(), Served),
        ("an unknown frame", two(frame(0xfa, 0xff, 0, b"x"), get()), Served),
        ("unknown flags", two(frame(PING, 0xfe, 0, b"12345678"), get()), Served),
        ("the reserved bit", two(frame(SETTINGS, 0, 1 << 31, &[]), get()), Served),
        ("a frame of 16 KiB and a byte", two(post(), frame(DATA, 0, STREAM, &[0; 16385])), Connection),
        ("a block of 16 KiB and a byte", frame(HEADERS, WHOLE, STREAM, &[0; 16385]), Connection),
        ("a block that is no HPACK", frame(HEADERS, WHOLE, STREAM, &[0xff; 8]), Connection),
        ("an index that does not exist", frame(HEADERS, WHOLE, STREAM, &[0xf8]), Connection),
        ("an index of zero", frame(HEADERS, WHOLE, STREAM, &[0x80]), Connection),
        ("a table larger than allowed", frame(HEADERS, WHOLE, STREAM, &[0x3f, 0xe1, 0xff, 0x3]), Connection),
        ("data on an idle stream", frame(DATA, END_STREAM, STREAM, b"x"), Connection),
        ("a reset of an idle stream", frame(RST_STREAM, 0, STREAM, &[0; 4]), Connection),
        ("a window of an idle stream", frame(WINDOW_UPDATE, 0, STREAM, &increment(1)), Connection),
        ("a continuation of nothing", frame(CONTINUATION, END_HEADERS, STREAM, &[]), Connection),
        ("a continuation of a whole block", two(get(), frame(CONTINUATION, END_HEADERS, STREAM, &[])), Connection),
        ("data after the end", two(get(), frame(DATA, 0, STREAM, b"x")), Connection),
        ("a block after the end", two(get(), get()), Connection),
        ("a block after a reset", [post(), frame(RST_STREAM, 0, STREAM, &[0; 4]), get()].concat(), Connection),
        ("an even stream", super::frames::get(2), Connection),
        ("a stream with a lower number", two(super::frames::get(5), super::frames::get(3)), Connection),
        ("another frame within a block", two(frame(HEADERS, END_STREAM, STREAM, &block(GET)), frame(PING, 0, 0, &[0; 8])), Connection),
        ("another stream within a block", two(frame(HEADERS, END_STREAM, STREAM, &block(GET)), frame(CONTINUATION, END_HEADERS, 3, &[])), Connection),
        ("a block in two parts", two(frame(HEADERS, END_STREAM, STREAM, &block(GET)[..9]), frame(CONTINUATION, END_HEADERS, STREAM, &block(GET)[9..])), Served),
        ("a stream that depends on itself", frame(HEADERS, WHOLE | WITH_PRIORITY, STREAM, &[&[0, 0, 0, 1, 0][..], &block(GET)].concat()), Stream),
        ("a promise of a client", two(get(), frame(PUSH_PROMISE, END_HEADERS, STREAM, &[&[0, 0, 0, 2][..], &block(GET)].concat())), Connection),
    ]
}

/// RFC 9113 section 6: what each kind of frame may hold.
#[rustfmt::skip]
fn frames() -> Vec<Case> {
    let post = || post(STREAM);
    let after_post = |frame: Vec<u8>| [post(), frame].concat();
    let settings = |payload: Vec<u8>| frame(SETTINGS, 0, 0, &payload);
    let served = |first: Vec<u8>| [first, get(STREAM)].concat();
    vec![
        ("data without a stream", frame(DATA, 0, 0, b"x"), Connection),
        ("data of padding alone", after_post(frame(DATA, PADDED, STREAM, &[9, 0])), Connection),
        ("a block without a stream", frame(HEADERS, WHOLE, 0, &block(GET)), Connection),
        ("a block of padding alone", frame(HEADERS, WHOLE | PADDED, STREAM, &[9, 0]), Connection),
        ("a padded block", frame(HEADERS, WHOLE | PADDED, STREAM, &[&[2][..], &block(GET), &[0, 0]].concat()), Served),
        ("a priority without a stream", frame(PRIORITY, 0, 0, &[0; 5]), Connection),
        ("a priority of four bytes", served(frame(PRIORITY, 0, STREAM, &[0; 4])), Connection),
        ("a priority", served(frame(PRIORITY, 0, STREAM, &[0, 0, 0, 0, 9])), Served),
        ("a reset without a stream", frame(RST_STREAM, 0, 0, &[0; 4]), Connection),
        ("a reset of three bytes", after_post(frame(RST_STREAM, 0, STREAM, &[0; 3])), Connection),
        ("settings of a stream", frame(SETTINGS, 0, STREAM, &[]), Connection),
        ("settings of five bytes", settings(vec![0; 5]), Connection),
        ("an acknowledgement with settings", frame(SETTINGS, ACK, 0, &setting(1, 0)), Connection),
        ("an unknown setting", served(settings(setting(0xff, 1))), Served),
        ("push that is neither on nor off", settings(setting(2, 2)), Connection),
        ("a window of 2^31", settings(setting(4, 1 << 31)), Connection),
        ("frames of less than 16 KiB", settings(setting(5, 16383)), Connection),
        ("frames of 16 MiB", settings(setting(5, 1 << 24)), Connection),
        ("a ping of a stream", frame(PING, 0, STREAM, &[0; 8]), Connection),
        ("a ping of seven bytes", frame(PING, 0, 0, &[0; 7]), Connection),
        ("a pong that nobody wanted", served(frame(PING, ACK, 0, &[0; 8])), Served),
        ("a farewell of a stream", frame(GOAWAY, 0, STREAM, &[0; 8]), Connection),
        ("a window of three bytes", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), Connection),
        ("no more window", frame(WINDOW_UPDATE, 0, 0, &increment(0)), Connection),
        ("no more window of a stream", after_post(frame(WINDOW_UPDATE, 0, STREAM, &increment(0))), Connection),
        ("too much window", frame(WINDOW_UPDATE, 0, 0, &increment(0x7fff_ffff)), Connection),
        ("too much window of a stream", after_post(frame(WINDOW_UPDATE, 0, STREAM, &increment(0x7fff_ffff))), Stream),
    ]
}

#[test]
fn broken_frames_end_the_stream_or_the_connection() {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    let mut wrong = Vec::new();
    for (name, case, expected) in [framing(), frames()].concat() {
        let got = outcome(&gateway.address, &case);
        if got != expected {
            wrong.push((name, expected, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_wrong_preface_ends_the_connection() {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    let mut client = KeepAlive::open(&gateway.address);
    let preface = str::from_utf8(PREFACE).unwrap().replace("SM", "XX");
    client.write(&format!("{preface}GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    // By its first line it is a request of HTTP/1 with a version that there is not.
    let answer = client.rest();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}
