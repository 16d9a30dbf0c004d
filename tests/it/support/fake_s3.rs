//! A strict S3 in process.
//!
//! `s3s`, which shares no code with the signer under test, verifies every signature before this
//! file sees a request. The code here answers for objects as the Amazon S3 API reference says, can be
//! set to fail, and records the requests.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use hyper::body::Incoming;
use portcullis::aws::Credentials;
use portcullis::s3::{Bucket, BucketClient, BucketWriter};
use s3s::auth::SimpleAuth;
use s3s::route::S3Route;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::sync::Notify;
use tower::service_fn;

use self::writes::OpenUpload;
use super::server::Server;

mod writes;

pub(crate) const KEY_ID: &str = "AKIDFAKE";
pub(crate) const SECRET: &str = "a/strange+secret=key";
pub(crate) const ETAG: &str = "\"v1\"";
pub(crate) const LAST_MODIFIED: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
const BUCKET: &str = "wheels";
/// Stands for a list of the bucket among the keys that fail.
pub(crate) const LIST: &str = "?list";

/// How the fake fails for a key, instead of answering for an object.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This status, with an error document of this code.
    Error(StatusCode, &'static str),
    /// This status, and a body that is not an error document.
    Html(StatusCode),
    /// The length of the object is promised, and half of it is sent.
    CutShort,
    /// This status, and an incomplete error document of this code.
    BrokenDocument(StatusCode, &'static str),
    /// This status, and an endless error document.
    EndlessDocument(StatusCode, &'static str),
    /// An answer for the object to a GET, and this status to a HEAD.
    HeadFails(StatusCode),
    /// 416 with this `Content-Range`, and a document without the length.
    Unsatisfiable(Option<&'static str>),
    /// This status, an error document of this code, and a header beside them.
    With(StatusCode, &'static str, (&'static str, &'static str)),
    /// This status, and an error document of this code with an element beside it.
    Telling(StatusCode, &'static str, &'static str),
    /// No answer.
    Silence,
    /// The beginning of an object, and then nothing.
    Stall,
    /// An object of unknown length.
    Unmeasured,
    /// An endless object, and a notice when it is no longer read.
    Endless(Arc<Notify>),
}

/// Gives notice when it is dropped.
struct Watched(Arc<Notify>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// The headers that came with the object when it was written.
    own: Vec<(HeaderName, HeaderValue)>,
    /// [`ETAG`] if it was not written by a request.
    etag: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Default)]
struct State {
    objects: HashMap<String, Object>,
    /// The faults, and how often each will still happen.
    faults: HashMap<String, (usize, Fault)>,
    wire: Vec<Wire>,
    denies_missing: bool,
    ignores_conditions: bool,
    uploads: HashMap<String, OpenUpload>,
    /// The number of uploads that were begun.
    begun: usize,
}

/// The fake and its objects.
#[derive(Debug)]
pub(crate) struct FakeS3 {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl FakeS3 {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let mut builder = S3ServiceBuilder::new(NoOperations);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        builder.set_route(Objects {
            state: Arc::clone(&state),
        });
        let verified = builder.build();
        let recorded = Arc::clone(&state);
        let server = Server::start(service_fn(move |request: Request<Incoming>| {
            let wire = Wire {
                method: request.method().clone(),
                uri: request.uri().clone(),
                headers: request.headers().clone(),
            };
            recorded.lock().unwrap().wire.push(wire);
            let verified = verified.clone();
            async move { Ok::<_, Infallible>(verify(&verified, request).await) }
        }))
        .await;
        Self { server, state }
    }

    pub(crate) fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        self.put_with(key, bytes, &[]);
    }

    pub(crate) fn put_with(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
        headers: &[(&'static str, &'static str)],
    ) {
        let object = Object {
            bytes: bytes.into(),
            headers: headers.to_vec(),
            ..Object::default()
        };
        self.state
            .lock()
            .unwrap()
            .objects
            .insert(key.to_owned(), object);
    }

    pub(crate) fn object(&self, key: &str) -> Option<Bytes> {
        let state = self.state.lock().unwrap();
        state.objects.get(key).map(|object| object.bytes.clone())
    }

    pub(crate) fn fail(&self, key: &str, fault: Fault) {
        self.fail_times(key, usize::MAX, fault);
    }

    /// Fails this number of times, and then answers for the object.
    pub(crate) fn fail_times(&self, key: &str, times: usize, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        state.faults.insert(key.to_owned(), (times, fault));
    }

    /// Lets the credentials read, but not list, so that a missing object is denied.
    pub(crate) fn deny_list(&self) {
        self.fail(LIST, Fault::Error(StatusCode::FORBIDDEN, "AccessDenied"));
        self.state.lock().unwrap().denies_missing = true;
    }

    /// Stores what is written whatever its condition, as some stores do.
    pub(crate) fn ignore_conditions(&self) {
        self.state.lock().unwrap().ignores_conditions = true;
    }

    /// How many uploads in parts are neither completed nor aborted.
    pub(crate) fn open_uploads(&self) -> usize {
        self.state.lock().unwrap().uploads.len()
    }

    /// A header that came with an object when it was written.
    pub(crate) fn header(&self, key: &str, name: &str) -> Option<String> {
        let state = self.state.lock().unwrap();
        let mut own = state.objects.get(key)?.own.iter();
        let value = own.find(|(own, _)| own == name)?.1.to_str();
        Some(value.unwrap().to_owned())
    }

    /// The requests since the last call.
    pub(crate) fn wire(&self) -> Vec<Wire> {
        std::mem::take(&mut self.state.lock().unwrap().wire)
    }

    /// How many of the requests since the last call asked for a list.
    pub(crate) fn lists(&self) -> usize {
        let wire = self.wire();
        wire.iter()
            .filter(|wire| wire.uri.query().is_some())
            .count()
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn bucket(&self) -> Bucket {
        Bucket::new(BUCKET, "eu-west-1")
            .unwrap()
            .with_endpoint(&self.server.url())
            .unwrap()
    }

    pub(crate) fn client(&self) -> BucketClient {
        BucketClient::new(self.bucket(), credentials(SECRET)).unwrap()
    }

    pub(crate) fn writer(&self) -> BucketWriter {
        BucketWriter::new(self.bucket(), credentials(SECRET)).unwrap()
    }

    pub(crate) fn client_with_secret(&self, secret: &str) -> BucketClient {
        BucketClient::new(self.bucket(), credentials(secret)).unwrap()
    }
}

pub(crate) fn credentials(secret: &str) -> Credentials {
    Credentials::new(KEY_ID, secret).unwrap()
}

async fn verify(service: &S3Service, request: Request<Incoming>) -> http::Response<Body> {
    let request = request.map(Body::from);
    service
        .call(request)
        .await
        .expect("the fake answers every request")
}

/// No operation of `s3s` is used: the route below handles every correctly signed request.
struct NoOperations;

#[async_trait::async_trait]
impl S3 for NoOperations {}

struct Objects {
    state: Arc<Mutex<State>>,
}

#[async_trait::async_trait]
impl S3Route for Objects {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        true
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let path = decode(request.uri.path());
        if matches!(request.method, Method::PUT | Method::POST | Method::DELETE) {
            return self.write(&path, request).await;
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return Err(s3_error!(MethodNotAllowed));
        }
        let query = request.uri.query().unwrap_or_default().to_owned();
        let key = if path == format!("/{BUCKET}") {
            LIST
        } else {
            let key = path.strip_prefix(&format!("/{BUCKET}/"));
            key.filter(|key| !key.is_empty())
                .ok_or_else(|| s3_error!(NotImplemented, "that is the bucket"))?
        };
        let fault = self.state.lock().unwrap().fault(key, &request.method);
        match fault {
            Some(Fault::Silence) => std::future::pending().await,
            Some(fault) => return Ok(fail(&fault, &request.method)),
            None if key == LIST && query == "list-type=2&max-keys=1" => {
                let list = "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>";
                return Ok(with_status(StatusCode::OK, Body::from(list.to_owned())));
            }
            None if key == LIST => return Ok(self.state.lock().unwrap().list(&query)),
            None => {}
        }
        let state = self.state.lock().unwrap();
        Ok(match state.objects.get(key) {
            Some(object) => version(object, &request, &query),
            None if state.denies_missing => {
                error(&request.method, StatusCode::FORBIDDEN, "AccessDenied", "")
            }
            None => error(&request.method, StatusCode::NOT_FOUND, "NoSuchKey", ""),
        })
    }
}

impl State {
    /// The fault for the request, if any.
    fn fault(&mut self, key: &str, method: &Method) -> Option<Fault> {
        let (times, fault) = self.faults.get_mut(key)?;
        if *method == Method::GET && matches!(fault, Fault::HeadFails(_)) {
            return None;
        }
        *times = times.checked_sub(1)?;
        Some(fault.clone())
    }
}

/// An answer for the version that the query names, with the headers that it replaces.
fn version(object: &Object, request: &S3Request<Body>, query: &str) -> S3Response<Body> {
    let mut object = object.clone();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (&*name, &*value) {
            ("versionId", "v1") => {}
            // The signature of a URL, which is verified.
            (name, _) if name.starts_with("X-Amz-") => {}
            ("versionId", "gone") => {
                return error(&request.method, StatusCode::NOT_FOUND, "NoSuchVersion", "");
            }
            ("versionId", "marker") => {
                let status = StatusCode::METHOD_NOT_ALLOWED;
                let mut response = error(&request.method, status, "MethodNotAllowed", "");
                let marked = "true".parse().unwrap();
                response.headers.insert("x-amz-delete-marker", marked);
                return response;
            }
            ("response-content-type", value) => {
                let value = value.to_owned().leak();
                object.headers.push(("content-type", value));
            }
            _ => {
                return error(
                    &request.method,
                    StatusCode::BAD_REQUEST,
                    "InvalidArgument",
                    "",
                );
            }
        }
    }
    answer(&object, request)
}

fn fail(fault: &Fault, method: &Method) -> S3Response<Body> {
    let document = |code: &str| Bytes::from(format!("<Error><Code>{code}</Code>"));
    match fault {
        Fault::Error(status, code) => error(method, *status, code, ""),
        Fault::Html(status) => with_status(*status, Body::from("<html>no</html>".to_owned())),
        Fault::CutShort => breaking_off(StatusCode::OK, Bytes::from_static(b"half of it")),
        Fault::BrokenDocument(status, code) => breaking_off(*status, document(code)),
        Fault::EndlessDocument(status, code) => {
            let frames = stream::repeat(document(code))
                .map(|bytes| Ok::<_, std::io::Error>(Frame::data(bytes)));
            with_status(*status, Body::http_body_unsync(StreamBody::new(frames)))
        }
        Fault::HeadFails(status) => with_status(*status, Body::empty()),
        Fault::With(status, code, (name, value)) => {
            let mut response = error(method, *status, code, "");
            response.headers.insert(*name, value.parse().unwrap());
            response
        }
        Fault::Telling(status, code, element) => error(method, *status, code, element),
        Fault::Silence => unreachable!("there is no answer"),
        Fault::Stall => {
            let body = StreamBody::new(begun().chain(stream::pending()));
            object(Body::http_body_unsync(body))
        }
        Fault::Unmeasured => object(Body::http_body_unsync(StreamBody::new(begun()))),
        Fault::Endless(notice) => {
            let watched = Watched(Arc::clone(notice));
            let frames = stream::repeat(Bytes::from_static(&[0; 4096])).map(move |bytes| {
                let _ = &watched;
                Ok::<_, std::io::Error>(Frame::data(bytes))
            });
            object(Body::http_body_unsync(StreamBody::new(frames)))
        }
        Fault::Unsatisfiable(content_range) => {
            let mut response = error(
                method,
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "",
            );
            if let Some(content_range) = content_range {
                response
                    .headers
                    .insert("content-range", content_range.parse().unwrap());
            }
            response
        }
    }
}

fn begun() -> impl Stream<Item = Result<Frame<Bytes>, std::io::Error>> + Send {
    stream::iter([Ok(Frame::data(Bytes::from_static(b"begun")))])
}

/// Sends these bytes, promises more, and fails.
fn breaking_off(status: StatusCode, bytes: Bytes) -> S3Response<Body> {
    let frames = stream::unfold(Some(bytes), |bytes| async move {
        let Some(bytes) = bytes else {
            // Lets the server send the bytes first.
            tokio::task::yield_now().await;
            return Some((Err(std::io::Error::other("the disk is gone")), None));
        };
        Some((Ok(Frame::data(bytes)), None))
    });
    let body = Body::http_body_unsync(StreamBody::new(Box::pin(frames)));
    let mut response = object(body);
    response.status = Some(status);
    response
        .headers
        .insert("content-length", "20000".parse().unwrap());
    response
}

/// A body that is all there is of an object.
fn object(body: Body) -> S3Response<Body> {
    let mut response = with_status(StatusCode::OK, body);
    response.headers.insert("etag", ETAG.parse().unwrap());
    response
}

fn answer(object: &Object, request: &S3Request<Body>) -> S3Response<Body> {
    let length = object.bytes.len();
    let tag = object.etag.as_deref().unwrap_or(ETAG);
    if let Some(status) = precondition(&request.headers, tag) {
        return match status {
            StatusCode::NOT_MODIFIED => {
                let mut response = describe(object, with_status(status, Body::empty()));
                response.headers.insert("content-length", length.into());
                response
            }
            _ => error(&request.method, status, "PreconditionFailed", ""),
        };
    }
    let range = request
        .headers
        .get("range")
        .map(|range| range.to_str().unwrap());
    let (status, bytes, content_range) = match range.map(|range| parse_range(range, length)) {
        None => (StatusCode::OK, object.bytes.clone(), None),
        Some(Some((first, last))) => {
            let content_range = format!("bytes {first}-{last}/{length}");
            let part = object.bytes.slice(first..=last);
            (StatusCode::PARTIAL_CONTENT, part, Some(content_range))
        }
        Some(None) => {
            let size = format!("<ActualObjectSize>{length}</ActualObjectSize>");
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            return error(&request.method, status, "InvalidRange", &size);
        }
    };
    let content_length = bytes.len();
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        Body::http_body(Full::new(bytes))
    };
    let mut response = describe(object, with_status(status, body));
    response
        .headers
        .insert("content-length", content_length.into());
    if let Some(range) = content_range {
        response
            .headers
            .insert("content-range", range.parse().unwrap());
    }
    response
}

/// The headers that S3 puts on an object, and some that must not reach a client.
fn describe(object: &Object, mut response: S3Response<Body>) -> S3Response<Body> {
    for (name, value) in [
        ("etag", object.etag.as_deref().unwrap_or(ETAG)),
        ("last-modified", LAST_MODIFIED),
        ("accept-ranges", "bytes"),
        ("content-type", "binary/octet-stream"),
        ("server", "AmazonS3"),
        ("x-amz-id-2", "internal"),
        ("x-amz-meta-owner", "internal"),
        ("x-amz-server-side-encryption", "AES256"),
    ]
    .iter()
    .chain(&object.headers)
    {
        response.headers.insert(*name, value.parse().unwrap());
    }
    for (name, value) in &object.own {
        response.headers.insert(name.clone(), value.clone());
    }
    response
}

/// The four conditionals, by the precedence of RFC 9110 section 13.2.2.
fn precondition(headers: &HeaderMap, tag: &str) -> Option<StatusCode> {
    let get = |name| headers.get(name).map(|value| value.to_str().unwrap());
    let names = |list: &str| list == "*" || list.split(',').any(|it| it.trim() == tag);
    let date = |text| httpdate_of(text) >= httpdate_of(LAST_MODIFIED);
    let passes = match (get("if-match"), get("if-unmodified-since")) {
        (Some(list), _) => names(list),
        (None, Some(since)) => date(since),
        (None, None) => true,
    };
    let modified = match (get("if-none-match"), get("if-modified-since")) {
        (Some(list), _) => !names(list),
        (None, Some(since)) => !date(since),
        (None, None) => true,
    };
    match (passes, modified) {
        (false, _) => Some(StatusCode::PRECONDITION_FAILED),
        (true, false) => Some(StatusCode::NOT_MODIFIED),
        (true, true) => None,
    }
}

/// The seconds of the dates that the tests use: they differ in the year alone.
fn httpdate_of(text: &str) -> u32 {
    text.split(' ')
        .nth(3)
        .and_then(|year| year.parse().ok())
        .expect("a date of the tests")
}

fn parse_range(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let end = length.checked_sub(1)?;
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => (first, last.min(end)),
        (Ok(first), Err(_)) => (first, end),
        (Err(_), Ok(0)) => return None,
        (Err(_), Ok(suffix)) => (length.saturating_sub(suffix), end),
        (Err(_), Err(_)) => panic!("the proxy sent on {range:?}"),
    };
    (first <= last).then_some((first, last))
}

fn error(method: &Method, status: StatusCode, code: &str, more: &str) -> S3Response<Body> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>about {BUCKET}</Message>{more}<RequestId>R1</RequestId></Error>"
    );
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(document)
    };
    let mut response = with_status(status, body);
    response
        .headers
        .insert("x-amz-request-id", "R1".parse().unwrap());
    response
        .headers
        .insert("content-type", "application/xml".parse().unwrap());
    response
}

fn with_status(status: StatusCode, body: Body) -> S3Response<Body> {
    let mut response = S3Response::new(body);
    response.status = Some(status);
    response
}

fn decode(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), tail)
            }
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).unwrap()
}
