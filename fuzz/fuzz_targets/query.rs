//! The query parameters that are sent to S3, against a slow twin. The input is a query.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::query_parameters;

const ALLOWED: [&str; 2] = ["versionId", "response-content-type"];

fuzz_target!(|data: &[u8]| {
    // hyper accepts some non-ASCII bytes in a target; those are UTF-8 too.
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    let sent = query_parameters(&ALLOWED, query);
    assert_eq!(sent, twin(query), "{query:?}");
    assert_eq!(query_parameters(&[], query).as_deref(), Some(""));

    // The query that is sent is canonical, and valid in a request target.
    if let Some(sent) = sent {
        assert_eq!(query_parameters(&ALLOWED, &sent).as_ref(), Some(&sent));
        let target = format!("/key?{sent}");
        target.parse::<http::Uri>().expect("a target");
    }
});

/// By the steps of the URL standard's application/x-www-form-urlencoded parser, one byte at a time.
fn twin(query: &str) -> Option<String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        if !ALLOWED.contains(&&*name) {
            continue;
        }
        if value.chars().any(char::is_control) || found.iter().any(|(other, _)| *other == name) {
            return None;
        }
        found.push((name, value));
    }
    let pairs = found
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    let sent = pairs.collect::<Vec<_>>().join("&");
    (sent.len() <= 4096).then_some(sent)
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes().collect::<Vec<_>>();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'+' {
            bytes[i] = b' ';
        } else if bytes[i] == b'%' && i + 2 < bytes.len() {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            if let (Some(high), Some(low)) = (digit(bytes[i + 1]), digit(bytes[i + 2])) {
                let byte = u8::try_from(high * 16 + low).unwrap();
                bytes.splice(i..i + 3, [byte]);
            }
        }
        i += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
