//! The request id of the standalone program: an id that a client sends is kept or replaced, as a slow twin
//! has it, and what is made in its place would be kept. The input is a request.
#![no_main]

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

mod request_text;

// The program is no library, so its file is compiled here.
#[path = "../../examples/standalone/src/access_log/request_id.rs"]
mod request_id;
use request_id::{RequestIds, X_REQUEST_ID};

fuzz_target!(|data: &[u8]| {
    let Some(head) = request_text::head(data) else {
        return;
    };
    let ids = RequestIds::new([0x5a; 8]);
    let id = ids.of(&head.headers);
    let sent: Vec<_> = head.headers.get_all("x-request-id").iter().collect();
    match sent[..] {
        [sent] if is_plain(sent.as_bytes()) => assert_eq!(id, sent),
        _ => assert_eq!(id, "5a5a5a5a5a5a5a5a-1"),
    }
    // The next gateway on the way takes what this one has written.
    let mut headers = HeaderMap::new();
    headers.insert(X_REQUEST_ID, id.clone());
    assert_eq!(ids.of(&headers), id);
});

fn is_plain(id: &[u8]) -> bool {
    let known = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    let mut length = 0;
    for byte in id {
        length += 1;
        if length > 64 || !known.as_bytes().contains(byte) {
            return false;
        }
    }
    length > 0
}
