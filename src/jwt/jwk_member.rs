use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The value of a member of a key, as far as it matters.
///
/// It is not a `serde_json::Value`, which with some features of `serde_json` also reads the JSON in a
/// string, at any depth.
#[derive(Debug, PartialEq)]
pub(super) enum Member {
    Text(String),
    Texts(Vec<String>),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let outermost = Reader { is_item: false };
        outermost.deserialize(deserializer)
    }
}

struct Reader {
    /// Whether it reads an item of a list, whose own items do not matter.
    is_item: bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        if self.is_item {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Member::Other);
        }
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element_seed(Self { is_item: true })? {
            match (item, &mut texts) {
                (Member::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Member::Other, Member::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_text_texts_or_other() {
        let texts = |texts: &[&str]| Member::Texts(texts.iter().map(ToString::to_string).collect());
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let private = r#"{"$serde_json::private::RawValue": "[[]]"}"#;
        for (json, expected) in [
            (r#""a\u0062""#, Member::Text("ab".into())),
            (r#"["a", "b"]"#, texts(&["a", "b"])),
            ("[]", texts(&[])),
            (r#"["a", 1]"#, Member::Other),
            (r#"["a", null]"#, Member::Other),
            (r#"[["a"], "b"]"#, Member::Other),
            (r#"[{"a": "b"}]"#, Member::Other),
            ("1", Member::Other),
            ("-1", Member::Other),
            ("1e3", Member::Other),
            ("true", Member::Other),
            ("null", Member::Null),
            (r#"{"a": ["b"]}"#, Member::Other),
            (private, Member::Other),
            (&format!("[{private}]"), Member::Other),
            (&deep, Member::Other),
        ] {
            let read: Member = serde_json::from_str(json).unwrap();
            assert_eq!(read, expected, "{}", &json[..json.len().min(40)]);
        }
    }
}
