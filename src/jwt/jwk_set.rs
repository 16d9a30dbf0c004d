use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::error::{KeyError, KeyErrorKind as Kind};
use super::jwk::Jwk;

/// The entries of a JSON Web Key Set, whatever they say.
pub(super) fn parse(document: &[u8]) -> Result<Vec<Jwk>, KeyError> {
    let problem = "the document is no JSON object with an array of keys";
    let malformed = || KeyError::new(Kind::Malformed, problem);
    // What is passed over is not looked at by the parser.
    let document = std::str::from_utf8(document).map_err(|_| malformed())?;
    let set: Set = serde_json::from_str(document).map_err(|_| malformed())?;
    Ok(set.0)
}

struct Set(Vec<Jwk>);

impl<'de> Deserialize<'de> for Set {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Set;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a set of keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Set, A::Error> {
                let mut keys = None;
                while let Some(name) = access.next_key::<String>()? {
                    if name != "keys" {
                        access.next_value::<IgnoredAny>()?;
                    } else if keys.replace(access.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("keys"));
                    }
                }
                let missing = || A::Error::missing_field("keys");
                keys.map(Set).ok_or_else(missing)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_one_object_with_one_array_of_objects() {
        let deep = format!(
            "{{\"x\":{}{},\"keys\":[]}}",
            "[".repeat(999),
            "]".repeat(999)
        );
        for (document, len) in [
            (r#"{"keys":[]}"#, Some(0)),
            (" \r\n\t{\"keys\" : [ ] } \n", Some(0)),
            (r#"{"keys":[{}]}"#, Some(1)),
            (
                r#"{"keys":[{"kty":"AKP"},{"kty":1,"x":{"y":[null]}}],"next":1e999}"#,
                Some(2),
            ),
            (r#"{"a":1,"a":2,"keys":[{}]}"#, Some(1)),
            (&deep, Some(0)),
            (r#"{"k\u0065ys":[{}]}"#, Some(1)),
            ("", None),
            ("null", None),
            ("[]", None),
            ("[[]]", None),
            ("[[{}]]", None),
            ("{}", None),
            (r#"{"Keys":[]}"#, None),
            (r#"{"keys":{}}"#, None),
            (r#"{"keys":null}"#, None),
            (r#"{"keys":"[]"}"#, None),
            (r#"{"keys":[],"keys":[]}"#, None),
            (r#"{"keys":[1]}"#, None),
            (r#"{"keys":[null]}"#, None),
            (r#"{"keys":[[]]}"#, None),
            (r#"{"keys":["{}"]}"#, None),
            (r#"{"keys":[{}],}"#, None),
            (r#"{"keys":[{},]}"#, None),
            (r#"{"keys":[]}x"#, None),
            (r#"{"keys":[]}{"keys":[]}"#, None),
            (r#"{"keys":[]"#, None),
            (r"{'keys':[]}", None),
            (r"{keys:[]}", None),
            ("\u{feff}{\"keys\":[]}", None),
            ("// set\n{\"keys\":[]}", None),
            ("<html><body>Bad gateway</body></html>", None),
            ("-----BEGIN PUBLIC KEY-----", None),
        ] {
            let entries = parse(document.as_bytes());
            let found = entries.as_ref().map(Vec::len).ok();
            assert_eq!(found, len, "{document}");
            if let Err(error) = entries {
                assert_eq!(error.kind(), Kind::Malformed, "{document}");
            }
        }
        assert!(parse(b"{\"keys\":[],\"x\":\"\xff\"}").is_err());
    }
}
