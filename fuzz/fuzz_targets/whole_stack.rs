//! A whole gateway, with the router of the standalone program, against a model of who may read what. The
//! input is up to four requests as text, separated by an empty line; `{x}` in one of them stands for a
//! credential of [`Secrets`].
//!
//! What S3 is asked for is what the model allows, and nothing at all without the right credential; a
//! client that must be admitted is; and no answer has a secret of the configuration or of the request.
#![no_main]

use std::sync::Arc;

use bytes::Bytes;
use endpoint::Endpoint;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HOST, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use portcullis::upstream::RequestBody;
use stack_model::{Judged, Mount, NOT_FOUND, Visit, judge};
use stack_under_test::{Asked, Secrets, stack};
use tower::ServiceExt;

mod request_text;
mod stack_model;
mod stack_under_test;

// The program is no library, so its files are compiled here.
#[allow(dead_code, reason = "the target needs a part of it")]
#[path = "../../examples/standalone/src/endpoint.rs"]
mod endpoint;
#[path = "../../examples/standalone/src/error_chain.rs"]
#[allow(dead_code, reason = "the router needs only a type of it")]
mod error_chain;
#[path = "../../examples/standalone/src/host.rs"]
mod host;
#[path = "../../examples/standalone/src/mount_path.rs"]
#[allow(dead_code, reason = "the router needs only some of it")]
mod mount_path;
#[path = "../../examples/standalone/src/stack/router.rs"]
mod router;

struct Tested {
    runtime: tokio::runtime::Runtime,
    secrets: Secrets,
    asked: Asked,
    stack: Endpoint<()>,
}

thread_local! {
    static TESTED: Tested = {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let (secrets, asked) = (Secrets::new(), Asked::default());
        Tested {
            runtime: runtime.expect("a runtime"),
            stack: stack(&secrets, answerer(&asked)),
            secrets,
            asked,
        }
    };
}

fuzz_target!(|data: &[u8]| {
    TESTED.with(|tested| {
        for text in blocks(data).take(4) {
            let text = tested.secrets.expanded(text);
            if let Some(mut head) = request_text::head(&text) {
                // So that most requests have one; `host-less:` in a request leaves it out.
                if !head.headers.contains_key(HOST) && head.headers.remove("host-less").is_none() {
                    head.headers
                        .insert(HOST, HeaderValue::from_static("files.example"));
                }
                tested.send(&head);
            }
        }
    });
});

impl Tested {
    fn send(&self, head: &Parts) {
        let request = Request::from_parts(head.clone(), ());
        let Ok(response) = self.runtime.block_on(self.stack.clone().oneshot(request));
        let (answer, body) = response.into_parts();
        let body = self.runtime.block_on(body.collect()).expect("a whole body");
        let answer = Response::from_parts(answer, body.to_bytes());
        let asked = std::mem::take(&mut *self.asked.lock().expect("not poisoned"));
        check(&self.secrets, head, &answer, &asked);
    }
}

fn blocks(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.windows(2).position(|pair| pair == b"\n\n");
        rest = end.map(|end| &text[end + 2..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// A bucket that has an object at every key without `no` or `den` in it: its own key. It denies the latter,
/// and every list.
fn answerer(
    asked: &Asked,
) -> impl Fn(Request<RequestBody>) -> Response<Full<Bytes>> + Clone + use<> {
    let asked = Arc::clone(asked);
    move |request| {
        let (head, _) = request.into_parts();
        let key = stack_under_test::key(&head);
        asked
            .lock()
            .expect("not poisoned")
            .push((head.method.clone(), key.clone()));
        let (status, code) = match key {
            Some(key) if key.contains("no") => (StatusCode::NOT_FOUND, "NoSuchKey"),
            Some(key) if !key.contains("den") => {
                let response = Response::builder()
                    .header(ETAG, "\"v1\"")
                    .header(CACHE_CONTROL, "public, max-age=60")
                    .header(CONTENT_LENGTH, key.len());
                let is_head = head.method == Method::HEAD;
                let body = if is_head { String::new() } else { key };
                return response.body(Full::from(body)).expect("a response");
            }
            _ => (StatusCode::FORBIDDEN, "AccessDenied"),
        };
        let document = match head.method {
            Method::HEAD => String::new(),
            _ => format!("<Error><Code>{code}</Code></Error>"),
        };
        let response = Response::builder().status(status);
        response.body(Full::from(document)).expect("a response")
    }
}

fn check(
    secrets: &Secrets,
    head: &Parts,
    answer: &Response<Bytes>,
    asked: &[(Method, Option<String>)],
) {
    let status = answer.status();
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let known_user = |user: &str, password: &str| secrets.user(user, password);
    let visit = match judge(head, |token| secrets.token(token), known_user) {
        Judged::BadPath | Judged::BadHost => {
            assert_eq!(status, StatusCode::BAD_REQUEST, "{}", head.uri);
            assert_eq!(asked, [], "{}", head.uri);
            return check_secrets(secrets, &head.uri.to_string(), answer);
        }
        Judged::Nowhere => {
            // 400 if the host is odd.
            assert!(matches!(status.as_u16(), 400 | 404), "{}", head.uri);
            assert_eq!(asked, [], "{}", head.uri);
            return check_secrets(secrets, &head.uri.to_string(), answer);
        }
        Judged::At(visit) => visit,
    };
    if visit.may {
        check_asked(&visit, asked);
    } else {
        assert_eq!(asked, [], "nothing is read without a credential: {visit:?}");
    }
    if !matches!(status.as_u16(), 400 | 401 | 403) {
        assert!(visit.may, "{status} without a credential: {visit:?}");
    }
    if status == StatusCode::UNAUTHORIZED {
        assert!(answer.headers().contains_key(WWW_AUTHENTICATE));
    }
    if visit.must {
        check_admitted(head, answer, &visit, asked);
    }
    if status.is_success() && !visit.is_public && visit.mount != Mount::Open {
        let stored = answer.headers().get(CACHE_CONTROL);
        let is_private = stored.is_some_and(|value| !value.as_bytes().starts_with(b"public"));
        // A shared cache does not keep the answer to an OPTIONS.
        assert!(
            is_private || head.method == Method::OPTIONS,
            "{stored:?}: {visit:?}"
        );
    }
    let query = head.uri.query().unwrap_or_default();
    check_secrets(secrets, &[&visit.path, "?", query].concat(), answer);
}

/// Keys in order, each with a HEAD, a GET of its error code or both, and the list that explains a denial.
fn check_asked(visit: &Visit, asked: &[(Method, Option<String>)]) {
    let mut next = 0;
    for (method, key) in asked {
        assert!([Method::GET, Method::HEAD].contains(method));
        let Some(key) = key else {
            assert!(!visit.keys.is_empty(), "a list for no key: {visit:?}");
            continue;
        };
        let place = visit.keys[next.min(visit.keys.len())..]
            .iter()
            .position(|it| it == key);
        let Some(place) = place else {
            panic!("{key:?} is asked for: {visit:?}");
        };
        next += place;
    }
}

/// A client that must be admitted gets the first object that is there.
fn check_admitted(
    head: &Parts,
    answer: &Response<Bytes>,
    visit: &Visit,
    asked: &[(Method, Option<String>)],
) {
    let status = answer.status();
    assert!(!matches!(status.as_u16(), 401 | 403), "{status}: {visit:?}");
    if head.method == Method::OPTIONS
        || head
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("if-"))
    {
        return;
    }
    let Some(first) = visit.keys.first() else {
        return assert!(!status.is_success(), "{status}: {visit:?}");
    };
    let expected = (head.method.clone(), Some(first.clone()));
    assert_eq!(asked.first(), Some(&expected), "{visit:?}");
    let is_there = |key: &&String| !key.contains("no") && !key.contains("den");
    let found = visit
        .keys
        .iter()
        .filter(|key| !key.ends_with(NOT_FOUND) || *key == first);
    let found = found.clone().find(is_there);
    match found {
        Some(key) => {
            assert_eq!(status, StatusCode::OK, "{visit:?}");
            let expected = if head.method == Method::HEAD { "" } else { key };
            assert_eq!(answer.body(), expected, "{visit:?}");
        }
        // Denied is missing, since no list is allowed.
        None => assert_eq!(status, StatusCode::NOT_FOUND, "{visit:?}"),
    }
}

/// No header and no body has a secret, unless the client has written it where no secret belongs, such as in
/// the name of a file.
fn check_secrets(secrets: &Secrets, target: &str, answer: &Response<Bytes>) {
    let mut text = String::from_utf8_lossy(answer.body()).into_owned();
    for (name, value) in answer.headers() {
        text += &format!("\n{name}: {}", value.as_bytes().escape_ascii());
    }
    for secret in secrets.all() {
        if !target.contains(secret) {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
