use std::collections::BTreeMap;

use http::Request;
use http::header::COOKIE;

use super::*;

const HOUR: Duration = Duration::from_hours(1);

/// A minimal cookie jar: a line replaces the cookie of its name, and removes it if `Max-Age` is 0.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    fn take(&mut self, lines: &[HeaderValue]) {
        for line in lines {
            let line = line.to_str().unwrap();
            assert!(line.len() <= 4096, "{} bytes", line.len());
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0;") {
                assert!(self.0.remove(name).is_some(), "{name} was not there");
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn head(&self) -> Parts {
        let pairs = self.0.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        head(&[&pairs.join("; ")])
    }
}

fn head(fields: &[&str]) -> Parts {
    let mut request = Request::new(());
    for field in fields.iter().filter(|field| !field.is_empty()) {
        let field = HeaderValue::from_bytes(field.as_bytes()).unwrap();
        request.headers_mut().append(COOKIE, field);
    }
    request.into_parts().0
}

fn cookie() -> SessionCookie {
    SessionCookie::new("s", SameSite::Lax, None).unwrap()
}

fn text(lines: &[HeaderValue]) -> Vec<&str> {
    assert!(lines.iter().all(HeaderValue::is_sensitive));
    lines.iter().map(|line| line.to_str().unwrap()).collect()
}

#[test]
fn the_attributes_follow_the_origin() {
    for (same_site, fixed, by_request, expected) in [
        (
            SameSite::Lax,
            Some(true),
            true,
            "__Host-s=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            SameSite::Lax,
            Some(true),
            false,
            "__Host-s=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            SameSite::None,
            Some(true),
            true,
            "__Host-s=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=None",
        ),
        (
            SameSite::Lax,
            Some(false),
            true,
            "s=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
        ),
        (
            SameSite::Lax,
            None,
            true,
            "s=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            SameSite::Lax,
            None,
            false,
            "s=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
        ),
    ] {
        let cookie = SessionCookie::new("s", same_site, fixed).unwrap();
        let lines = cookie.set("v", HOUR, by_request, &head(&[])).unwrap();
        assert_eq!(text(&lines), [expected]);

        // A browser only clears a cookie with the same attributes.
        let shown = head(&[&format!("{}=v; {0}-1=w", cookie.name())]);
        let cleared = cookie.clear(by_request, &shown);
        let emptied = expected.replace("=v;", "=;").replace("3600", "0");
        let second = emptied.replace("s=;", "s-1=;");
        assert_eq!(text(&cleared), [emptied, second]);
        assert!(
            cookie
                .clear(by_request, &head(&["other=v; s-2=v"]))
                .is_empty()
        );
    }
}

#[test]
fn a_name_must_be_a_token() {
    for (name, expected) in [
        ("portcullis", true),
        ("assets_session_id", true),
        ("a.b!#$%&'*+-^_`|~", true),
        (&"n".repeat(40), true),
        (&"n".repeat(41), false),
        ("", false),
        ("a b", false),
        ("a=b", false),
        ("a;b", false),
        ("a,b", false),
        ("\"a\"", false),
        ("a\r\nb", false),
        ("é", false),
        ("__Host-s", false),
        ("__host-s", false),
        ("__Secure-s", false),
        ("__Hosts", true),
        ("portcullis-login", false),
        ("portcullis-login-none", false),
        ("portcullis-log", true),
    ] {
        for fixed in [Some(true), Some(false), None] {
            let cookie = SessionCookie::new(name, SameSite::Lax, fixed);
            assert_eq!(cookie.is_ok(), expected, "{name:?}");
            if let Err(error) = cookie {
                assert_eq!(error.setting(), "cookie name");
            }
        }
    }
    let error = SessionCookie::new("s", SameSite::None, Some(false)).unwrap_err();
    assert_eq!(error.to_string(), "same site: `None` needs https");
}

#[test]
fn a_long_value_takes_two_cookies() {
    let attributes = "; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax".len();
    let one = 4096 - "s=".len() - attributes;
    let two = one - 1 + 4096 - "s-1=".len() - attributes;
    for (length, parts) in [(0, 1), (1, 1), (one, 1), (one + 1, 2), (two, 2)] {
        let value = "abcdefg".repeat(2000)[..length].to_owned();
        let mut browser = Browser::default();
        let lines = cookie().set(&value, HOUR, false, &head(&[])).unwrap();
        assert_eq!(lines.len(), parts, "{length}");
        browser.take(&lines);
        let shown = browser.head();
        assert_eq!(
            cookie().read(&shown),
            CookieValue::Given(value.into()),
            "{length}"
        );
        assert_eq!(cookie().clear(false, &shown).len(), parts, "{length}");
    }
    for length in [two + 1, 10_000, 100_000] {
        let value = "a".repeat(length);
        assert!(
            cookie().set(&value, HOUR, false, &head(&[])).is_err(),
            "{length}"
        );
    }
}

#[test]
fn a_shorter_value_clears_the_second_cookie() {
    let (long, short) = ("l".repeat(6000), "s".repeat(100));
    let mut browser = Browser::default();
    for value in [&long, &short, &short, &long] {
        let lines = cookie().set(value, HOUR, false, &browser.head()).unwrap();
        browser.take(&lines);
        assert_eq!(
            cookie().read(&browser.head()),
            CookieValue::Given(value.as_str().into())
        );
        assert_eq!(browser.0.len(), if value == &long { 2 } else { 1 });
    }
    browser.take(&cookie().clear(false, &browser.head()));
    assert!(browser.0.is_empty());

    // The answer to a request that was sent before the browser had the second part.
    browser.take(&cookie().set(&long, HOUR, false, &head(&[])).unwrap());
    browser.take(&cookie().set(&short, HOUR, false, &head(&[])).unwrap());
    assert_eq!(
        cookie().read(&browser.head()),
        CookieValue::Given(short.into())
    );
}

#[test]
fn a_request_has_one_complete_value() {
    use CookieValue::{Absent, Given, Malformed, Twice};
    let given = |value: &'static str| Given(value.into());
    for (name, fields, expected) in [
        ("no cookie", &[""][..], Absent),
        ("another", &["t=v"], Absent),
        ("a name that begins alike", &["ss=v; s-=v; s-10=v"], Absent),
        ("another case", &["S=v"], Absent),
        ("a longer name", &["s-login=v"], Absent),
        ("the second part alone", &["s-1=v"], Absent),
        ("alone", &["s=v"], given("v")),
        ("among others", &["a=b; s=v;t=w"], given("v")),
        ("in two fields", &["a=b", "s=v"], given("v")),
        ("without a value", &["s"], given("")),
        ("an empty one", &["s="], given("")),
        ("with more in it", &["s=v=w"], given("v=w")),
        ("two parts", &["s=v.; s-1=w"], given("vw")),
        ("in any order", &["s-1=w", "s=v."], given("vw")),
        ("a part that is left over", &["s=v; s-1=w"], given("v")),
        ("a third part", &["s=v.; s-1=w; s-2=x"], given("vw")),
        ("a part missing", &["s=v."], Malformed),
        ("a gap", &["s=v.; s-2=w"], Malformed),
        ("twice", &["s=v; s=w"], Twice),
        ("twice the same", &["s=v", "s=v"], Twice),
        ("three times", &["s=v; s=v; s=v"], Twice),
        ("the second part twice", &["s=v.; s-1=w; s-1=w"], Twice),
        (
            "a part that is left over, twice",
            &["s=v; s-1=w; s-1=w"],
            given("v"),
        ),
    ] {
        assert_eq!(cookie().read(&head(fields)), expected, "{name}");
    }
    let mut not_utf8 = head(&[]);
    let field = HeaderValue::from_bytes(b"s=\xff").unwrap();
    not_utf8.headers.insert(COOKIE, field);
    assert_eq!(cookie().read(&not_utf8), Malformed);
    let hosted = SessionCookie::new("s", SameSite::Lax, Some(true)).unwrap();
    assert_eq!(hosted.read(&head(&["s=v"])), Absent);
    assert_eq!(hosted.read(&head(&["s=v; __Host-s=w"])), given("w"));
}

#[test]
fn both_parts_of_a_session_are_ours() {
    let cookie = cookie();
    for (pair, expected) in [
        ("s=v", true),
        ("s", true),
        ("s=", true),
        ("s-1=v", true),
        ("s-login=v", false),
        ("s-2=v", false),
        ("s-logins=v", false),
        ("ss=v", false),
        ("t=s", false),
        ("t=s=v", false),
        ("=s", false),
        ("S=v", false),
        ("", false),
    ] {
        assert_eq!(cookie.is_ours(pair.as_bytes()), expected, "{pair:?}");
    }
    let mut shown = head(&["a=b; s=v.; s-1=w", "c=d"]);
    cookies::strip(&mut shown, |pair| cookie.is_ours(pair));
    assert_eq!(shown.headers[COOKIE], "a=b; c=d");
}

#[test]
fn same_site_none_is_lax_over_http() {
    let cookie = SessionCookie::new("s", SameSite::None, None).unwrap();
    let age = Duration::from_secs(1);
    for (is_https, expected) in [
        (
            true,
            "s=v; Path=/; Max-Age=1; HttpOnly; Secure; SameSite=None",
        ),
        (false, "s=v; Path=/; Max-Age=1; HttpOnly; SameSite=Lax"),
    ] {
        let lines = cookie.set("v", age, is_https, &head(&[])).unwrap();
        assert_eq!(text(&lines), [expected]);
    }
}
