//! The environment of the OAuth streaming proxy, and its answers.

use std::net::TcpListener;

use crate::support::{Answer, Browser, Connection, OBJECT, StreamingSite as Site};

const DENIED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 37\r\nConnection: close\r\n\r\n\
                       <Error><Code>NoSuchKey</Code></Error>";
fn assert_empty(name: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{name}: {answer:?}");
    assert!(answer.body.is_empty(), "{name}: {answer:?}");
}

#[test]
fn a_sign_in_returns_to_the_same_link() {
    let site = Site::start(OBJECT, &[]);
    for (proto, origin, attributes) in [
        (
            "X-Forwarded-Proto: https\r\n",
            "https://files.test",
            "; HttpOnly; Secure; SameSite=None",
        ),
        (
            "X-Forwarded-Proto: http\r\n",
            "http://files.test",
            "; HttpOnly; SameSite=Lax",
        ),
        ("", "http://files.test", "; HttpOnly; SameSite=Lax"),
    ] {
        let headers = format!("Host: files.test\r\n{proto}");
        let mut browser = Browser::new(&site.address, &headers);
        let target = "/a%20b/x.csv?";
        let start = browser.get(target);
        assert_empty("start", &start, 302);
        let location = start.header("location").unwrap();
        let begin = format!("{}/o/authorize/?scope=read%20write&state=", site.idp.url);
        assert!(location.starts_with(&begin), "{location}");
        let callback = site.idp.authorize(location);
        let path = callback.strip_prefix(origin).unwrap();
        assert!(path.starts_with("/__redirect_from_sso?"), "{path}");
        let answer = browser.get(path);
        assert_empty("callback", &answer, 302);
        let back = format!("{origin}{target}");
        assert_eq!(answer.header("location"), Some(&*back));
        let mut cookies = answer.all("set-cookie");
        let session = cookies.find(|it| it.starts_with("assets_session_id="));
        let (_, given) = session.unwrap().split_once(';').unwrap();
        assert_eq!(
            format!(";{given}"),
            format!("; Path=/; Max-Age=32400{attributes}")
        );
        let names: Vec<_> = browser.cookies.keys().collect();
        assert_eq!(names, ["assets_session_id", "portcullis-login-none"]);
        let answer = browser.get(target);
        assert_eq!((answer.status, answer.text()), (200, "wheel"));
        assert_eq!(site.store.target(), "/wheels/a%20b/x.csv");
    }
    // Only one value for each session is kept, and no usable secret.
    assert_eq!(site.redis.len(), 3);
    assert!(!site.redis.contents().contains("t0ken-of-ana"));
    // Within the grace period the token is not checked.
    assert_eq!(site.idp.users_asked(), 0);
    let log = site.log();
    let warning = "portcullis: PUBLIC_URL is not set: ";
    assert_eq!(
        log.iter().filter(|line| line.starts_with(warning)).count(),
        1
    );
}

#[test]
fn each_answer_to_a_callback_is_as_before() {
    let site = Site::start(OBJECT, &[]);
    let mut browser = site.browser();
    let callback = browser.callback(&site.idp, "/x");
    let (path, query) = callback.split_once('?').unwrap();
    let (code, state) = query.split_once('&').unwrap();
    for (name, target, status) in [
        ("nothing", path.to_owned(), 400),
        ("no code", format!("{path}?{state}"), 400),
        ("no state", format!("{path}?{code}"), 400),
    ] {
        assert_empty(name, &site.browser().get(&target), status);
    }
    let mut denying = site.browser();
    let denied = denying.callback(&site.idp, "/x");
    let (_, denied_state) = denied.split_once('&').unwrap();
    let denied = format!("{path}?error=access_denied&{denied_state}");
    assert_empty("denied", &denying.get(&denied), 400);
    let unknown = format!("{path}?{code}&state={}", "a".repeat(64));
    let mut stranger = site.browser();
    let late = format!("{path}?error=access_denied&state={}", "a".repeat(64));
    for (name, browser, target) in [
        ("an unknown state", &mut stranger, &unknown),
        ("a denial of one", &mut site.browser(), &late),
        ("another browser's state", &mut site.browser(), &callback),
    ] {
        let answer = browser.get(target);
        assert_eq!(answer.status, 403, "{name}");
        assert!(
            answer.text().contains("Please try the original link again"),
            "{name}"
        );
    }
    for (name, trouble, status) in [
        (
            "401",
            "401 Unauthorized\n{\"error\":\"invalid_client\"}",
            401,
        ),
        ("403", "403 Forbidden\n", 403),
        ("400", "400 Bad Request\n{\"error\":\"invalid_grant\"}", 500),
        ("500", "500 Internal Server Error\n", 500),
        ("no JSON", "200 OK\n<html>", 500),
        ("no token", "200 OK\n{}", 500),
    ] {
        site.idp.trouble_tokens(Some(trouble));
        assert_empty(name, &site.browser().sign_in(&site.idp, "/x"), status);
    }
    site.idp.trouble_tokens(None);
    assert_eq!(browser.get(&callback).status, 302);
    let again = browser.get(&callback);
    // It has a session by now, so it is redirected to its target.
    assert_eq!(again.header("location"), Some("https://files.test/x"));
    browser.cookies.clear();
    assert_eq!(browser.get(&callback).status, 403);

    let mut late = site.browser();
    let callback = late.callback(&site.idp, "/x");
    site.redis.flush();
    assert_eq!(late.get(&callback).status, 403);
    site.log();
}

#[test]
fn a_token_is_checked_again_after_its_grace() {
    let site = Site::start(OBJECT, &[("SSO_TOKEN_CHECK_GRACE_PERIOD", "0")]);
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(&site.idp, "/x").status, 302);
    let asked = site.idp.users_asked();
    for request in 1..3 {
        assert_eq!(browser.get("/x").status, 200);
        assert_eq!(site.idp.users_asked(), asked + request);
    }
    for trouble in ["500 Internal Server Error\n", "404 Not Found\n"] {
        site.idp.trouble_users(Some(trouble));
        assert_empty(trouble, &browser.get("/x"), 500);
    }
    // The browser signs in again, but not in a loop.
    for trouble in ["401 Unauthorized\n", "403 Forbidden\n"] {
        site.idp.trouble_users(None);
        let mut browser = site.browser();
        browser.sign_in(&site.idp, "/x");
        site.idp.trouble_users(Some(trouble));
        for _ in 0..2 {
            assert_eq!(browser.sign_in(&site.idp, "/x").status, 302, "{trouble}");
        }
        let answer = browser.get("/x");
        assert_eq!(answer.status, 403, "{trouble}: {answer:?}");
        assert!(
            !browser.cookies.contains_key("assets_session_id"),
            "{trouble}: {:?}",
            browser.cookies
        );
    }
    site.log();
}

#[test]
fn failures_are_500_and_missing_objects_404() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = closed.local_addr().unwrap();
    drop(closed);
    let redis = format!("redis://{nowhere}");
    let sso = format!("http://{nowhere}/");
    let store = format!("http://{nowhere}");
    for (name, object, changes, before, after) in [
        ("an object", OBJECT, &[][..], 302, 200),
        ("no object", MISSING, &[], 302, 404),
        ("S3 denies", DENIED, &[], 302, 500),
        ("no S3", OBJECT, &[("S3_ENDPOINT_URL", &*store)], 302, 500),
        (
            "no provider",
            OBJECT,
            &[("SSO_URL_INTERNAL", &*sso)],
            500,
            302,
        ),
        ("no Redis", OBJECT, &[("REDIS_ENDPOINT", &*redis)], 500, 500),
    ] {
        let mut site = Site::start(object, changes);
        let browser = &mut Browser::new(&site.address, "Host: files.test\r\n");
        let answer = match name {
            "no Redis" => {
                site.program.stderr_line(|line| {
                    line.contains("Redis does not answer, so nobody can sign in yet")
                });
                browser.get("/x")
            }
            _ => browser.sign_in(&site.idp, "/x"),
        };
        assert_eq!(answer.status, before, "{name}: {answer:?}");
        let answer = browser.get("/x");
        assert_eq!(answer.status, after, "{name}: {answer:?}");
        if answer.status == 404 {
            assert_eq!(answer.text(), "404 Not Found\n", "{name}");
        }
        if answer.status >= 500 {
            assert_empty(name, &answer, 500);
        }
        // Monitoring has no session.
        let expected = if name == "an object" { 200 } else { after };
        if name != "no provider" && name != "no Redis" {
            assert_eq!(browser.get("/health.txt").status, expected, "{name}");
        }
    }
}

#[test]
fn unsafe_behaviour_of_the_proxy_is_not_kept() {
    let site = Site::start(OBJECT, &[]);
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(&site.idp, "/x").status, 302);
    let same = "Sec-Fetch-Site: same-origin\r\n";
    let other = "Origin: https://other.test\r\n";
    for (name, method, headers, stranger, known) in [
        ("no wish", "GET", "", 302, 200),
        ("any wish", "HEAD", "Accept: */*\r\n", 302, 200),
        ("data", "GET", "Accept: application/json\r\n", 401, 200),
        ("a script", "GET", "Sec-Fetch-Mode: cors\r\n", 401, 200),
        (
            "an image",
            "GET",
            "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
            302,
            200,
        ),
        ("options", "OPTIONS", "", 401, 200),
        ("a post", "POST", same, 401, 405),
        ("a post of another site", "POST", other, 401, 403),
        ("a post of who knows where", "POST", "", 401, 403),
    ] {
        let length = "Content-Length: 0\r\n";
        let headers = [headers, if method == "POST" { length } else { "" }].concat();
        let answer = site.browser().send(method, "/x", &headers);
        assert_eq!(answer.status, stranger, "{name}: {answer:?}");
        let challenge = (stranger == 401).then_some(r#"Cookie realm="portcullis""#);
        assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
        let answer = browser.send(method, "/x", &headers);
        assert_eq!(answer.status, known, "{name}: {answer:?}");
    }
    let host = "Host: files.test\r\n";
    for (name, headers) in [
        ("no scheme", "X-Forwarded-Proto: javascript\r\n"),
        ("two schemes", "X-Forwarded-Proto: http, https\r\n"),
    ] {
        let headers = format!("{host}{headers}");
        let answer = Connection::open_raw(&site.address, "GET", "/x", &headers).finish();
        assert_empty(name, &answer, 400);
    }
    // Refused before the mount is known.
    let headers = format!("{host}Host: other.test\r\n");
    let answer = Connection::open_raw(&site.address, "GET", "/x", &headers).finish();
    assert_eq!(answer.status, 400);
    let answer = browser.send(
        "POST",
        "/__sso/logout",
        &format!("{same}Content-Length: 0\r\n"),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(browser.get("/x").status, 302);
}

#[test]
fn clients_without_a_browser_get_instructions() {
    let site = Site::start(OBJECT, &[("BASIC_AUTH", "ci:pa55word")]);
    let host = "Host: files.test\r\n";
    for (name, method, target, headers, status) in [
        ("curl", "GET", "/x", "Accept: */*\r\n", 401),
        ("a page", "GET", "/x", "Accept: text/html\r\n", 302),
        (
            "a login",
            "GET",
            "/x",
            "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n",
            200,
        ),
        (
            "a wrong login",
            "GET",
            "/x",
            "Authorization: Basic Y2k6eA==\r\n",
            401,
        ),
        ("health", "GET", "/health.txt", "", 200),
        (
            "no origin",
            "GET",
            "/x",
            "Accept: text/html\r\nX-Forwarded-Proto: javascript\r\n",
            400,
        ),
        (
            "a post",
            "POST",
            "/x",
            "Content-Length: 0\r\nAccept: text/html\r\n",
            401,
        ),
        (
            "a head of the callback",
            "HEAD",
            "/__redirect_from_sso",
            "",
            405,
        ),
        (
            "a post to the callback",
            "POST",
            "/__redirect_from_sso",
            "Content-Length: 0\r\n",
            405,
        ),
    ] {
        let headers = format!("{host}{headers}");
        let answer = Connection::open_raw(&site.address, method, target, &headers).finish();
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{name}: {answer:?}");
    }
}
