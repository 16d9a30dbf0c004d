use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;

use super::encode::{decode, encode_path};
use super::error::{PathError, PathErrorKind};

/// A path in its one canonical spelling.
///
/// See the [module docs](crate::path) for what is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath<'a> {
    spelling: Cow<'a, str>,
}

impl<'a> RequestPath<'a> {
    /// Parses the path of a request target, as [`Uri::path`] returns it.
    ///
    /// A canonical path is borrowed: parsing is idempotent, and the second time allocates nothing.
    ///
    /// # Errors
    ///
    /// Returns [`PathError`] if the [module docs](crate::path) list the path as refused.
    pub fn parse(path: &'a str) -> Result<Self, PathError> {
        let decoded = parse_decoded(path)?;
        let spelling = match encode_path(&decoded) {
            encoded if encoded == path => Cow::Borrowed(path),
            encoded => Cow::Owned(encoded.into_owned()),
        };
        Ok(Self { spelling })
    }

    /// The canonical spelling, percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// Whether the parsed path was in this spelling.
    pub(crate) fn was_canonical(&self) -> bool {
        matches!(self.spelling, Cow::Borrowed(_))
    }

    pub(crate) fn into_string(self) -> String {
        self.spelling.into_owned()
    }
}

/// Decodes a path once and refuses unsafe ones.
pub(super) fn parse_decoded(path: &str) -> Result<Cow<'_, str>, PathError> {
    if !path.starts_with('/') {
        return Err(PathError::new(PathErrorKind::NotAbsolute));
    }
    // Checked after decoding and never decoded again, so the value that is checked is the one used.
    let decoded = without_single_dots(decode(path).map_err(PathError::new)?);
    refuse_unsafe(&decoded).map_err(PathError::new)?;
    Ok(decoded)
}

/// Removes segments `.` as RFC 3986 section 5.2.4 does: `/a/./b` is `/a/b`, and `/a/.` is `/a/`.
fn without_single_dots(decoded: Cow<'_, str>) -> Cow<'_, str> {
    if !decoded.split('/').any(|segment| segment == ".") {
        return decoded;
    }
    let segments = decoded.split_inclusive('/');
    segments
        .filter(|segment| !matches!(*segment, "./" | "."))
        .collect()
}

/// Refuses control bytes, backslashes and dot segments in a decoded path, key or prefix.
pub(super) fn refuse_unsafe(decoded: &str) -> Result<(), PathErrorKind> {
    for byte in decoded.bytes() {
        match byte {
            0..=0x1F | 0x7F => return Err(PathErrorKind::ControlByte),
            b'\\' => return Err(PathErrorKind::Backslash),
            _ => {}
        }
    }
    if decoded
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err(PathErrorKind::DotSegment);
    }
    Ok(())
}

/// The same target with another path; scheme, authority and query stay byte for byte.
///
/// # Errors
///
/// Returns [`PathErrorKind::TooLong`] if escapes have made the target longer than a [`Uri`] can be.
pub(crate) fn replace_path(uri: &Uri, path: &str) -> Result<Uri, PathError> {
    let target = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    // The new path is canonical, so only its length can be wrong.
    let too_long = || PathError::new(PathErrorKind::TooLong);
    parts.path_and_query = Some(target.map_err(|_| too_long())?);
    Uri::from_parts(parts).map_err(|_| too_long())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_path_has_one_spelling() {
        for (name, raw, canonical) in [
            ("root", "/", "/"),
            ("plain", "/simple/pkg/", "/simple/pkg/"),
            ("unreserved", "/A-z0.9_~", "/A-z0.9_~"),
            ("encoded letter", "/%70rivate/x", "/private/x"),
            ("encoded unreserved", "/a%2D%2E%5F%7Eb", "/a-._~b"),
            ("lower-case escape", "/a%3ab", "/a%3Ab"),
            ("space", "/a%20b", "/a%20b"),
            ("plus is a plus", "/a+b", "/a%2Bb"),
            ("encoded plus", "/a%2bb", "/a%2Bb"),
            (
                "sub-delims",
                "/'()!*@:=&,;$",
                "/%27%28%29%21%2A%40%3A%3D%26%2C%3B%24",
            ),
            ("hash, question mark, bar", "/%23%3f%7c", "/%23%3F%7C"),
            ("percent sign, decoded once", "/100%25", "/100%25"),
            (
                "escape of an escape stays text",
                "/%252e%252e/x",
                "/%252e%252e/x",
            ),
            ("unicode raw and encoded", "/é%C3%A9", "/%C3%A9%C3%A9"),
            ("encoded slash is a slash", "/a%2Fb%2f", "/a/b/"),
            ("empty segments stay", "//a//b//", "//a//b//"),
            ("dots within a name", "/..a/b../.../.c", "/..a/b../.../.c"),
            ("single dot", "/a/./b", "/a/b"),
            ("single dots", "/./././a", "/a"),
            ("encoded single dot", "/a/%2E/%2e/b", "/a/b"),
            ("encoded slashes around it", "/a%2f.%2Fb", "/a/b"),
            ("single dot at the end", "/a/.", "/a/"),
            ("nothing but a dot", "/.", "/"),
            ("empty segments beside it stay", "/.//a/.//b", "//a//b"),
            ("escape of an escaped dot", "/%252e/a", "/%252e/a"),
        ] {
            let parsed = RequestPath::parse(raw).unwrap();
            assert_eq!(parsed.as_str(), canonical, "{name}");
            let again = RequestPath::parse(canonical).unwrap();
            assert!(again.was_canonical(), "{name}: not idempotent");
        }
    }

    #[test]
    fn an_unsafe_path_is_refused_in_every_encoding() {
        use PathErrorKind::*;
        for (name, raw, kind) in [
            ("no path", "", NotAbsolute),
            ("asterisk form", "*", NotAbsolute),
            ("relative", "a/b", NotAbsolute),
            ("encoded first slash", "%2Fa", NotAbsolute),
            ("dot-dot segment", "/a/../b", DotSegment),
            ("dot-dot after a single dot", "/a/./../b", DotSegment),
            ("dot-dot before a single dot", "/../.", DotSegment),
            ("dot-dot at the end", "/a/..", DotSegment),
            ("encoded dots", "/a/%2e%2E/b", DotSegment),
            ("half encoded dots", "/a/.%2e/b", DotSegment),
            ("encoded slashes around them", "/a%2f..%2fb", DotSegment),
            ("NUL", "/a%00", ControlByte),
            ("line feed", "/a%0ab", ControlByte),
            ("carriage return", "/a%0Db", ControlByte),
            ("tab", "/a%09b", ControlByte),
            ("unit separator", "/%1f", ControlByte),
            ("delete", "/%7F", ControlByte),
            ("backslash", "/a\\b", Backslash),
            ("encoded backslash", "/a%5cb", Backslash),
            ("backslash dots", "/..%5c..%5c", Backslash),
            ("lone percent", "/100%", BadEscape),
            ("one digit", "/%a", BadEscape),
            ("not hexadecimal", "/%zz", BadEscape),
            ("IIS escape", "/%u002e", BadEscape),
            ("sign in an escape", "/%+1", BadEscape),
            ("overlong slash", "/%c0%af", NotUtf8),
            ("lone continuation byte", "/%80", NotUtf8),
            ("cut short", "/%C3", NotUtf8),
            ("surrogate", "/%ED%A0%80", NotUtf8),
        ] {
            assert_eq!(
                RequestPath::parse(raw).map_err(|e| e.kind()),
                Err(kind),
                "{name}"
            );
        }
    }

    #[test]
    fn replace_path_keeps_the_rest() {
        let uri = Uri::from_static("http://host:81/%61?q=%61&b=//");
        assert_eq!(
            replace_path(&uri, "/a").unwrap(),
            "http://host:81/a?q=%61&b=//"
        );
        let origin_form = Uri::from_static("/%61?");
        assert_eq!(replace_path(&origin_form, "/a").unwrap().to_string(), "/a?");
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_name_parses_the_same(name in "[^\\x00-\\x1f\\x7f\\\\]{1,40}", salt: u64) {
            let decoded = format!("/{name}");
            let spelled: String = decoded.bytes().enumerate().map(|(i, byte)| {
                match (salt >> (i % 60)) & 3 {
                    0 if i > 0 => format!("%{byte:02x}"),
                    1 if i > 0 => format!("%{byte:02X}"),
                    _ if byte.is_ascii_alphanumeric() || byte == b'/' => char::from(byte).to_string(),
                    _ => format!("%{byte:02X}"),
                }
            }).collect();
            match RequestPath::parse(&spelled) {
                Ok(path) => {
                    let encoded = encode_path(&decoded);
                    let again = RequestPath::parse(&encoded).unwrap();
                    prop_assert_eq!(path.as_str(), again.as_str());
                    prop_assert!(RequestPath::parse(path.as_str()).unwrap().was_canonical());
                }
                Err(error) => {
                    prop_assert_eq!(error.kind(), PathErrorKind::DotSegment);
                    prop_assert!(decoded.split('/').any(|segment| segment == ".."));
                }
            }
        }
    }
}
