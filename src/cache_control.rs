#[cfg(feature = "jwks")]
use std::time::Duration;

use http::header::{CACHE_CONTROL, EXPIRES};
use http::{HeaderMap, HeaderValue};

/// The `Cache-Control` of an answer for an authorised client only.
///
/// The stored directives are kept, except those that let a shared cache keep the answer: `public`,
/// `s-maxage` and `proxy-revalidate` are replaced by `private` (RFC 9111 section 5.2.2). A stored
/// `no-store` stays alone. A stored `private` that names fields covers only those, so it does not count.
///
/// If nothing is stored about how long the answer is fresh, `no-cache` is added. Otherwise a browser keeps the
/// answer for a time that it guesses (RFC 9111 section 4.2.2), and shows it without a login.
pub(crate) fn private(headers: &HeaderMap) -> HeaderValue {
    // A directive with bytes outside ASCII must not hide a `no-store` beside it.
    let stored = headers.get_all(CACHE_CONTROL).iter();
    let stored: Vec<_> = stored
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let stored = stored.join(",");
    let mut kept = vec!["private"];
    let mut has_age = headers.contains_key(EXPIRES);
    for directive in directives(&stored).filter(|directive| directive.is_ascii()) {
        let name = directive.split('=').next().unwrap_or_default().trim();
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("no-store") {
            return HeaderValue::from_static("no-store");
        }
        if !(is("public") || is("private") || is("s-maxage") || is("proxy-revalidate")) {
            kept.push(directive);
        }
        has_age |= ["max-age", "immutable", "no-cache", "must-revalidate"]
            .iter()
            .any(|it| is(it));
    }
    if !has_age {
        kept.push("no-cache");
    }
    HeaderValue::try_from(kept.join(", ")).unwrap_or(HeaderValue::from_static("private, no-cache"))
}

/// The `max-age` of an answer (RFC 9111 section 5.2.2.1), the smallest if there are several. A value that
/// is not a number is ignored.
#[cfg(feature = "jwks")]
pub(crate) fn max_age<'a>(stored: impl Iterator<Item = &'a HeaderValue>) -> Option<Duration> {
    let stored: Vec<_> = stored.filter_map(|value| value.to_str().ok()).collect();
    let stored = stored.join(",");
    let seconds = directives(&stored).filter_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
        // A number that overflows is greater than any bound.
        let seconds = is_number.then(|| seconds.parse().unwrap_or(u64::MAX));
        seconds.filter(|_| name.eq_ignore_ascii_case("max-age"))
    });
    seconds.min().map(Duration::from_secs)
}

/// Splits at commas outside of quoted strings.
fn directives(stored: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    stored
        .split(move |c| {
            quoted ^= c == '"' && !escaped;
            // RFC 9110 section 5.6.4.
            escaped = quoted && !escaped && c == '\\';
            c == ',' && !quoted
        })
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "jwks")]
    #[test]
    fn the_smallest_age_counts() {
        for (stored, expected) in [
            (&[][..], None),
            (&["public, max-age=600"], Some(600)),
            (&["Max-Age=600", "max-age=60"], Some(60)),
            (&["max-age=0, no-cache"], Some(0)),
            (&["max-age=99999999999999999999999"], Some(u64::MAX)),
            (&["no-store"], None),
            (&["s-maxage=60, stale-while-revalidate=60"], None),
            (&["max-age", "max-age=", "max-age=-1", "max-age=1.5"], None),
            (&["max-age=+1", "max-age=1h", "x-max-age=1"], None),
            (&["private=\"max-age=1, max-age=2\", max-age=3"], Some(3)),
        ] {
            let values = stored.iter().map(|value| HeaderValue::from_static(value));
            let values: Vec<_> = values.collect();
            let expected = expected.map(Duration::from_secs);
            assert_eq!(max_age(values.iter()), expected, "{stored:?}");
        }
    }

    fn with(stored: &[HeaderValue]) -> HeaderMap {
        let stored = stored.iter().cloned();
        stored.map(|value| (CACHE_CONTROL, value)).collect()
    }

    #[test]
    fn no_shared_cache_may_keep_an_authorised_answer() {
        for (stored, expected) in [
            (&[][..], "private, no-cache"),
            (&["public"], "private, no-cache"),
            (
                &["public, must-revalidate, proxy-revalidate, max-age=0"],
                "private, must-revalidate, max-age=0",
            ),
            (
                &["max-age=31536000, immutable"],
                "private, max-age=31536000, immutable",
            ),
            (&["PUBLIC", "S-MaxAge=60 , max-age=1"], "private, max-age=1"),
            (&["no-store, public"], "no-store"),
            (
                &["private=\"set-cookie, public\", max-age=1"],
                "private, max-age=1",
            ),
            (&["no-cache=\"a, b\""], "private, no-cache=\"a, b\""),
            (
                &["a=\"\\\"\", public, s-maxage=60, b=\"c\""],
                "private, a=\"\\\"\", b=\"c\", no-cache",
            ),
            (
                &["a=\"\\\", public, b\", c"],
                "private, a=\"\\\", public, b\", c, no-cache",
            ),
            (&["s-maxage=60"], "private, no-cache"),
            (&["no-transform"], "private, no-transform, no-cache"),
            (&["Immutable"], "private, Immutable"),
            (&["must-revalidate"], "private, must-revalidate"),
            (&["private"], "private, no-cache"),
            (&[", ,"], "private, no-cache"),
        ] {
            let stored: Vec<_> = stored
                .iter()
                .map(|value| HeaderValue::from_static(value))
                .collect();
            assert_eq!(private(&with(&stored)), expected, "{stored:?}");
        }
    }

    #[test]
    fn a_date_of_expiry_is_an_age() {
        let mut headers = with(&[HeaderValue::from_static("public")]);
        headers.insert(EXPIRES, HeaderValue::from_static("0"));
        assert_eq!(private(&headers), "private");
    }

    #[test]
    fn directives_beside_bytes_outside_ascii_count() {
        for (stored, expected) in [
            (&b"no-store, a=\xe9"[..], "no-store"),
            (b"public, max-age=0, a=\xe9", "private, max-age=0"),
        ] {
            let stored = HeaderValue::from_bytes(stored).unwrap();
            assert_eq!(
                private(&with(std::slice::from_ref(&stored))),
                expected,
                "{stored:?}"
            );
        }
    }
}
