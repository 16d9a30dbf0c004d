use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep arrays and objects may stand in one another, the outermost counted.
const MAX_DEPTH: usize = 16;

/// Reads a JSON object: UTF-8, with nothing behind it, no name twice in any object, and no deeper
/// than 16.
///
/// Two readers of an object with a name given twice may see two different ones (RFC 8725 section
/// 2.4).
pub(super) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let mut scan = serde_json::Deserializer::from_slice(text);
    Strict { depth: MAX_DEPTH }.deserialize(&mut scan).ok()?;
    // A second time by serde_json's own type, which keeps numbers as features of serde_json that
    // another crate may ask for will have them.
    serde_json::from_slice(text).ok()
}

/// Scans a value, and keeps nothing of it.
struct Strict {
    /// So many levels may still open.
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
        let depth = self.inner()?.depth;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name is given twice"));
            }
            members.next_value_seed(Strict { depth })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_each_name_once_at_every_level_and_nothing_behind_it() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
            format!("{{\"a\":{open}{close}}}")
        };
        let (deepest, too_deep) = (nested(MAX_DEPTH), nested(MAX_DEPTH + 1));
        let objects = format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17));
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
}
