use super::*;

/// Refused targets, each beside the nearest accepted one. Rows without another source follow from how
/// browsers read URLs (<https://url.spec.whatwg.org/>).
const ROWS: &[(&str, &str, &str)] = &[
    // (where it was used against others, refused, kept)
    ("scheme-relative", "//evil.example", "/evil.example"),
    ("three slashes", "///evil.example", "/a///evil.example"),
    ("four slashes", "////evil.example", "/a"),
    (
        "backslash: oauth2-proxy GHSA-qqxw-m5fj-f7gv",
        "/\\evil.example",
        "/evil.example",
    ),
    (
        "backslash and slash: GHSA-qqxw-m5fj-f7gv",
        "/\\/evil.example",
        "/a/evil.example",
    ),
    ("backslash first", "\\/evil.example", "/evil.example"),
    ("two backslashes", "\\\\evil.example", "/"),
    ("slash and backslash further in", "/a\\..\\evil", "/a..evil"),
    (
        "tab between: oauth2-proxy GHSA-j7px-6hwj-hpjg",
        "/\t/evil.example",
        "/%20/evil.example",
    ),
    (
        "line feed between: GHSA-j7px-6hwj-hpjg",
        "/\n/evil.example",
        "/-/evil.example",
    ),
    (
        "carriage return between: GHSA-j7px-6hwj-hpjg",
        "/\r/evil.example",
        "/_/evil.example",
    ),
    (
        "vertical tab between: GHSA-j7px-6hwj-hpjg",
        "/\u{b}/evil.example",
        "/b/evil.example",
    ),
    (
        "encoded tab between: GHSA-j7px-6hwj-hpjg",
        "/%09/evil.example",
        "/%20/evil.example",
    ),
    (
        "encoded line feed between: GHSA-j7px-6hwj-hpjg",
        "/%0a/evil.example",
        "/%2a/evil.example",
    ),
    (
        "encoded vertical tab between: GHSA-j7px-6hwj-hpjg",
        "/%0b/evil.example",
        "/%2b/evil.example",
    ),
    (
        "encoded carriage return between: GHSA-j7px-6hwj-hpjg",
        "/%0d/evil.example",
        "/%2d/evil.example",
    ),
    (
        "blank between: GHSA-j7px-6hwj-hpjg",
        "/ /evil.example",
        "/+/evil.example",
    ),
    (
        "blank and backslash: GHSA-j7px-6hwj-hpjg",
        "/ \\evil.example",
        "/%20evil.example",
    ),
    (
        "dot between: oauth2-proxy GHSA-5m6c-jp6f-2vcv",
        "/.//evil.example",
        "/a//evil.example",
    ),
    (
        "dots between: GHSA-5m6c-jp6f-2vcv",
        "/..//evil.example",
        "/..a//evil.example",
    ),
    (
        "dot and backslash: GHSA-5m6c-jp6f-2vcv",
        "/.\\evil.example",
        "/.evil.example",
    ),
    (
        "dots after a name",
        "/a/..//evil.example",
        "/a/...//evil.example",
    ),
    (
        "encoded dots",
        "/%2e%2e//evil.example",
        "/%2e%2ea//evil.example",
    ),
    (
        "half encoded dots",
        "/.%2E//evil.example",
        "/.%2Ea//evil.example",
    ),
    (
        "dots encoded twice",
        "/%252e%252e//evil.example",
        "/%252e%252ea//evil.example",
    ),
    ("dots at the end", "/a/..", "/a/..b"),
    (
        "dots with encoded slashes about them",
        "/a%2f..%2f",
        "/a%2fb%2f",
    ),
    (
        "tab before the path: mod_auth_openidc CVE-2022-23527",
        "\t//evil.example",
        "/evil.example",
    ),
    (
        "tab after the slash: CVE-2022-23527",
        "/\tevil.example",
        "/evil.example",
    ),
    (
        "line feed before the path",
        "\n/evil.example",
        "/evil.example",
    ),
    ("blank before the path", " /evil.example", "/evil.example"),
    ("blank behind the path", "/evil.example ", "/evil.example"),
    ("NUL before the path", "\0/evil.example", "/"),
    ("encoded NUL", "/%00/evil.example", "/%20/evil.example"),
    ("encoded delete", "/%7f/evil.example", "/%7e/evil.example"),
    ("encoded slash", "/%2Fevil.example", "/a%2Fevil.example"),
    (
        "encoded slash in lower case",
        "/%2fevil.example",
        "/a%2fevil.example",
    ),
    (
        "slash encoded twice",
        "/%252Fevil.example",
        "/a%252Fevil.example",
    ),
    (
        "slash with its digits encoded",
        "/%%32%46evil.example",
        "/a%%32%46evil.example",
    ),
    ("encoded backslash", "/%5Cevil.example", "/%5Bevil.example"),
    (
        "backslash encoded twice",
        "/%255cevil.example",
        "/%255bevil.example",
    ),
    ("encoded backslash further in", "/a%5c..%5cb", "/a%5b..%5bb"),
    (
        "overlong slash",
        "/%c0%afevil.example",
        "/%c3%afevil.example",
    ),
    ("not UTF-8", "/%ff", "/%c3%bf"),
    ("C1 control", "/%c2%85/evil.example", "/%c2%a5/evil.example"),
    (
        "absolute: axum-login#155",
        "https://evil.example/",
        "/https://evil.example/",
    ),
    (
        "absolute without slashes",
        "https:evil.example",
        "/https:evil.example",
    ),
    (
        "absolute with one slash",
        "https:/evil.example",
        "/https:/evil.example",
    ),
    (
        "absolute in capitals",
        "HTTPS://evil.example",
        "/HTTPS://evil.example",
    ),
    ("script", "javascript:alert(1)", "/javascript:alert(1)"),
    (
        "script with a tab",
        "java\tscript:alert(1)",
        "/javascript:alert(1)",
    ),
    ("data", "data:text/html,x", "/data:text/html,x"),
    (
        "relative: a host to some joins",
        "evil.example",
        "/evil.example",
    ),
    ("user of the site itself", "@evil.example", "/@evil.example"),
    (
        "end of the site's own name",
        ".evil.example",
        "/.evil.example",
    ),
    ("port of the site itself", ":80", "/:80"),
    (
        "encoded first slash",
        "%2F%2Fevil.example",
        "/a%2F%2Fevil.example",
    ),
    ("query alone", "?a", "/?a"),
    ("fragment", "/a#b", "/a%23b"),
    (
        "fragment that hides a host",
        "/a#@evil.example",
        "/a@evil.example",
    ),
    (
        "fullwidth slash, raw",
        "/\u{ff0f}evil.example",
        "/%EF%BC%8Fevil.example",
    ),
    ("ideographic full stop, raw", "/\u{3002}", "/%E3%80%82"),
    ("right-to-left override, raw", "/\u{202e}a", "/a"),
    (
        "header that is split",
        "/a\r\nSet-Cookie: a=b",
        "/a?%0D%0ASet-Cookie:%20a=b",
    ),
    (
        "header that is split, encoded",
        "/a%0d%0aSet-Cookie:",
        "/a%20Set-Cookie:",
    ),
    ("backslash in the query", "/a?b=\\", "/a?b=%5C"),
    ("tab in the query", "/a?b=\t", "/a?b=%09"),
    ("asterisk form", "*", "/*"),
    ("nothing", "", "/"),
];

#[test]
fn a_target_of_another_site_is_refused() {
    assert!(ROWS.len() >= 40);
    for (name, refused, kept) in ROWS {
        assert_eq!(ReturnPath::parse(refused), None, "{name}");
        let path = ReturnPath::parse(kept).unwrap_or_else(|| panic!("{name}: {kept}"));
        assert_eq!(path.as_str(), *kept, "{name}");
    }
}

#[test]
fn a_target_is_kept_byte_for_byte() {
    for (name, target) in [
        ("the root", "/"),
        ("a bare question mark", "/a?"),
        ("two of them", "/a??"),
        ("a query with a URL", "/a?next=https://evil.example//b/../c"),
        ("escapes in lower case", "/a%2fb%c3%a9"),
        ("a bad escape", "/100%"),
        ("half an escape", "/100%2"),
        ("a percent sign", "/100%25"),
        ("unusual characters", "/\"<>^`{|}"),
    ] {
        assert_eq!(
            ReturnPath::parse(target).unwrap().as_str(),
            target,
            "{name}"
        );
    }
}

#[test]
fn a_path_that_is_too_long_is_refused() {
    let longest = format!("/{}", "a".repeat(MAX_LEN - 1));
    assert!(ReturnPath::parse(&longest).is_some());
    assert_eq!(ReturnPath::parse(&format!("{longest}a")), None);
}

#[test]
fn a_request_gives_its_path_and_query() {
    for (name, target, path) in [
        ("origin form", "/a?b=c", "/a?b=c"),
        ("a bare question mark", "/a?", "/a?"),
        ("absolute form", "http://evil.example/a?b", "/a?b"),
        ("absolute form without a path", "http://evil.example", "/"),
        (
            "absolute form with two slashes",
            "http://a//evil.example",
            "/",
        ),
        ("authority form", "evil.example:443", "/"),
        ("asterisk form", "*", "/"),
        ("scheme-relative", "//evil.example/a", "/"),
        ("dot segments", "/a/../b", "/"),
    ] {
        let uri: Uri = target.parse().unwrap();
        assert_eq!(ReturnPath::of(&uri).as_str(), path, "{name}");
    }
}

#[test]
fn the_path_is_spelled_like_routes() {
    for (name, target, path) in [
        ("without a query", "/oauth2/login", "/oauth2/login"),
        ("with one", "/oauth2/login?return_to=/", "/oauth2/login"),
        ("in another spelling", "/%6Fauth2%2flogin?", "/oauth2/login"),
        ("that has none", "/100%", "/100%"),
    ] {
        assert_eq!(ReturnPath::parse(target).unwrap().path(), path, "{name}");
    }
}
