//! `PathTokenLayer` within `CanonicalPathLayer`, against a slow twin; and `Redacted`, which hides each
//! token that the layer takes. The input is a line of mounts, and a target.
#![no_main]

use std::convert::Infallible;

use futures_executor::block_on;
use http::{Request, Response, StatusCode, Uri};
use libfuzzer_sys::fuzz_target;
use portcullis::gate::{Carrier, Presented};
use portcullis::path::RequestPath;
use portcullis::path_token::Redacted;
use portcullis::{CanonicalPathLayer, PathTokenLayer};
use tower::{Layer, ServiceExt, service_fn};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(2, |&byte| byte == b'\n');
    let (mounts, target) = (lines.next().unwrap_or_default(), lines.next());
    let (Ok(mounts), Some(target)) = (str::from_utf8(mounts), target) else {
        return;
    };
    if let Ok(text) = str::from_utf8(target) {
        let shown = Redacted::new(text);
        let expected = redacted(text);
        assert_eq!(shown.to_string(), expected, "{text:?}");
        if !text.contains("<TOKEN>") {
            assert_eq!(shown.is_redacted(), expected != text, "{text:?}");
        }
    }
    let Ok(target) = Uri::try_from(target) else {
        return;
    };
    let Some((layer, mounts)) = layer(mounts) else {
        return;
    };
    let (status, seen) = answer(&layer, &target);
    let expected = match RequestPath::parse(target.path()) {
        Ok(path) => take(&mounts, path.as_str()),
        Err(_) => Err(()),
    };
    let Ok((token, path)) = expected else {
        assert_eq!((status, seen), (StatusCode::BAD_REQUEST, None), "{target}");
        return;
    };
    let seen = seen.unwrap_or_else(|| panic!("{target} is refused: {status}"));
    assert_eq!((&seen.token, &*seen.path), (&token, &*path), "{target}");
    if token.is_some() {
        let target = target.to_string();
        assert!(Redacted::new(&target).is_redacted(), "{target}");
    }
});

/// What reached the innermost service.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    token: Option<String>,
    path: String,
}

/// The layer, and the segments of its mounts. `None` if one of them is refused.
fn layer(mounts: &str) -> Option<(PathTokenLayer, Vec<Vec<String>>)> {
    let mut layer = PathTokenLayer::new();
    let mut all = Vec::new();
    for mount in mounts.split(' ').filter(|mount| !mount.is_empty()) {
        let segments = mount_segments(mount);
        match layer.with_mount(mount) {
            Ok(more) => {
                layer = more;
                all.push(segments.expect("the twin takes it too"));
            }
            Err(_) => {
                assert_eq!(segments, None, "{mount:?}");
                return None;
            }
        }
    }
    Some((layer, all))
}

fn mount_segments(mount: &str) -> Option<Vec<String>> {
    let path = RequestPath::parse(mount).ok()?;
    let mut segments: Vec<String> = path.as_str().split('/').map(str::to_owned).collect();
    while segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    let is_good = segments.len() > 1 && segments[1..].iter().all(|it| !it.is_empty() && it != "t");
    is_good.then(|| segments.split_off(1))
}

fn answer(layer: &PathTokenLayer, target: &Uri) -> (StatusCode, Option<Seen>) {
    let leaf = service_fn(|request: Request<()>| async move {
        let (head, ()) = request.into_parts();
        let token = match Carrier::path_token().find(&head) {
            Presented::Given(token) => Some(token.as_str().to_owned()),
            Presented::Absent => None,
            other => panic!("{other:?}"),
        };
        let path = head.uri.path().to_owned();
        let mut response = Response::new(());
        response.extensions_mut().insert(Seen { token, path });
        Ok::<_, Infallible>(response)
    });
    let service = CanonicalPathLayer::new().layer(layer.layer(leaf));
    let (mut request, ()) = Request::new(()).into_parts();
    request.uri = target.clone();
    let request = Request::from_parts(request, ());
    let Ok(response) = block_on(service.oneshot(request));
    (response.status(), response.extensions().get().cloned())
}

/// The token of a canonical path, and the path without it. The first segment `t` alone can be before one,
/// since no mount has such a segment.
fn take(mounts: &[Vec<String>], path: &str) -> Result<(Option<String>, String), ()> {
    let Some((token, rest)) = take_one(mounts, path) else {
        return Ok((None, path.to_owned()));
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if token.is_empty() || !token.chars().all(is_plain) || take_one(mounts, &rest).is_some() {
        return Err(());
    }
    Ok((Some(token), rest))
}

fn take_one(mounts: &[Vec<String>], path: &str) -> Option<(String, String)> {
    let mut segments: Vec<&str> = path.split('/').collect();
    let place = segments.iter().position(|&segment| segment == "t")?;
    let before = segments.get(1..place)?;
    if place + 1 == segments.len() || !before.is_empty() && !mounts.iter().any(|it| it == before) {
        return None;
    }
    let token = segments.remove(place + 1).to_owned();
    segments.remove(place);
    let rest = match segments.join("/") {
        rest if rest.is_empty() => "/".to_owned(),
        rest => rest,
    };
    Some((token, rest))
}

/// By passes that decode one level of escapes each: what follows a segment `t` or `T` is a token.
fn redacted(target: &str) -> String {
    // Each byte with its spelling in the target.
    let spelling = |&byte: &u8| (byte, vec![byte]);
    let mut bytes: Vec<_> = target.as_bytes().iter().map(spelling).collect();
    loop {
        let next = decode_once(&bytes);
        if next.len() == bytes.len() {
            break;
        }
        bytes = next;
    }
    let mut written = Vec::new();
    let (mut follows_t, mut has_token) = (false, false);
    for part in bytes.split_inclusive(|(byte, _)| b"/\\?&#".contains(byte)) {
        let is_separated = b"/\\?&#".contains(&part.last().expect("no part is empty").0);
        let (segment, separator) = part.split_at(part.len() - usize::from(is_separated));
        let text: Vec<u8> = segment.iter().map(|(byte, _)| *byte).collect();
        let text = text.split(|&byte| byte == b';').next().unwrap_or_default();
        let is_added = |byte: &u8| byte.is_ascii_control() || b". ".contains(byte);
        let first = text.iter().position(|byte| !is_added(byte));
        let last = text.iter().rposition(|byte| !is_added(byte));
        let name = first.zip(last).map(|(first, last)| &text[first..=last]);
        if follows_t && name.is_some() {
            written.extend(b"<TOKEN>");
            has_token = true;
        } else {
            written.extend(segment.iter().flat_map(|(_, spelling)| spelling));
        }
        if let Some(name) = name {
            follows_t = matches!(name, b"t" | b"T");
        } else if segment
            .iter()
            .map(|(byte, _)| *byte)
            .filter(|&byte| byte == b'.')
            .nth(1)
            .is_some()
        {
            // It leads above, where a token may have stood.
            follows_t |= has_token;
        }
        written.extend(separator.iter().flat_map(|(_, spelling)| spelling));
    }
    String::from_utf8(written).expect("ASCII separates")
}

fn decode_once(bytes: &[(u8, Vec<u8>)]) -> Vec<(u8, Vec<u8>)> {
    let mut decoded = Vec::new();
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let digits: Vec<u8> = after.iter().take(2).map(|(byte, _)| *byte).collect();
        let digits = str::from_utf8(&digits).unwrap_or_default();
        let is_escape =
            first.0 == b'%' && digits.len() == 2 && digits.bytes().all(|it| it.is_ascii_hexdigit());
        let length = if is_escape { 3 } else { 1 };
        let byte = match is_escape {
            true => u8::from_str_radix(digits, 16).expect("two digits"),
            false => first.0,
        };
        let spelling = rest[..length].iter().flat_map(|(_, it)| it.clone());
        decoded.push((byte, spelling.collect()));
        rest = &rest[length..];
    }
    decoded
}
