//! What a client gets of any answer of S3, against a model: the status, the headers that pass, the length
//! of an object that a range misses, and the reason in an error document.
#![no_main]

use std::convert::Infallible;
use std::future::ready;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::header::{CONTENT_RANGE, IF_MATCH, IF_NONE_MATCH, RANGE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use portcullis::aws::Credentials;
use portcullis::gate::Identity;
use portcullis::path::AlternatePath;
use portcullis::s3::{Bucket, BucketClient, S3Error};
use portcullis::upstream::RequestBody;
use portcullis::{Clock, S3Proxy};
use s3_model::{Expected, Model, Reason, passed};
use tower::{ServiceExt, service_fn};

mod s3_model;

const NOW: u64 = 784_111_777;

const NAMES: [&str; 16] = [
    "content-length",
    "content-range",
    "content-type",
    "content-disposition",
    "etag",
    "last-modified",
    "cache-control",
    "cache-control",
    "x-amz-bucket-region",
    "x-amz-delete-marker",
    "x-amz-request-id",
    "retry-after",
    "date",
    "set-cookie",
    "x-amz-meta-owner",
    "x-content-type-options",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    is_head: bool,
    is_authorised: bool,
    /// The answer is that for the folder's own key, and its index document is missing.
    is_folder: bool,
    may_list: bool,
    /// Whether the client sends no range and no precondition that the status would answer.
    is_plain: bool,
    status: u8,
    headers: Vec<(u8, Value<'a>)>,
    document: Document<'a>,
}

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Bytes(&'a [u8]),
    Number { before: u8, number: u64 },
    Date(u32),
    Directives(Vec<u8>),
}

impl Value<'_> {
    fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Bytes(bytes) => HeaderValue::from_bytes(bytes).ok(),
            Self::Number { before, number } => {
                const BEFORE: [&str; 6] = ["", "bytes */", "bytes 0-1/", "+", "bytes */+", "0"];
                let before = BEFORE[usize::from(*before) % BEFORE.len()];
                HeaderValue::try_from(format!("{before}{number}")).ok()
            }
            Self::Date(seconds) => {
                let time = UNIX_EPOCH + Duration::from_secs(u64::from(*seconds));
                HeaderValue::try_from(httpdate::fmt_http_date(time)).ok()
            }
            Self::Directives(pieces) => {
                const PIECES: [&str; 12] = [
                    "public",
                    "private",
                    "no-store",
                    "s-maxage=60",
                    "max-age=1",
                    ",",
                    ", ",
                    "=",
                    "\"",
                    "\\",
                    "proxy-revalidate",
                    "Public",
                ];
                let text = pieces
                    .iter()
                    .map(|&it| PIECES[usize::from(it) % PIECES.len()]);
                HeaderValue::try_from(text.collect::<String>()).ok()
            }
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Document<'a> {
    Bytes(&'a [u8]),
    Error(Vec<(u8, &'a str)>),
}

impl Document<'_> {
    /// The document, and what it says. Of bytes with elements it is not known.
    fn text(&self) -> (Vec<u8>, Option<Reason>) {
        let parts = match self {
            Self::Bytes(bytes) => {
                let is_text = !bytes.contains(&b'<');
                return (bytes.to_vec(), is_text.then(Reason::default));
            }
            Self::Error(parts) => parts,
        };
        let (mut text, mut reason) = ("<Error>".to_owned(), Reason::default());
        for (kind, value) in parts {
            let value: String = value.chars().filter(|c| !"<>&".contains(*c)).collect();
            let name = [
                "Code",
                "ActualObjectSize",
                "Region",
                "Message",
                "code",
                "Code",
            ][usize::from(*kind) % 6];
            let value = match usize::from(*kind) / 6 % 8 {
                0 => "NoSuchKey".to_owned(),
                1 => "AccessDenied".to_owned(),
                2 => "RequestTimeTooSkewed".to_owned(),
                3 => "0".to_owned(),
                4 => format!("+{}", value.len()),
                5 => format!("<Code>{value}</Code>"),
                _ => value,
            };
            if !value.starts_with('<') {
                reason.read(name, &value);
            } else if value.len() > "<Code></Code>".len() {
                reason.read("Code", &value[6..value.len() - 7]);
            }
            text += &format!("<{name}>{value}</{name}>\n<!-- <Code>Comment</Code> -->");
        }
        (text.into_bytes(), Some(reason))
    }
}

thread_local! {
    // Its time goes on while everything waits, so that no retry takes any.
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
}

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

fuzz_target!(|input: Input<'_>| {
    const STATUSES: [u16; 14] = [
        200, 206, 304, 404, 405, 412, 416, 403, 400, 301, 307, 500, 503, 204,
    ];
    let status = STATUSES[usize::from(input.status) % STATUSES.len()];
    let status = StatusCode::from_u16(status).expect("a status");
    let mut headers = HeaderMap::new();
    for (name, value) in &input.headers {
        let Some(value) = value.header() else { return };
        headers.append(NAMES[usize::from(*name) % NAMES.len()], value);
    }
    let (document, reason) = input.document.text();
    let model = Model {
        status,
        headers: &headers,
        // The answer to a HEAD has no document; that of the GET of one byte, which finds the cause, has.
        reason: reason.as_ref(),
        is_head: input.is_head,
        is_folder: input.is_folder,
        may_list: input.may_list,
        is_plain: input.is_plain,
        now: NOW,
    };
    let (answer, body) = answer(&input, status, &headers, &document);
    check(&input, &model, &answer);
    check_body(&model, &answer, body.as_deref(), &document);
});

fn answer(
    input: &Input<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    document: &[u8],
) -> (Response<()>, Option<Bytes>) {
    let document = Bytes::copy_from_slice(document);
    let (headers, may_list, is_folder) = (headers.clone(), input.may_list, input.is_folder);
    let client = service_fn(move |request: Request<RequestBody>| {
        let mut response = match (request.uri().path(), request.uri().query()) {
            (_, Some(_)) if may_list => Response::new(Bytes::from_static(b"<ListBucketResult/>")),
            (_, Some(_)) => denied(),
            ("/a/index.html", _) if is_folder => missing(),
            _ => {
                let mut response = Response::new(document.clone());
                *response.headers_mut() = headers.clone();
                *response.status_mut() = status;
                response
            }
        };
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        ready(Ok::<_, Infallible>(response.map(Full::new)))
    });
    let bucket = Bucket::new("bucket", "eu-west-1").expect("a bucket");
    let credentials = Credentials::new("AKIDFUZZ", "wJalrXUtnFEMIfuzz").expect("credentials");
    let client = BucketClient::with_client(client, bucket, credentials).with_clock(Fixed);
    let mut request = Request::new(());
    *request.uri_mut() = http::Uri::from_static(if is_folder { "/a/index.html" } else { "/a" });
    if input.is_head {
        *request.method_mut() = Method::HEAD;
    }
    let asked = match status.as_u16() {
        206 | 416 => Some((RANGE, "bytes=0-1")),
        304 => Some((IF_NONE_MATCH, "\"v0\"")),
        412 => Some((IF_MATCH, "\"v0\"")),
        _ => None,
    };
    if let Some((name, value)) = asked.filter(|_| !input.is_plain) {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    if is_folder {
        request.extensions_mut().insert(AlternatePath::new("/a/"));
    }
    if input.is_authorised {
        request
            .extensions_mut()
            .insert(Identity::new("fuzz", "ana"));
    }
    RUNTIME.with(|runtime| {
        let Ok(response) = runtime.block_on(S3Proxy::new(client).oneshot(request));
        let (head, body) = response.into_parts();
        let body = runtime.block_on(body.collect()).ok();
        (Response::from_parts(head, ()), body.map(|it| it.to_bytes()))
    })
}

fn missing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"<Error><Code>NoSuchKey</Code></Error>"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn denied() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"<Error><Code>AccessDenied</Code></Error>",
    ));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

fn check(input: &Input<'_>, model: &Model<'_>, answer: &Response<()>) {
    let status = answer.status();
    let error = answer.extensions().get::<S3Error>();
    if let Some(error) = error {
        check_words(error);
    }
    if model.reason.is_none() && !model.is_object() {
        assert!(
            [404, 412, 416, 502, 503].contains(&status.as_u16()),
            "{status}"
        );
        return;
    }
    match model.expected() {
        Expected::Object => {
            assert_eq!(status, model.status);
            let expected = passed(model.headers, status, input.is_authorised);
            assert_eq!(sorted(answer.headers()), sorted(&expected));
        }
        Expected::Misfit => {
            assert_eq!(status, StatusCode::BAD_GATEWAY, "{error:?}");
            let error = error.expect("an error");
            assert_eq!((error.status(), error.code()), (Some(model.status), None));
        }
        Expected::Status(expected) => assert_eq!(status, expected, "{error:?}"),
        Expected::Range(length) => {
            assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
            let told = answer.headers().get(CONTENT_RANGE);
            let expected = length.map(|length| format!("bytes */{length}"));
            assert_eq!(
                told.map(HeaderValue::as_bytes),
                expected.as_deref().map(str::as_bytes)
            );
        }
        Expected::Error {
            status: expected,
            code,
            region,
            skew,
            wait,
        } => {
            let error = error.expect("an error");
            assert_eq!(status, expected, "{error:?}");
            assert_eq!(error.status(), Some(model.status));
            assert_eq!(error.code(), code);
            assert_eq!(error.bucket_region(), region);
            assert_eq!(error.clock_skew(), skew);
            let told = answer.headers().get(RETRY_AFTER);
            let wait = wait.map(|wait| wait.to_string());
            assert_eq!(
                told.map(HeaderValue::as_bytes),
                wait.as_deref().map(str::as_bytes)
            );
        }
    }
}

/// An object that is shorter or longer than announced never ends well.
fn check_body(model: &Model<'_>, answer: &Response<()>, body: Option<&[u8]>, document: &[u8]) {
    let is_object = matches!(model.expected(), Expected::Object);
    if !is_object || model.is_head {
        assert!(body.is_some(), "{answer:?}");
        return;
    }
    let announced = model.announced();
    let is_whole = announced.is_none_or(|length| length == document.len() as u64);
    assert_eq!(body, is_whole.then_some(document), "{announced:?}");
}

/// What a log gets unescaped.
fn check_words(error: &S3Error) {
    for word in [error.code(), error.bucket_region()].into_iter().flatten() {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        assert!(
            (1..=64).contains(&word.len()) && word.chars().all(is_plain),
            "{word}"
        );
    }
    let text = error.to_string();
    assert!(
        text.chars().all(|c| c == '\t' || (' '..='~').contains(&c)),
        "{text}"
    );
}

fn sorted(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let lines = headers.iter();
    let mut lines: Vec<_> = lines
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    lines.sort();
    lines
}
