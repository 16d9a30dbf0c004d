use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes the base64url of RFC 7515 section 2. Each value has one spelling: no padding, no white
/// space, no spare bits.
pub(super) fn decode(encoded: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_spelling() {
        for (encoded, decoded) in [
            ("", Some(&b""[..])),
            ("AA", Some(b"\0")),
            ("AAA", Some(b"\0\0")),
            ("AAAA", Some(b"\0\0\0")),
            ("-_-_", Some(b"\xfb\xff\xbf")),
            // RFC 7515 appendix C.
            ("A-z_4ME", Some(b"\x03\xec\xff\xe0\xc1")),
            ("+/+/", None),
            ("A-z/4ME", None),
            ("AB", None),
            ("AAB", None),
            ("A-z_4MF", None),
            ("A", None),
            ("AAAAA", None),
            ("AA==", None),
            ("AAA=", None),
            ("AA=", None),
            ("AAAA=", None),
            ("=", None),
            (" AA", None),
            ("AA ", None),
            ("AA\n", None),
            ("A A", None),
            ("AA.A", None),
            ("AA\0A", None),
            ("AAé", None),
        ] {
            assert_eq!(decode(encoded).as_deref(), decoded, "{encoded:?}");
        }
    }
}
