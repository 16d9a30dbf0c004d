//! What browsers, crawlers and scripts of other origins meet.

use crate::support::{Connection, Gateway, OBJECT, Store, get};

const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 39\r\nConnection: close\r\n\r\n\
                       <Error><Code>NoSuchKey</Code></Error>  ";
const LOGIN: Option<&str> = Some("ci:pa55word");

/// A mount at `path` with a login.
fn gated(path: &str, more: &str, of_s3: &str, store: &str) -> String {
    format!(
        "[[mounts]]\npath = '{path}'\n{more}\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{store}'\n{of_s3}\n\
         [mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n"
    )
}

#[test]
fn a_folder_without_its_slash_is_redirected() {
    let store = Store::start(MISSING);
    let redirecting = gated("/docs", "", "folder_redirect = true", &store.url);
    let gateway = Gateway::start(&(redirecting + &gated("/plain", "", "", &store.url)));
    for (target, login, status, location) in [
        ("/docs", LOGIN, 302, Some("./docs/")),
        ("/docs?a=b", LOGIN, 302, Some("./docs/?a=b")),
        ("/plain", LOGIN, 302, Some("./plain/")),
        ("/docs", None, 401, None),
        ("/docsx", LOGIN, 404, None),
    ] {
        let answer = get(&gateway.address, target, login);
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(answer.header("location"), location, "{target}");
    }
    // None of those reached S3.
    assert_eq!(get(&gateway.address, "/docs/x", LOGIN).status, 404);
    assert_eq!(get(&gateway.address, "/plain/x", LOGIN).status, 404);
    // A HEAD, and a GET for the code of its error.
    let index = "/wheels/x/index.html";
    let asked = [(); 4].map(|()| store.target());
    assert_eq!(asked, ["/wheels/x", index, index, "/wheels/x"]);
}

#[test]
fn icon_and_robots_need_no_login() {
    let store = Store::start(OBJECT);
    let public = "public = ['/robots.txt']";
    for (mounts, target, status, body) in [
        (
            gated("/", "", "", &store.url),
            "/robots.txt",
            200,
            "User-agent: *\nDisallow: /\n",
        ),
        (gated("/", "", "", &store.url), "/favicon.ico", 204, ""),
        (
            gated("/", "", "", &store.url),
            "/docs/robots.txt",
            401,
            "401 Unauthorized\n",
        ),
        (
            gated("/", public, "", &store.url),
            "/robots.txt",
            200,
            "wheel",
        ),
        (gated("/", public, "", &store.url), "/favicon.ico", 204, ""),
        (
            gated("/docs", "", "", &store.url),
            "/robots.txt",
            200,
            "User-agent: *\nDisallow: /\n",
        ),
        (
            gated("/docs", "", "", &store.url),
            "/docs/favicon.ico",
            401,
            "401 Unauthorized\n",
        ),
        (
            Gateway::open_mount(&store.url),
            "/favicon.ico",
            200,
            "wheel",
        ),
    ] {
        let gateway = Gateway::start(&mounts);
        let answer = get(&gateway.address, target, None);
        assert_eq!((answer.status, answer.text()), (status, body), "{target}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{target}");
    }
}

#[test]
fn scripts_of_named_origins_read_answers_and_refusals() {
    const APP: &str = "Origin: https://app.example\r\n";
    const EVIL: &str = "Origin: https://evil.example\r\n";
    const ASKS: &str = "Access-Control-Request-Method: GET\r\n";
    const SIGNED_IN: &str = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n";
    let store = Store::start(OBJECT);
    let mounts = gated(
        "/",
        "cors_origins = ['https://app.example']",
        "",
        &store.url,
    );
    let gateway = Gateway::start(&mounts);
    for (name, method, headers, status, allowed) in [
        ("a preflight", "OPTIONS", [APP, ASKS].concat(), 204, true),
        ("of another", "OPTIONS", [EVIL, ASKS].concat(), 401, false),
        ("no preflight", "OPTIONS", APP.to_owned(), 401, true),
        ("without a login", "GET", APP.to_owned(), 401, true),
        ("with a login", "GET", [APP, SIGNED_IN].concat(), 200, true),
        (
            "another with a login",
            "GET",
            [EVIL, SIGNED_IN].concat(),
            200,
            false,
        ),
        ("no origin", "GET", SIGNED_IN.to_owned(), 200, false),
    ] {
        let answer = Connection::open_raw(
            &gateway.address,
            method,
            "/x",
            &format!("Host: a.test\r\n{headers}"),
        )
        .finish();
        assert_eq!(answer.status, status, "{name}");
        let origin = answer.header("access-control-allow-origin");
        assert_eq!(origin, allowed.then_some("https://app.example"), "{name}");
        let vary = answer.all("vary").any(|vary| vary == "Origin");
        assert!(vary, "{name}");
        let methods = answer.header("access-control-allow-methods");
        assert_eq!(methods.is_some(), status == 204, "{name}");
    }
}

#[test]
fn all_origins_are_allowed_without_credentials() {
    const ORIGIN: &str = "Origin: https://any.example\r\n";
    const ASKS: &str = "Access-Control-Request-Method: GET\r\n";
    let store = Store::start(OBJECT);
    let mounts = gated("/", "cors_origins = ['*']", "", &store.url);
    let gateway = Gateway::start(&mounts);
    for (name, method, headers, status) in [
        ("a preflight", "OPTIONS", [ORIGIN, ASKS].concat(), 204),
        ("no preflight", "OPTIONS", ASKS.to_owned(), 401),
        ("a script", "GET", ORIGIN.to_owned(), 401),
        // A browser may give its answer to a script later.
        ("an image", "GET", String::new(), 401),
    ] {
        let headers = format!("Host: a.test\r\n{headers}");
        let answer = Connection::open_raw(&gateway.address, method, "/x", &headers).finish();
        assert_eq!(answer.status, status, "{name}");
        let origin = answer.header("access-control-allow-origin");
        assert_eq!(origin, Some("*"), "{name}");
        let credentials = answer.header("access-control-allow-credentials");
        assert_eq!(credentials, None, "{name}");
    }
}

#[test]
fn a_browser_gets_a_page_for_a_refusal() {
    let store = Store::start(MISSING);
    let gateway = Gateway::start(&gated("/", "", "", &store.url));
    let host = "Host: files.example.com\r\n";
    let browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
    let login = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n";
    for (name, headers, status, is_page) in [
        ("a browser", [host, browser, login].concat(), 404, true),
        (
            "a browser without a login",
            [host, browser].concat(),
            401,
            true,
        ),
        ("a program", [host, login].concat(), 404, false),
        (
            "a program that takes anything",
            [host, login, "Accept: */*\r\n"].concat(),
            404,
            false,
        ),
    ] {
        let answer = Connection::open_raw(&gateway.address, "GET", "/x", &headers).finish();
        assert_eq!(answer.status, status, "{name}");
        let kind = answer.header("content-type").unwrap();
        assert_eq!(kind.starts_with("text/html"), is_page, "{name}: {kind}");
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(
            answer.text().contains(id),
            is_page,
            "{name}: {}",
            answer.text()
        );
        assert_eq!(
            answer.header("www-authenticate").is_some(),
            status == 401,
            "{name}"
        );
    }
}
