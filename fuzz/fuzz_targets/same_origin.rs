//! Which requests a cookie may authorise, by `Sec-Fetch-Site` and `Origin`, against a slow twin. The input
//! is a request.
#![no_main]

use http::Uri;
use http::request::Parts;
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::is_same_origin_or_safe;
use url::Url;

mod request_text;
use request_text::only_text;

fuzz_target!(|data: &[u8]| {
    let Some(head) = request_text::head(data) else {
        return;
    };
    let found = is_same_origin_or_safe(&head);
    assert_eq!(found, twin(&head));
    let is_safe = ["GET", "HEAD", "OPTIONS"].contains(&head.method.as_str());
    if found && !is_safe && !head.headers.contains_key("sec-fetch-site") {
        check_origin(&head);
    }
});

fn twin(head: &Parts) -> bool {
    match head.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => return true,
        _ => {}
    }
    if head.headers.get_all("sec-fetch-site").iter().count() > 0 {
        return only_text(head, "sec-fetch-site") == Some("same-origin");
    }
    let (Some(origin), Some(host)) = (only_text(head, "origin"), host(head)) else {
        return false;
    };
    let Some((scheme, rest)) = origin.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_possible = match &*scheme.to_lowercase() {
        "https" => true,
        "http" => !is_by_https(head),
        _ => false,
    };
    is_possible
        && origin.parse::<Uri>().is_ok()
        && authority.to_ascii_lowercase() == host.to_ascii_lowercase()
}

/// By the target, or by any of the fields that say so.
fn is_by_https(head: &Parts) -> bool {
    let proto = head.headers.get_all("x-forwarded-proto");
    let told = proto
        .iter()
        .map(|proto| proto.as_bytes().to_ascii_lowercase());
    let target = head.uri.to_string();
    told.chain([target
        .split(':')
        .next()
        .unwrap_or_default()
        .as_bytes()
        .to_ascii_lowercase()])
        .any(|scheme| scheme == b"https")
}

fn host(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only_text(head, "host"),
    }
}

/// An origin as a browser sends it is of the host and port that were asked for.
fn check_origin(head: &Parts) {
    let origin = only_text(head, "origin").expect("it was the reason");
    let host = host(head).expect("it was compared");
    let Ok(read) = Url::parse(origin) else { return };
    if read.origin().ascii_serialization() == origin {
        let asked = Url::parse(&format!("{}://{host}", read.scheme())).expect("a host");
        assert_eq!(asked.origin(), read.origin());
    }
}
