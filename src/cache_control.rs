use http::HeaderValue;

/// The `Cache-Control` of an answer that only who was authorised may see.
///
/// What the object says is kept, but for what lets a shared cache have it: `public`, `s-maxage` and
/// `proxy-revalidate` go, and `private` comes (RFC 9111 section 5.2.2), unless the object says
/// `no-store`. A `private` that names fields covers those alone, so it does not count.
pub(crate) fn private<'a>(stored: impl Iterator<Item = &'a HeaderValue>) -> HeaderValue {
    let stored: Vec<_> = stored.filter_map(|value| value.to_str().ok()).collect();
    let stored = stored.join(",");
    let mut kept = vec!["private"];
    for directive in directives(&stored) {
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

/// Splits at commas outside of quoted strings.
fn directives(stored: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    stored
        .split(move |c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        })
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_shared_cache_may_keep_what_was_authorised() {
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
}
