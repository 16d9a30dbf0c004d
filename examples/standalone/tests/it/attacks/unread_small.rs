use std::time::Duration;

use super::good::{OTHER, ask};
use super::unread::{request, with_window};
use crate::http2_frames::frames::{DATA, END_STREAM, HEADERS, RST_STREAM, WINDOW_UPDATE, frame};
use crate::support::{Gateway, Store};

const STREAMS: u32 = 31;

/// A store with an object of so many bytes.
fn store(length: usize) -> Store {
    let head = format!(
        "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let answer = head + &"w".repeat(length);
    Store::start(Box::leak(answer.into_boxed_str()))
}

fn serve(store: &Store) -> Gateway {
    let mount = Gateway::open_mount(&store.url);
    Gateway::start(&format!("[limits]\nidle_seconds = 1\n{mount}"))
}

/// Their whole data is in the program, which is done with S3.
#[test]
fn small_objects_that_nobody_takes_are_reset() {
    let store = store(5000);
    let gateway = serve(&store);
    let mut peer = with_window(&gateway.address, 1);
    for stream in 0..STREAMS {
        peer.send(&request(2 * stream + 1, "/x")).unwrap();
    }
    let mut reset = 0;
    while reset < STREAMS {
        let frame = peer.next().expect("the streams are reset first");
        reset += u32::from(frame.kind == RST_STREAM);
    }
    ask(OTHER, &gateway.address, "/x");
}

/// The nearest that is served: a client that takes them as it may, with no byte of window left over.
#[test]
fn an_object_needs_no_more_window_than_its_length() {
    for length in [1, 2, 1024, 1025, 5000, 40_000] {
        let store = store(length);
        let gateway = serve(&store);
        let window = u32::try_from(length).unwrap();
        let mut peer = with_window(&gateway.address, window);
        peer.send(&request(1, "/x")).unwrap();
        let mut received = 0;
        loop {
            let frame = peer.next().unwrap();
            assert_ne!(frame.kind, RST_STREAM, "{length}");
            if (frame.kind, frame.stream) == (DATA, 1) {
                received += frame.payload.len();
                if frame.flags & END_STREAM != 0 {
                    break;
                }
            }
        }
        assert_eq!(received, length);
    }
}

/// A byte in half a second is neither nothing, nor for ever.
#[test]
fn a_byte_now_and_then_delays_nobody() {
    let store = store(5000);
    let gateway = serve(&store);
    let mut peer = with_window(&gateway.address, 1);
    for stream in 0..STREAMS {
        peer.send(&request(2 * stream + 1, "/x")).unwrap();
    }
    for _ in 0..6 {
        for stream in 0..STREAMS {
            let update = frame(WINDOW_UPDATE, 0, 2 * stream + 1, &[0, 0, 0, 1]);
            // The streams end in the meantime, as their client takes no whole part within the time.
            let _ = peer.send(&update);
        }
        std::thread::sleep(Duration::from_millis(500));
        ask(OTHER, &gateway.address, "/x");
    }
    let mut answered = 0;
    let mut reset = 0;
    while reset < STREAMS {
        let Some(frame) = peer.next() else { break };
        reset += u32::from(frame.kind == RST_STREAM);
        answered += u32::from(frame.kind == HEADERS);
    }
    assert_eq!((answered, reset), (STREAMS, STREAMS));
}
