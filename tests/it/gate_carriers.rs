//! The places of a token in a request.

use http::HeaderName;
use portcullis::Secret;
use portcullis::gate::{Carrier, Presented, RefusalKind, TokenFromPath};

use crate::support::{basic, get, head};

#[derive(Debug, PartialEq)]
enum Found {
    Absent,
    Token(String),
    Refused(RefusalKind),
}
use Found::{Absent, Refused};

fn token(text: &str) -> Found {
    Found::Token(text.to_owned())
}

fn find(carrier: &Carrier, head: &http::request::Parts) -> Found {
    match carrier.find(head) {
        Presented::Absent => Absent,
        Presented::Given(found) => Found::Token(found.as_str().to_owned()),
        Presented::Refused(refusal) => Refused(refusal.kind()),
        _ => unreachable!(),
    }
}

#[test]
fn bearer_tokens_follow_rfc_6750() {
    let malformed = || Refused(RefusalKind::Malformed);
    for (field, found) in [
        ("Bearer abc", token("abc")),
        ("bEaReR abc", token("abc")),
        ("Bearer   abc", token("abc")),
        ("Bearer aZ0-._~+/==", token("aZ0-._~+/==")),
        ("Basic abc", Absent),
        ("BearerX abc", Absent),
        ("Bearer", malformed()),
        ("Bearer\tabc", malformed()),
        ("Bearer/abc", malformed()),
        ("Bearer a b", malformed()),
        ("Bearer a,b", malformed()),
        ("Bearer \"abc\"", malformed()),
        ("Bearer =", malformed()),
        ("Bearer a=b", malformed()),
        ("Bearer abc, Basic eDp5", malformed()),
    ] {
        let head = head(&[("authorization", field)]);
        assert_eq!(find(&Carrier::bearer(), &head), found, "{field:?}");
    }
    assert_eq!(find(&Carrier::bearer(), &head(&[])), Absent);
    for second in ["Bearer b", "Basic eDp5"] {
        let head = head(&[("authorization", "Bearer a"), ("authorization", second)]);
        assert_eq!(find(&Carrier::bearer(), &head), malformed(), "{second}");
        assert_eq!(
            find(&Carrier::basic_password(), &head),
            malformed(),
            "{second}"
        );
    }
}

#[test]
fn the_basic_password_is_a_token() {
    for user in ["__token__", "", "anyone"] {
        let head = head(&[("authorization", &basic(user, "abc:d"))]);
        assert_eq!(
            find(&Carrier::basic_password(), &head),
            token("abc:d"),
            "{user:?}"
        );
    }
    let other = head(&[("authorization", "Bearer abc")]);
    assert_eq!(find(&Carrier::basic_password(), &other), Absent);
    let malformed = head(&[("authorization", "Basic abc")]);
    assert_eq!(
        find(&Carrier::basic_password(), &malformed),
        Refused(RefusalKind::Invalid)
    );
}

#[test]
fn headers_cookies_and_queries_carry_one_token() {
    let malformed = || Refused(RefusalKind::Malformed);
    let header = Carrier::header(HeaderName::from_static("x-token"));
    let cookie = Carrier::cookie("sid").unwrap();
    for (carrier, headers, found) in [
        (&header, &[("x-token", "abc")][..], token("abc")),
        (&header, &[("x-tokens", "abc")], Absent),
        (&header, &[("x-token", "")], malformed()),
        (&header, &[("x-token", "a b")], malformed()),
        (&header, &[("x-token", "a"), ("x-token", "b")], malformed()),
        (&cookie, &[("cookie", "sid=abc")], token("abc")),
        (&cookie, &[("cookie", "a=1; sid=abc;b=2")], token("abc")),
        (
            &cookie,
            &[("cookie", "a=1"), ("cookie", "sid=a=b")],
            token("a=b"),
        ),
        (
            &cookie,
            &[("cookie", "xsid=abc; sidx=abc; a=sid=abc")],
            Absent,
        ),
        (&cookie, &[("cookie", "SID=abc")], Absent),
        (&cookie, &[("cookie", "sid=")], malformed()),
        (&cookie, &[("cookie", "sid")], malformed()),
        (&cookie, &[("cookie", "sid=a; sid=b")], malformed()),
        (
            &cookie,
            &[("cookie", "sid=a"), ("cookie", "sid=a")],
            malformed(),
        ),
    ] {
        assert_eq!(find(carrier, &head(headers)), found, "{headers:?}");
    }
    let query = Carrier::insecure_query("token").unwrap();
    for (target, found) in [
        ("/?token=abc", token("abc")),
        ("/?a=1&token=abc&b=2", token("abc")),
        ("/?tokens=abc", Absent),
        ("/?a=token=abc", Absent),
        ("/token=abc", Absent),
        ("/", Absent),
        ("/?token", malformed()),
        ("/?token=", malformed()),
        ("/?token=a&token=b", malformed()),
    ] {
        assert_eq!(
            find(&query, &get(target, &[]).into_parts().0),
            found,
            "{target}"
        );
    }
}

#[test]
fn a_token_from_the_path_is_found() {
    let mut head = head(&[]);
    assert_eq!(find(&Carrier::path_token(), &head), Absent);
    head.extensions
        .insert(TokenFromPath::new(Secret::new("abc")));
    assert_eq!(find(&Carrier::path_token(), &head), token("abc"));
    Carrier::path_token().strip(&mut head);
    assert_eq!(find(&Carrier::path_token(), &head), Absent);
}

#[test]
fn stripping_removes_only_the_carriers_kind() {
    let two = &[
        ("authorization", "Bearer a"),
        ("authorization", "Basic eDp5"),
    ][..];
    for (carrier, headers, kept) in [
        (Carrier::bearer(), two, vec!["Basic eDp5"]),
        (Carrier::basic_password(), two, vec!["Bearer a"]),
        (
            Carrier::bearer(),
            &[("authorization", "Digest x")],
            vec!["Digest x"],
        ),
    ] {
        let mut head = head(headers);
        carrier.strip(&mut head);
        let fields = head.headers.get_all("authorization").iter();
        assert_eq!(
            fields
                .map(|field| field.to_str().unwrap())
                .collect::<Vec<_>>(),
            kept
        );
    }
    let cookie = Carrier::cookie("sid").unwrap();
    for (field, kept) in [
        ("sid=a", None),
        ("a=1;sid=a; b=2", Some("a=1; b=2")),
        ("sidx=1", Some("sidx=1")),
        ("sid=a; sid=b; c=\"q\"", Some("c=\"q\"")),
    ] {
        let mut head = head(&[("cookie", field)]);
        cookie.strip(&mut head);
        assert_eq!(
            head.headers
                .get("cookie")
                .map(|kept| kept.to_str().unwrap()),
            kept,
            "{field}"
        );
    }
    let query = Carrier::insecure_query("token").unwrap();
    for (target, kept) in [
        ("/a?token=x", "/a"),
        ("/a?b=%20&token=x&c", "/a?b=%20&c"),
        ("http://h/a?token=x&token=y", "http://h/a"),
        ("/a?tokens=x", "/a?tokens=x"),
        ("/a", "/a"),
    ] {
        let mut head = get(target, &[]).into_parts().0;
        query.strip(&mut head);
        assert_eq!(head.uri.to_string(), kept, "{target}");
    }
    let mut head = head(&[("x-token", "a"), ("x-token", "b"), ("x-other", "c")]);
    Carrier::header(HeaderName::from_static("x-token")).strip(&mut head);
    assert_eq!(head.headers.len(), 1);
}

#[test]
fn the_rest_of_a_sensitive_cookie_stays_sensitive() {
    let cookie = Carrier::cookie("sid").unwrap();
    for is_sensitive in [true, false] {
        let mut head = head(&[("cookie", "sid=a; b=2")]);
        let field = head.headers.get_mut("cookie").unwrap();
        field.set_sensitive(is_sensitive);
        cookie.strip(&mut head);
        assert_eq!(head.headers["cookie"].is_sensitive(), is_sensitive);
    }
}

#[test]
fn impossible_names_are_refused_when_built() {
    for name in ["", "a b", "a=b", "a;b", "a&b", "%61", "é"] {
        assert_eq!(
            Carrier::cookie(name).unwrap_err().setting(),
            "cookie",
            "{name:?}"
        );
        assert_eq!(
            Carrier::insecure_query(name).unwrap_err().setting(),
            "query",
            "{name:?}"
        );
    }
    assert!(Carrier::cookie("__Host-session.1").is_ok());
}
