//! The return path of a sign-in, against a browser's URL parser. The input is a request target.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::return_path;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok(target) = std::str::from_utf8(data) else {
        return;
    };
    let Some(kept) = return_path(target) else {
        assert!(!is_harmless(target), "{target:?} is refused");
        return;
    };
    assert_eq!(kept, target);
    assert!(target.len() <= 2048);
    target.parse::<http::HeaderValue>().expect("a header");

    // As a link, and in the absolute `Location` of a redirect.
    let site = Url::parse("https://files.example/oauth2/callback?code=a").expect("a URL");
    let joined = site.join(target).expect("a URL");
    let absolute = Url::parse(&format!("https://files.example{target}")).expect("a URL");
    assert_eq!(joined, absolute);
    assert_origin(&joined);
    // The browser may only have encoded characters that a URL cannot contain.
    let given = decoded(target.as_bytes());
    let path_and_query = &joined[url::Position::BeforePath..];
    assert_eq!(decoded(path_and_query.as_bytes()), given, "{target:?}");

    // A parser that decodes the path first must stay on this site too.
    let (path, _) = target.split_once('?').unwrap_or((target, ""));
    let once = decoded(path.as_bytes());
    for path in [&decoded(&once), &once] {
        let path = std::str::from_utf8(path).expect("UTF-8");
        assert_origin(&site.join(path).expect("a URL"));
    }
});

fn assert_origin(url: &Url) {
    assert_eq!(url.scheme(), "https", "{url}");
    assert_eq!(url.host_str(), Some("files.example"), "{url}");
    assert_eq!(url.port(), None, "{url}");
    assert_eq!((url.username(), url.password()), ("", None), "{url}");
}

/// Segments of letters and digits, each after a slash, and a query of the same.
fn is_harmless(target: &str) -> bool {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut names = path.split('/');
    names.next() == Some("")
        && path.len() > 1
        && names.all(|name| !name.is_empty() && is_name(name))
        && is_name(query)
        && target.len() <= 2048
}

/// The URL standard's percent-decode.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let digits = bytes.get(i + 1..i + 3).unwrap_or_default();
        let is_escape =
            bytes[i] == b'%' && digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
        if is_escape {
            let digits = std::str::from_utf8(digits).expect("ASCII");
            decoded.push(u8::from_str_radix(digits, 16).expect("digits"));
            i += 3;
        } else {
            decoded.push(bytes[i]);
            i += 1;
        }
    }
    decoded
}
