#[cfg(feature = "jwks")]
use std::time::Duration;

use http::HeaderValue;

/// The `Cache-Control` of an answer for an authorised client only.
///
/// The stored directives are kept, except those that let a shared cache keep the answer: `public`,
/// `s-maxage` and `proxy-revalidate` are replaced by `private` (RFC 9111 section 5.2.2). A stored
/// `no-store` stays alone. A stored `private` that names fields covers only those, so it does not count.
pub(crate) fn private<'a>(stored: impl Iterator<Item = &'a HeaderValue>) -> HeaderValue {
    // A directive with bytes outside ASCII must not hide a `no-store` beside it.
    let stored: Vec<_> = stored
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let stored = stored.join(",");
    let mut kept = vec!["private"];
    for directive in directives(&stored).filter(|directive| directive.is_ascii()) {
        let name = directive.split('=').next().unwrap_or_default().trim();
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("no-store") {
            return HeaderValue::from_static("no-store");
        }
        if !(is("public") || is("private") || is("s-maxage") || is("proxy-revalidate")) {
            kept.push(directive);
        }
    }
    HeaderValue::try_from(kept.join(", ")).unwrap_or(HeaderValue::from_static("private"))
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

    #[test]
    fn no_shared_cache_may_keep_an_authorised_answer() {
        for (stored, expected) in [
            (&[][..], "private"),
            (&["public"], "private"),
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
                "private, a=\"\\\"\", b=\"c\"",
            ),
            (
                &["a=\"\\\", public, b\", c"],
                "private, a=\"\\\", public, b\", c",
            ),
            (&["private"], "private"),
            (&[", ,"], "private"),
        ] {
            let stored: Vec<_> = stored
                .iter()
                .map(|value| HeaderValue::from_static(value))
                .collect();
            assert_eq!(private(stored.iter()), expected, "{stored:?}");
        }
    }

    #[test]
    fn directives_beside_bytes_outside_ascii_count() {
        for (stored, expected) in [
            (&b"no-store, a=\xe9"[..], "no-store"),
            (b"public, max-age=0, a=\xe9", "private, max-age=0"),
        ] {
            let stored = HeaderValue::from_bytes(stored).unwrap();
            assert_eq!(private([&stored].into_iter()), expected, "{stored:?}");
        }
    }
}
