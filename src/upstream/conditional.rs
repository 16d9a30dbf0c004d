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

/// The judgement of S3's answer by the lists that S3 was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Pass,
    NotModified,
    Failed,
}

/// An empty list is a malformed one, which no object has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tags(Vec<String>);

impl Conditionals {
    /// Reads the preconditions. A malformed date is ignored (sections 13.1.3 and 13.1.4), and so is a malformed
    /// list in `If-None-Match`: the client then gets the object. One in `If-Match` fails, since the client
    /// insists on a version.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut read = Self::default();
        let list = Tags::read(headers, &IF_MATCH);
        read.if_match = read.take(list, headers, IF_MATCH, IF_UNMODIFIED_SINCE);
        let list = Tags::read(headers, &IF_NONE_MATCH).filter(|list| !list.0.is_empty());
        read.if_none_match = read.take(list, headers, IF_NONE_MATCH, IF_MODIFIED_SINCE);
        read
    }

    /// Takes one list of tags, or the date if there is no list. A list of one tag is added to the headers to
    /// send, any other is returned.
    fn take(
        &mut self,
        list: Option<Tags>,
        headers: &HeaderMap,
        tags: HeaderName,
        date: HeaderName,
    ) -> Option<Tags> {
        let Some(list) = list else {
            if let Some(date_value) = http_date(headers, &date) {
                self.sent.insert(date, date_value);
            }
            return None;
        };
        let only = match &*list.0 {
            [only] => HeaderValue::try_from(only).ok(),
            _ => None,
        };
        let Some(only) = only else {
            return Some(list);
        };
        self.sent.insert(tags, only);
        None
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
        let tag = object.get(ETAG).and_then(entity_tag);
        let tag = tag.as_deref().unwrap_or_default();
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
    fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let lines = headers.get_all(name).iter().map(HeaderValue::to_str);
        let lines: Result<Vec<_>, _> = lines.collect();
        let list = match lines.as_deref() {
            Ok([]) => return None,
            Ok([line]) => Cow::Borrowed(*line),
            Ok(lines) => Cow::Owned(lines.join(",")),
            Err(_) => return Some(Self::default()),
        };
        if list.len() > MAX_LIST_BYTES {
            return Some(Self::default());
        }
        if list.trim_matches([' ', '\t']) == "*" {
            return Some(Self(vec!["*".to_owned()]));
        }
        Some(Self::parse(&list).unwrap_or_default())
    }

    fn parse(list: &str) -> Option<Self> {
        let mut tags = Vec::new();
        let mut rest = list;
        loop {
            // Empty elements do not count (section 5.6.1.2).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let end = if let Some(end) = entity_tag_length(rest) {
                tags.push(rest[..end].to_owned());
                end
            } else {
                let end = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
                tags.push(quoted(&rest[..end])?);
                end
            };
            rest = rest[end..].trim_start_matches([' ', '\t']);
            if !(rest.is_empty() || rest.starts_with(',')) {
                return None;
            }
        }
        (!tags.is_empty()).then_some(Self(tags))
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

/// The entity tag that is the whole value. Some stores leave the quotes out, and clients send what they got:
/// such a text counts as the opaque part of a strong tag.
pub(crate) fn entity_tag(value: &HeaderValue) -> Option<Cow<'_, str>> {
    let text = value.to_str().ok()?;
    match entity_tag_length(text) {
        Some(length) => (length == text.len()).then_some(Cow::Borrowed(text)),
        None => quoted(text).map(Cow::Owned),
    }
}

fn quoted(bare: &str) -> Option<String> {
    let is_opaque = bare
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'"');
    (is_opaque && !matches!(bare, "" | "*")).then(|| format!("\"{bare}\""))
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

    fn read(headers: &[(HeaderName, &'static str)]) -> Conditionals {
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
            (IF_NONE_MATCH, "v1", Some("\"v1\"")),
            (IF_NONE_MATCH, " v1-2 ,", Some("\"v1-2\"")),
            (IF_MATCH, "W/v1", Some("\"W/v1\"")),
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
            let conditionals = read(&[(name.clone(), given)]);
            let value = conditionals
                .sent()
                .get(&name)
                .map(|value| value.to_str().unwrap());
            assert_eq!(value, sent, "{name}: {given:?}");
            assert_eq!(conditionals.judge(&HeaderMap::new()), Judgement::Pass);
        }
        let twice = read(&[(IF_MODIFIED_SINCE, date), (IF_MODIFIED_SINCE, date)]);
        assert_eq!(twice, Conditionals::default());
    }

    #[test]
    fn malformed_lists_match_nothing_and_are_not_sent() {
        let long = format!("\"{}\"", "x".repeat(MAX_LIST_BYTES));
        for given in [
            "",
            ",",
            "\"",
            "\"v1",
            "v1\"",
            "\"a\" \"b\"",
            "\"a\"b",
            "w/\"v1\"",
            "*, \"v1\"",
            "\"a b\"",
            "\"a\tb\"",
            "\"é\"",
            &long,
        ] {
            for (name, judgement) in [
                (IF_MATCH, Judgement::Failed),
                (IF_NONE_MATCH, Judgement::Pass),
            ] {
                let mut map = HeaderMap::new();
                map.insert(&name, HeaderValue::from_bytes(given.as_bytes()).unwrap());
                let conditionals = Conditionals::read(&map);
                assert!(conditionals.sent().is_empty(), "{name}: {given:?}");
                let mut object = HeaderMap::new();
                object.insert(ETAG, HeaderValue::from_static("\"v1\""));
                assert_eq!(conditionals.judge(&object), judgement, "{name}: {given:?}");
            }
        }
        // The date counts if the list does not.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let dated = read(&[(IF_NONE_MATCH, "\""), (IF_MODIFIED_SINCE, date)]);
        assert_eq!(dated.sent()[IF_MODIFIED_SINCE], date);
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
            (IF_MATCH, "\"a\", b", "b", Pass),
            (IF_NONE_MATCH, "a, b", "\"b\"", NotModified),
            (IF_NONE_MATCH, "a, b", "c", Pass),
        ] {
            let conditionals = read(&[(name.clone(), list)]);
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
        let lines = read(&[(IF_MATCH, "\"a\""), (IF_MATCH, "\"b\"")]);
        assert!(lines.if_match.is_some(), "two lines are one list");
    }
}
