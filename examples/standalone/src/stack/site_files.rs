use std::future::ready;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use portcullis::response::{answer_to, method_not_allowed};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::endpoint::{Endpoint, boxed};
use crate::mount::Mount;

/// What browsers and crawlers ask for by themselves, at the root of a site, and the answer where a login
/// would be needed for it: no icon, and nothing to crawl.
const FILES: [(&str, StatusCode, &str); 2] = [
    ("/favicon.ico", StatusCode::NO_CONTENT, ""),
    (
        "/robots.txt",
        StatusCode::OK,
        "User-agent: *\nDisallow: /\n",
    ),
];

/// The paths of these files that no mount serves to everybody, with their answers. A challenge there would
/// make each visit two lines of the log, and RFC 9309 section 2.3.1.3 reads it as leave to crawl.
pub(super) fn site_files<B: Send + 'static>(mounts: &[Mount]) -> Vec<(String, Endpoint<B>)> {
    let is_open = |path: &str| {
        let having = mounts.iter().filter(|it| it.path.strip(path).is_some());
        let mount = having.max_by_key(|it| it.path.len());
        mount.is_some_and(|it| {
            it.gates.read.access.is_open() || it.public.iter().any(|public| public == path)
        })
    };
    let files = FILES.into_iter().filter(|(path, ..)| !is_open(path));
    let files = files.map(|(path, status, text)| (path.to_owned(), file(status, text)));
    files.collect()
}

fn file<B: Send + 'static>(status: StatusCode, text: &'static str) -> Endpoint<B> {
    BoxCloneSyncService::new(service_fn(move |request: Request<B>| {
        let method = request.method();
        let answer = match *method {
            Method::GET | Method::HEAD => of_file(status, text),
            _ => method_not_allowed("GET, HEAD"),
        };
        ready(Ok(boxed(answer_to(method, answer).map(Full::new))))
    }))
}

fn of_file(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    if !text.is_empty() {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(CONTENT_TYPE, plain);
    }
    response
}
