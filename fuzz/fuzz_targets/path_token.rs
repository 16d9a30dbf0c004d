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

/// One byte after the other: what follows a segment `t` is a token.
fn redacted(target: &str) -> String {
    let bytes = target.as_bytes();
    let (mut written, mut segment) = (String::new(), Vec::new());
    let mut follows_t = false;
    let mut i = 0;
    loop {
        let separator = match bytes.get(i) {
            None => "",
            Some(b'/' | b'\\' | b'?' | b'&' | b'#') => &target[i..=i],
            Some(b'%') if is_slash(bytes.get(i + 1..i + 3)) => &target[i..i + 3],
            Some(&byte) => {
                segment.push(byte);
                i += 1;
                continue;
            }
        };
        let text = String::from_utf8(std::mem::take(&mut segment)).expect("ASCII separates");
        if !matches!(&*text, "" | "." | "%2e" | "%2E") {
            written += if follows_t { "<TOKEN>" } else { &text };
            follows_t = text == "t" || text == "%74";
        } else {
            written += &text;
        }
        written += separator;
        if i == bytes.len() {
            return written;
        }
        i += separator.len();
    }
}

fn is_slash(digits: Option<&[u8]>) -> bool {
    matches!(digits, Some(b"2f" | b"2F" | b"5c" | b"5C"))
}
