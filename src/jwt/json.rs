use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep arrays and objects may be nested, including the outermost.
const MAX_DEPTH: usize = 16;

/// The prefix of names that `serde_json` reserves. With its features `raw_value` and
/// `arbitrary_precision`, it treats an object with such a name as something else, such as the JSON in a
/// string, in which names may occur twice, and which may be deep enough to overflow the stack.
const RESERVED: &str = "$serde_json::private::";

/// Reads a JSON object: UTF-8, nothing behind it, no name twice in any object, no [`RESERVED`] name, and at
/// most 16 levels deep.
///
/// Of a name that occurs twice, two readers may see two different values (RFC 8725 section 2.4).
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let mut scan = serde_json::Deserializer::from_slice(text);
    Strict { depth: MAX_DEPTH }.deserialize(&mut scan).ok()?;
    // A second time by serde_json's own type, which represents numbers as the enabled features of serde_json
    // require.
    serde_json::from_slice(text).ok()
}

/// Scans a value without keeping it.
struct Strict {
    /// How many levels may still open.
    depth: usize,
}

impl Strict {
    fn inner<E: Error>(&self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        depth
            .map(|depth| Self { depth })
            .ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.inner()?.depth;
        while items.next_element_seed(Strict { depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut next = members.next_key::<String>()?;
        if next.as_ref().is_some_and(|name| name.starts_with(RESERVED)) {
            return members.next_value_seed(NumberText);
        }
        let depth = self.inner()?.depth;
        let mut names = HashSet::new();
        while let Some(name) = next {
            if name.starts_with(RESERVED) || !names.insert(name) {
                return Err(A::Error::custom("a name is reserved, or occurs twice"));
            }
            members.next_value_seed(Strict { depth })?;
            next = members.next_key()?;
        }
        Ok(())
    }
}

/// A number as the feature `arbitrary_precision` hands it on: an object of one reserved name, and in it
/// a `String`. A string that stands in the text is a `str` to the visitor.
struct NumberText;

impl<'de> DeserializeSeed<'de> for NumberText {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for NumberText {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("a name is reserved"))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<(), E> {
        // As without the feature, a number beyond all doubles is none.
        let is_finite = text.parse::<f64>().is_ok_and(f64::is_finite);
        is_finite
            .then_some(())
            .ok_or_else(|| E::custom("a number is out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_each_name_once() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
            format!("{{\"a\":{open}{close}}}")
        };
        let (deepest, too_deep) = (nested(MAX_DEPTH), nested(MAX_DEPTH + 1));
        let objects = format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17));
        let fraction = deepest.replace("[]", "[0.5]");
        for (name, text, reads) in [
            ("an object", r#"{"a":1,"b":[true,null,-1,1.5,"x"]}"#, true),
            ("white space around", " {}\r\n\t", true),
            ("names that differ by case", r#"{"a":1,"A":2}"#, true),
            (
                "the same name in two objects",
                r#"{"a":{"b":1},"c":{"b":2}}"#,
                true,
            ),
            ("a name twice", r#"{"a":1,"a":1}"#, false),
            ("a name twice, once escaped", r#"{"a":1,"\u0061":2}"#, false),
            ("a name twice further in", r#"{"a":{"b":1,"b":2}}"#, false),
            (
                "a name twice in an array",
                r#"{"a":[0,{"b":1,"b":2}]}"#,
                false,
            ),
            ("as deep as may be", &deepest, true),
            ("as deep as may be, with a fraction", &fraction, true),
            ("too deep by arrays", &too_deep, false),
            ("too deep by objects", &objects, false),
            ("trailing text", "{} x", false),
            ("a second object", "{}{}", false),
            ("a trailing comma", r#"{"a":1,}"#, false),
            ("single quotes", "{'a':1}", false),
            ("a comment", "{/**/}", false),
            ("NaN", r#"{"a":NaN}"#, false),
            ("a number beyond all doubles", r#"{"a":1e400}"#, false),
            ("half a surrogate pair", r#"{"a":"\ud800"}"#, false),
            ("a bare control character", "{\"a\":\"\n\"}", false),
            ("a byte order mark", "\u{feff}{}", false),
            ("an array", "[]", false),
            ("a string", "\"a\"", false),
            ("null", "null", false),
            ("nothing", "", false),
        ] {
            assert_eq!(object(text.as_bytes()).is_some(), reads, "{name}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), None, "not UTF-8");
    }
    #[test]
    fn no_name_is_reserved_by_serde_json() {
        for (name, text, reads) in [
            ("what looks like one", r#"{"a":{"serde_json":"1"}}"#, true),
            (
                "of a number",
                r#"{"a":{"$serde_json::private::Number":"1"}}"#,
                false,
            ),
            (
                "of JSON in a string",
                r#"{"a":{"$serde_json::private::RawValue":"{\"b\":1,\"b\":1}"}}"#,
                false,
            ),
            (
                "escaped",
                r#"{"a":{"\u0024serde_json::private::RawValue":"1"}}"#,
                false,
            ),
            (
                "behind another",
                r#"{"a":{"b":1,"$serde_json::private::RawValue":"1"}}"#,
                false,
            ),
            (
                "outermost",
                r#"{"$serde_json::private::RawValue":"1"}"#,
                false,
            ),
        ] {
            assert_eq!(object(text.as_bytes()).is_some(), reads, "{name}");
        }
    }
}
