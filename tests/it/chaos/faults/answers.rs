//! Whole answers that are not the object: errors of S3, and whatever else answers.

use super::fault::Expected::Status;
use super::fault::{Fault, bytes, fault};
use crate::support::fault_proxy::{Exchange, Step};

/// An answer of this status line, these header lines and this body.
pub(super) fn answer(exchange: &Exchange, line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {line}\r\n{headers}content-length: {length}\r\n\r\n");
    let body = if exchange.is_head() { "" } else { body };
    (head + body).into_bytes()
}

pub(super) fn answers(
    name: &'static str,
    status: u16,
    line: &'static str,
    headers: &'static str,
    body: impl Into<String>,
) -> Fault {
    let body = body.into();
    fault(
        name,
        move |_| Status(status),
        move |exchange| vec![bytes(answer(exchange, line, headers, &body))],
    )
}

pub(super) fn xml(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message></Error>")
}

pub(super) const HTML: &str = "<html><body>Please sign in to the network</body></html>";

/// S3 says that it fails, or that the gateway does.
pub(super) fn errors() -> Vec<Fault> {
    let error = |name, status, line, code| answers(name, status, line, "", xml(code));
    let skewed = "date: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    let mut errors = vec![
        error("500", 502, "500 Internal Server Error", "InternalError"),
        error("503", 503, "503 Service Unavailable", "ServiceUnavailable"),
        error("slow down", 503, "503 Slow Down", "SlowDown"),
        error("too many", 503, "429 Too Many Requests", "TooManyRequests"),
        error("expired", 502, "400 Bad Request", "ExpiredToken"),
        error(
            "wrong secret",
            502,
            "403 Forbidden",
            "SignatureDoesNotMatch",
        ),
        error("no such bucket", 502, "404 Not Found", "NoSuchBucket"),
        answers("503 for 7 s", 503, "503 Busy", "retry-after: 7\r\n", ""),
        answers(
            "skew",
            502,
            "403 Forbidden",
            skewed,
            xml("RequestTimeTooSkewed"),
        ),
        answers(
            "another region",
            502,
            "307 Temporary Redirect",
            "location: https://b.s3.eu-north-1.amazonaws.com/\r\nx-amz-bucket-region: eu-north-1\r\n",
            xml("TemporaryRedirect"),
        ),
    ];
    for (name, status, line) in [
        (
            "500, and its document stalls",
            502,
            "500 Internal Server Error",
        ),
        ("503, and its document stalls", 503, "503 Slow Down"),
    ] {
        errors.push(
            fault(
                name,
                move |_| Status(status),
                move |exchange| {
                    // A connection that is kept would stall the next try.
                    let close = "connection: close\r\n";
                    let answer = answer(exchange, line, close, &xml("SlowDown"));
                    let cut = if exchange.is_head() { 0 } else { 9 };
                    vec![bytes(&answer[..answer.len() - cut]), Step::Stall]
                },
            )
            .slow(),
        );
    }
    errors.push(fault(
        "half a 404",
        |_| Status(502),
        |exchange| {
            let answer = answer(exchange, "404 Not Found", "", &xml("NoSuchKey"));
            let cut = if exchange.is_head() { 0 } else { 9 };
            vec![bytes(&answer[..answer.len() - cut]), Step::Close]
        },
    ));
    errors
}

/// Something else than S3 answers.
pub(super) fn strangers() -> Vec<Fault> {
    let page =
        |name, status, line| answers(name, status, line, "content-type: text/html\r\n", HTML);
    vec![
        page("a page", 502, "200 OK"),
        page("a page with 401", 502, "401 Unauthorized"),
        page("a page with 403", 502, "403 Forbidden"),
        page("a page with 404", 502, "404 Not Found"),
        page("a page with 407", 502, "407 Proxy Authentication Required"),
        page("a page with 410", 502, "410 Gone"),
        page("a page with 500", 502, "500 Internal Server Error"),
        page("a page with 502", 502, "502 Bad Gateway"),
        page("a page with 503", 503, "503 Service Unavailable"),
        page("a page with 504", 502, "504 Gateway Timeout"),
        answers("nothing", 502, "200 OK", "", ""),
        answers("204", 502, "204 No Content", "", ""),
        answers("404 of nothing", 502, "404 Not Found", "", ""),
        answers(
            "a portal",
            502,
            "302 Found",
            "location: http://portal.example/\r\n",
            HTML,
        ),
        answers(
            "moved",
            502,
            "301 Moved Permanently",
            "location: /elsewhere\r\n",
            "",
        ),
    ]
}
