use std::borrow::Cow;

use http::header::{ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::headers::only_value;

/// The longest accepted list of entity tags, in bytes.
const MAX_LIST_BYTES: usize = 4096;

/// The preconditions of a request (RFC 9110 section 13.1), but `If-Range`.
///
/// They are parsed, so that a client's value cannot make S3 answer with an error, and reduced to those
/// that count: a date is ignored beside a list of tags (section 13.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditionals {
    /// The preconditions that S3 judges, in one spelling.
    sent: HeaderMap,
    /// Lists of several tags. Not every store can read them, so they are judged here, by its answer.
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// A malformed list of entity tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedTags;

/// The judgement of S3's answer by the lists that S3 was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Pass,
    NotModified,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tags(Vec<String>);

impl Conditionals {
    /// Reads the preconditions. A malformed date is ignored (sections 13.1.3 and 13.1.4).
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, MalformedTags> {
        let mut read = Self::default();
        read.if_match = read.take(headers, IF_MATCH, IF_UNMODIFIED_SINCE)?;
        read.if_none_match = read.take(headers, IF_NONE_MATCH, IF_MODIFIED_SINCE)?;
        Ok(read)
    }

    /// Reads one list of tags, or the date if there is no list. A list of several tags is returned,
    /// anything else is added to the headers to send.
    fn take(
        &mut self,
        headers: &HeaderMap,
        tags: HeaderName,
        date: HeaderName,
    ) -> Result<Option<Tags>, MalformedTags> {
        let Some(mut list) = Tags::read(headers, &tags)? else {
            if let Some(date_value) = http_date(headers, &date) {
                self.sent.insert(date, date_value);
            }
            return Ok(None);
        };
        if list.0.len() > 1 {
            return Ok(Some(list));
        }
        let only = list.0.pop().and_then(|tag| HeaderValue::try_from(tag).ok());
        self.sent.insert(tags, only.ok_or(MalformedTags)?);
        Ok(None)
    }

    /// The headers to send.
    pub(crate) fn sent(&self) -> &HeaderMap {
        &self.sent
    }

    /// Whether there are lists that are judged by the answer.
    pub(crate) fn are_judged_here(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Judges S3's answer by the lists that S3 was not sent.
    pub(crate) fn judge(&self, object: &HeaderMap) -> Judgement {
        let tag = object
            .get(ETAG)
            .and_then(|tag| tag.to_str().ok())
            .unwrap_or_default();
        if self
            .if_match
            .as_ref()
            .is_some_and(|tags| !tags.has_strongly(tag))
        {
            Judgement::Failed
        } else if self
            .if_none_match
            .as_ref()
            .is_some_and(|tags| tags.has_weakly(tag))
        {
            Judgement::NotModified
        } else {
            Judgement::Pass
        }
    }
}

impl Tags {
    /// `None` if the header is absent; `*` counts as a tag.
    fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, MalformedTags> {
        let mut lines = Vec::new();
        for line in headers.get_all(name) {
            lines.push(line.to_str().map_err(|_| MalformedTags)?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let list = match *lines {
            [line] => Cow::Borrowed(line),
            _ => Cow::Owned(lines.join(",")),
        };
        if list.len() > MAX_LIST_BYTES {
            return Err(MalformedTags);
        }
        if list.trim_matches([' ', '\t']) == "*" {
            return Ok(Some(Self(vec!["*".to_owned()])));
        }
        Self::parse(&list).map(Some)
    }

    fn parse(list: &str) -> Result<Self, MalformedTags> {
        let mut tags = Vec::new();
        let mut rest = list;
        loop {
            // Empty elements do not count (section 5.6.1.2).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let end = entity_tag_length(rest).ok_or(MalformedTags)?;
            tags.push(rest[..end].to_owned());
            rest = rest[end..].trim_start_matches([' ', '\t']);
            if !(rest.is_empty() || rest.starts_with(',')) {
                return Err(MalformedTags);
            }
        }
        if tags.is_empty() {
            Err(MalformedTags)
        } else {
            Ok(Self(tags))
        }
    }

    /// The strong comparison of section 8.8.3.2.
    fn has_strongly(&self, tag: &str) -> bool {
        self.0
            .iter()
            .any(|other| other == tag && other.starts_with('"'))
    }

    fn has_weakly(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        self.0.iter().any(|other| opaque(other) == opaque(tag))
    }
}

/// The length of the entity tag at the beginning of `text` (section 8.8.3). Tags with bytes outside ASCII
/// are refused: no S3 makes them, and no two servers agree on them.
pub(super) fn entity_tag_length(text: &str) -> Option<usize> {
    let start = if text.starts_with("W/\"") { 3 } else { 1 };
    if start == 1 && !text.starts_with('"') {
        return None;
    }
    let end = start + text[start..].find('"')?;
    text[start..end]
        .bytes()
        .all(|byte| byte.is_ascii_graphic())
        .then_some(end + 1)
}

/// The only date of a header, in the preferred spelling. Obsolete forms are accepted (section 5.6.7).
pub(super) fn http_date(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let value = only_value(headers, name)?;
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    HeaderValue::try_from(httpdate::fmt_http_date(date)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(HeaderName, &'static str)]) -> Result<Conditionals, MalformedTags> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Conditionals::read(&map)
    }

    #[test]
    fn tags_and_dates_are_sent_in_one_spelling() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (name, given, sent) in [
            (IF_NONE_MATCH, "\"v1\"", Some("\"v1\"")),
            (IF_NONE_MATCH, "\t\"v1\" ,", Some("\"v1\"")),
            (IF_MATCH, " W/\"v1\"", Some("W/\"v1\"")),
            (IF_MATCH, "\"\"", Some("\"\"")),
            (IF_MATCH, "*", Some("*")),
            (IF_MATCH, "\"a,b\"", Some("\"a,b\"")),
            (IF_MODIFIED_SINCE, date, Some(date)),
            (
                IF_UNMODIFIED_SINCE,
                "Sunday, 06-Nov-94 08:49:37 GMT",
                Some(date),
            ),
            (IF_UNMODIFIED_SINCE, "Sun Nov  6 08:49:37 1994", Some(date)),
            (IF_MODIFIED_SINCE, "yesterday", None),
            (IF_MODIFIED_SINCE, "", None),
            (IF_UNMODIFIED_SINCE, "0", None),
        ] {
            let conditionals = read(&[(name.clone(), given)]).unwrap();
            let value = conditionals
                .sent()
                .get(&name)
                .map(|value| value.to_str().unwrap());
            assert_eq!(value, sent, "{name}: {given:?}");
            assert_eq!(conditionals.judge(&HeaderMap::new()), Judgement::Pass);
        }
        let twice = read(&[(IF_MODIFIED_SINCE, date), (IF_MODIFIED_SINCE, date)]).unwrap();
        assert_eq!(twice, Conditionals::default());
    }

    #[test]
    fn malformed_lists_of_tags_are_refused() {
        let long = format!("\"{}\"", "x".repeat(MAX_LIST_BYTES));
        for given in [
            "",
            ",",
            "v1",
            "\"",
            "\"v1",
            "v1\"",
            "\"a\" \"b\"",
            "\"a\"b",
            "W/v1",
            "w/\"v1\"",
            "*, \"v1\"",
            "**",
            "\"a b\"",
            "\"a\tb\"",
            "\"é\"",
            &long,
        ] {
            for name in [IF_MATCH, IF_NONE_MATCH] {
                let mut map = HeaderMap::new();
                map.insert(&name, HeaderValue::from_bytes(given.as_bytes()).unwrap());
                assert_eq!(
                    Conditionals::read(&map),
                    Err(MalformedTags),
                    "{name}: {given:?}"
                );
            }
        }
        assert!(read(&[(IF_MATCH, "\"a\""), (IF_MATCH, "b")]).is_err());
    }

    #[test]
    fn a_date_beside_tags_is_ignored() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let read = read(&[
            (IF_MATCH, "\"a\""),
            (IF_UNMODIFIED_SINCE, date),
            (IF_NONE_MATCH, "\"b\", \"c\""),
            (IF_MODIFIED_SINCE, date),
        ]);
        let read = read.unwrap();
        assert_eq!(read.sent().keys().collect::<Vec<_>>(), [IF_MATCH]);
        assert!(read.if_none_match.is_some());
    }

    #[test]
    fn several_tags_are_judged_by_the_answer() {
        use Judgement::{Failed, NotModified, Pass};
        for (name, list, etag, judgement) in [
            (IF_NONE_MATCH, "\"a\", \"b\"", "\"b\"", NotModified),
            (IF_NONE_MATCH, "\"a\", W/\"b\"", "\"b\"", NotModified),
            (IF_NONE_MATCH, "\"a\", \"b\"", "W/\"b\"", NotModified),
            (IF_NONE_MATCH, "\"a\", \"b\"", "\"c\"", Pass),
            (IF_NONE_MATCH, "\"a\", \"b\"", "", Pass),
            (IF_MATCH, "\"a\", \"b\"", "\"b\"", Pass),
            (IF_MATCH, "\"a\", W/\"b\"", "\"b\"", Failed),
            (IF_MATCH, "\"a\", W/\"b\"", "W/\"b\"", Failed),
            (IF_MATCH, "\"a\", \"b\"", "\"c\"", Failed),
            (IF_MATCH, "\"a\", \"b\"", "", Failed),
        ] {
            let conditionals = read(&[(name.clone(), list)]).unwrap();
            assert!(conditionals.sent().is_empty(), "{name}: {list}");
            let mut object = HeaderMap::new();
            if !etag.is_empty() {
                object.insert(ETAG, HeaderValue::from_static(etag));
            }
            assert_eq!(
                conditionals.judge(&object),
                judgement,
                "{name}: {list} for {etag}"
            );
        }
        let lines = read(&[(IF_MATCH, "\"a\""), (IF_MATCH, "\"b\"")]).unwrap();
        assert!(lines.if_match.is_some(), "two lines are one list");
    }
}
