//! Which requests without a session are sent to the provider, against a slow twin that goes through
//! `Sec-Fetch-*` and `Accept` byte by byte. The input is a request.
#![no_main]

use http::Method;
use http::request::Parts;
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::wants_sign_in;

mod request_text;

fuzz_target!(|data: &[u8]| {
    let Some(head) = request_text::head(data) else {
        return;
    };
    let [beside_others, alone] = [false, true].map(|alone| {
        let found = wants_sign_in(&head, alone);
        assert_eq!(found, twin(&head, alone), "alone: {alone}");
        found
    });
    // Another method only ever takes sign-ins away.
    assert!(alone || !beside_others);
});

fn twin(head: &Parts, alone: bool) -> bool {
    if head.method != Method::GET && head.method != Method::HEAD {
        return false;
    }
    let upgrades = elements(head, "upgrade");
    if upgrades.iter().any(|it| it.to_lowercase() == "websocket") {
        return false;
    }
    for name in ["sec-purpose", "purpose", "x-moz"] {
        for purpose in elements(head, name) {
            let token: String = purpose.chars().take_while(|&c| c != ';').collect();
            if token.trim().to_lowercase() == "prefetch" {
                return false;
            }
        }
    }
    match only(head, "sec-fetch-mode") {
        Some(b"navigate") => true,
        Some(_) => head.method == Method::GET && is_part(only(head, "sec-fetch-dest")),
        None => accepts(&elements(head, "accept"), alone),
    }
}

fn only<'a>(head: &'a Parts, name: &str) -> Option<&'a [u8]> {
    let values: Vec<_> = head.headers.get_all(name).iter().collect();
    match values[..] {
        [value] => Some(value.as_bytes()),
        _ => None,
    }
}

fn is_part(dest: Option<&[u8]>) -> bool {
    matches!(
        dest,
        Some(b"audio" | b"font" | b"image" | b"script" | b"style" | b"track" | b"video")
    )
}

fn accepts(elements: &[String], alone: bool) -> bool {
    // The highest weight of pages, of anything, and of other types; and whether anything was named.
    let (mut page, mut anything, mut other) = (None, None, None);
    let mut is_empty = true;
    for element in elements {
        let mut pieces = element.split(';');
        let range = pieces.next().unwrap_or_default().trim().to_lowercase();
        let mut weight = Some(1.0);
        for piece in pieces {
            let piece = piece.trim();
            if piece.len() >= 2 && piece[..1].eq_ignore_ascii_case("q") && &piece[1..2] == "=" {
                weight = piece[2..].parse::<f32>().ok();
                break;
            }
        }
        let Some(weight) = weight.filter(|&weight| weight >= 0.0 && weight <= 1.0) else {
            continue;
        };
        is_empty = false;
        let highest = match &*range {
            "text/html" | "application/xhtml+xml" => &mut page,
            "*/*" => &mut anything,
            _ => &mut other,
        };
        if highest.is_none_or(|highest| highest < weight) {
            *highest = Some(weight);
        }
    }
    match (page, anything, other) {
        (Some(page), _, Some(other)) => page > 0.0 && page >= other,
        (Some(page), _, None) => page > 0.0,
        (None, _, _) if is_empty => alone,
        (None, Some(anything), _) => alone && anything > 0.0,
        (None, None, _) => false,
    }
}

/// The elements of all lines that are text, without blanks around them.
fn elements(head: &Parts, name: &str) -> Vec<String> {
    let mut elements = Vec::new();
    for line in head.headers.get_all(name) {
        let bytes = line.as_bytes();
        if !bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            continue;
        }
        let mut element = String::new();
        for &byte in bytes.iter().chain(b",") {
            if byte == b',' {
                elements.push(element.trim().to_owned());
                element.clear();
            } else {
                element.push(byte.into());
            }
        }
    }
    elements.retain(|element| !element.is_empty());
    elements
}
