use http::Request;

use super::*;

const CHROME: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,\
                      image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
const CHROME_IMAGE: &str = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
const PIP: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, \
                   text/html; q=0.01";
const UV: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, \
                  text/html;q=0.01";

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    /// 302, whatever else the gate takes.
    Redirect,
    /// 302 where the gate takes nothing else, and 401 with the challenges of the others.
    RedirectAlone,
    /// 401.
    Challenge,
}

use Answer::{Challenge, Redirect, RedirectAlone};

type Fields = &'static [(&'static str, &'static str)];

fn assert_rows(rows: &[(&str, &str, Fields, Answer)]) {
    for (name, method, fields, expected) in rows {
        let mut request = Request::builder().method(*method).uri("/");
        for (field, value) in *fields {
            request = request.header(*field, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let answer = match (wants_sign_in(&head, true), wants_sign_in(&head, false)) {
            (true, true) => Redirect,
            (true, false) => RedirectAlone,
            (false, false) => Challenge,
            (false, true) => panic!("{name}: a redirect among several alone"),
        };
        assert_eq!(answer, *expected, "{name}");
    }
}

#[test]
fn browsers_that_say_what_they_fetch_are_told_by_that() {
    assert_rows(&[
        (
            "a page",
            "GET",
            &[
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
                ("accept", CHROME),
            ],
            Redirect,
        ),
        (
            "a page's head",
            "HEAD",
            &[("sec-fetch-mode", "navigate"), ("accept", CHROME)],
            Redirect,
        ),
        (
            "a page of JSON",
            "GET",
            &[
                ("sec-fetch-mode", "navigate"),
                ("accept", "application/json"),
            ],
            Redirect,
        ),
        (
            "a frame",
            "GET",
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            Redirect,
        ),
        (
            "an image",
            "GET",
            &[
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "image"),
                ("accept", CHROME_IMAGE),
            ],
            Redirect,
        ),
        (
            "an image for a canvas",
            "GET",
            &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "image")],
            Redirect,
        ),
        (
            "audio",
            "GET",
            &[
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "audio"),
                ("accept", "*/*"),
            ],
            Redirect,
        ),
        (
            "a video's range",
            "GET",
            &[
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "video"),
                ("range", "bytes=0-"),
            ],
            Redirect,
        ),
        (
            "subtitles",
            "GET",
            &[
                ("sec-fetch-mode", "same-origin"),
                ("sec-fetch-dest", "track"),
            ],
            Redirect,
        ),
        (
            "a font",
            "GET",
            &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "font")],
            Redirect,
        ),
        (
            "a style",
            "GET",
            &[
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "style"),
                ("accept", "text/css,*/*;q=0.1"),
            ],
            Redirect,
        ),
        (
            "a script",
            "GET",
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")],
            Redirect,
        ),
        (
            "an image's head",
            "HEAD",
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            Challenge,
        ),
        (
            "what a script fetches",
            "GET",
            &[
                ("sec-fetch-mode", "cors"),
                ("sec-fetch-dest", "empty"),
                ("accept", "*/*"),
            ],
            Challenge,
        ),
        (
            "a page that a script fetches",
            "GET",
            &[
                ("sec-fetch-mode", "cors"),
                ("sec-fetch-dest", "empty"),
                ("accept", CHROME),
            ],
            Challenge,
        ),
        (
            "what a script fetches at its own site",
            "GET",
            &[
                ("sec-fetch-mode", "same-origin"),
                ("sec-fetch-dest", "empty"),
            ],
            Challenge,
        ),
        (
            "what a script fetches unread",
            "GET",
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")],
            Challenge,
        ),
        (
            "a WebSocket",
            "GET",
            &[
                ("sec-fetch-mode", "websocket"),
                ("sec-fetch-dest", "websocket"),
            ],
            Challenge,
        ),
        (
            "a worker",
            "GET",
            &[
                ("sec-fetch-mode", "same-origin"),
                ("sec-fetch-dest", "worker"),
            ],
            Challenge,
        ),
        (
            "a manifest",
            "GET",
            &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "manifest")],
            Challenge,
        ),
        (
            "a mode that nobody knows",
            "GET",
            &[("sec-fetch-mode", "other"), ("accept", CHROME)],
            Challenge,
        ),
        (
            "a mode in capitals",
            "GET",
            &[("sec-fetch-mode", "NAVIGATE"), ("accept", CHROME)],
            Challenge,
        ),
        (
            "a destination alone",
            "GET",
            &[("sec-fetch-dest", "image"), ("accept", CHROME_IMAGE)],
            RedirectAlone,
        ),
        (
            "a mode given twice",
            "GET",
            &[
                ("sec-fetch-mode", "cors"),
                ("sec-fetch-mode", "navigate"),
                ("accept", CHROME),
            ],
            Redirect,
        ),
        (
            "a mode given twice, by a client",
            "GET",
            &[
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-mode", "navigate"),
                ("accept", "*/*"),
            ],
            RedirectAlone,
        ),
        (
            "a destination given twice",
            "GET",
            &[
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "image"),
                ("sec-fetch-dest", "image"),
            ],
            Challenge,
        ),
    ]);
}

#[test]
fn without_it_clients_are_told_by_what_they_take() {
    assert_rows(&[
        (
            "Chromium on plain http",
            "GET",
            &[("accept", CHROME)],
            Redirect,
        ),
        (
            "its image",
            "GET",
            &[("accept", CHROME_IMAGE)],
            RedirectAlone,
        ),
        (
            "Safari before 16.4",
            "GET",
            &[(
                "accept",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            )],
            Redirect,
        ),
        (
            "lynx",
            "GET",
            &[(
                "accept",
                "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
            )],
            Redirect,
        ),
        (
            "w3m",
            "GET",
            &[("accept", "text/html, text/*;q=0.5, image/*, application/*")],
            Redirect,
        ),
        (
            "pip",
            "GET",
            &[("accept", PIP), ("user-agent", "pip/25.3")],
            Challenge,
        ),
        (
            "pip before 22.2",
            "GET",
            &[("accept", "text/html"), ("user-agent", "pip/21.3")],
            Redirect,
        ),
        (
            "pip, for a file",
            "GET",
            &[("accept", "*/*"), ("accept-encoding", "identity")],
            RedirectAlone,
        ),
        (
            "uv",
            "GET",
            &[("accept", UV), ("user-agent", "uv/0.9.0")],
            Challenge,
        ),
        (
            "curl",
            "GET",
            &[("accept", "*/*"), ("user-agent", "curl/8.5.0")],
            RedirectAlone,
        ),
        (
            "curl, by HTTP/2 without TLS",
            "GET",
            &[("accept", "*/*"), ("upgrade", "h2c")],
            RedirectAlone,
        ),
        (
            "wget",
            "GET",
            &[
                ("accept", "*/*"),
                ("accept-encoding", "identity"),
                ("user-agent", "Wget/1.21.3"),
            ],
            RedirectAlone,
        ),
        (
            "wget2",
            "GET",
            &[
                (
                    "accept",
                    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                ),
                ("user-agent", "Wget/2.1.0"),
            ],
            Redirect,
        ),
        (
            "conda",
            "GET",
            &[
                ("accept", "*/*"),
                ("user-agent", "conda/24.7.1 requests/2.32.3"),
            ],
            RedirectAlone,
        ),
        (
            "twine",
            "POST",
            &[
                ("accept", "*/*"),
                ("content-type", "multipart/form-data; boundary=a"),
            ],
            Challenge,
        ),
        (
            "git",
            "GET",
            &[
                ("accept", "*/*"),
                ("git-protocol", "version=2"),
                ("user-agent", "git/2.39.5"),
            ],
            RedirectAlone,
        ),
        (
            "git, for a pack",
            "POST",
            &[("accept", "application/x-git-upload-pack-result")],
            Challenge,
        ),
        ("no field at all", "GET", &[], RedirectAlone),
        ("an empty field", "GET", &[("accept", "")], RedirectAlone),
        (
            "JSON alone",
            "GET",
            &[("accept", "application/json")],
            Challenge,
        ),
        (
            "text of any kind",
            "GET",
            &[("accept", "text/*")],
            Challenge,
        ),
        (
            "XHTML alone",
            "GET",
            &[("accept", "application/xhtml+xml")],
            Redirect,
        ),
        ("capitals", "GET", &[("accept", "Text/HTML")], Redirect),
        (
            "a page at a weight",
            "GET",
            &[("accept", "text/html;level=1;Q=0.5, */*")],
            Redirect,
        ),
        (
            "a page less than JSON",
            "GET",
            &[("accept", "application/json, text/html;q=0.9")],
            Challenge,
        ),
        (
            "a page as much as JSON",
            "GET",
            &[("accept", "application/json;q=0.9, text/html;q=0.9")],
            Redirect,
        ),
        (
            "no page",
            "GET",
            &[("accept", "text/html;q=0, */*")],
            Challenge,
        ),
        (
            "no page, with decimals",
            "GET",
            &[("accept", "text/html;q=0.000")],
            Challenge,
        ),
        ("nothing", "GET", &[("accept", "*/*;q=0")], Challenge),
        (
            "a weight that is none",
            "GET",
            &[("accept", "text/html;q=high, application/json")],
            Challenge,
        ),
        (
            "a weight above one",
            "GET",
            &[("accept", "text/html;q=2, application/json")],
            Challenge,
        ),
        (
            "not a number",
            "GET",
            &[("accept", "text/html;q=NaN, application/json")],
            Challenge,
        ),
        (
            "two lines",
            "GET",
            &[
                ("accept", "application/json;q=0.5"),
                ("accept", "text/html"),
            ],
            Redirect,
        ),
        (
            "two lines, the heavier one first",
            "GET",
            &[
                ("accept", "application/json"),
                ("accept", "text/html;q=0.5"),
            ],
            Challenge,
        ),
        (
            "another type of that beginning",
            "GET",
            &[("accept", "text/html2")],
            Challenge,
        ),
    ]);
}

#[test]
fn some_requests_never_begin_a_sign_in() {
    assert_rows(&[
        (
            "a form",
            "POST",
            &[("sec-fetch-mode", "navigate"), ("accept", CHROME)],
            Challenge,
        ),
        ("an upload", "PUT", &[("accept", "*/*")], Challenge),
        (
            "a deletion",
            "DELETE",
            &[("accept", "text/html")],
            Challenge,
        ),
        (
            "a preflight",
            "OPTIONS",
            &[("sec-fetch-mode", "cors")],
            Challenge,
        ),
        (
            "what a script asks for on plain http",
            "PROPFIND",
            &[("accept", "*/*")],
            Challenge,
        ),
        (
            "a WebSocket on plain http",
            "GET",
            &[("upgrade", "websocket"), ("connection", "Upgrade")],
            Challenge,
        ),
        (
            "a WebSocket among others",
            "GET",
            &[("upgrade", "h2c, WebSocket"), ("accept", "text/html")],
            Challenge,
        ),
        (
            "a prefetched page",
            "GET",
            &[("sec-purpose", "prefetch"), ("sec-fetch-mode", "navigate")],
            Challenge,
        ),
        (
            "a prerendered page",
            "GET",
            &[
                ("sec-purpose", "prefetch;prerender"),
                ("sec-fetch-mode", "navigate"),
            ],
            Challenge,
        ),
        (
            "one by another network",
            "GET",
            &[
                ("sec-purpose", "prefetch; anonymous-client-ip"),
                ("accept", CHROME),
            ],
            Challenge,
        ),
        (
            "one by an old Chromium",
            "GET",
            &[("purpose", "prefetch"), ("accept", CHROME)],
            Challenge,
        ),
        (
            "one by an old Firefox",
            "GET",
            &[("x-moz", "prefetch"), ("accept", CHROME)],
            Challenge,
        ),
        (
            "a purpose that is another",
            "GET",
            &[("purpose", "other"), ("accept", CHROME)],
            Redirect,
        ),
    ]);
}
