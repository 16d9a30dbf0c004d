//! `Range`, `If-Range` and the other preconditions against slow twins: a reader of ranges, a state
//! machine for lists of entity tags, and a calendar that counts days.
#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::Arbitrary;
use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::{conditionals, range};

fuzz_target!(|input: Input<'_>| {
    let Some((headers, etag)) = input.headers() else {
        return;
    };
    check_range(&input.method(), &headers);
    check_conditionals(&headers, &etag);
});

const NAMES: [HeaderName; 6] = [
    RANGE,
    IF_RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    is_head: bool,
    etag: &'a [u8],
    lines: Vec<(u8, Value<'a>)>,
}

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Bytes(&'a [u8]),
    /// A date, which random bytes would seldom be.
    Date {
        day: u32,
        second: u32,
        form: u8,
    },
}

impl Input<'_> {
    fn method(&self) -> Method {
        if self.is_head {
            Method::HEAD
        } else {
            Method::GET
        }
    }

    fn headers(&self) -> Option<(HeaderMap, HeaderValue)> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.lines {
            let value = match *value {
                Value::Bytes(bytes) => HeaderValue::from_bytes(bytes).ok()?,
                Value::Date { day, second, form } => date(day, second, form),
            };
            headers.append(&NAMES[usize::from(*name) % NAMES.len()], value);
        }
        Some((headers, HeaderValue::from_bytes(self.etag).ok()?))
    }
}

fn check_range(method: &Method, headers: &HeaderMap) {
    let (sent, preconditions) = range(method, headers);
    let expected = expected_range(method, headers);
    let Some((span, expected_preconditions)) = expected else {
        assert_eq!(sent, None);
        assert!(preconditions.is_empty());
        return;
    };
    let sent = sent.expect("a range is sent");
    assert_eq!(preconditions, expected_preconditions);

    let sent_span = Span::read(sent.as_bytes()).expect("what is sent is a range");
    assert_eq!(sent, sent_span.spelled());
    for number in sent_span.numbers() {
        assert!(number <= MAX_POSITION, "{sent:?}");
    }
    let numbers = span.numbers().into_iter().chain(sent_span.numbers());
    for number in numbers.chain([0, 100, MAX_POSITION]) {
        for length in number.saturating_sub(2)..=number.saturating_add(2) {
            let length = length.min(MAX_POSITION);
            assert_eq!(sent_span.of(length), span.of(length), "{sent:?}");
        }
    }

    // Parsing the value that was sent gives the same value.
    let mut again = HeaderMap::new();
    again.insert(RANGE, sent.clone());
    for value in preconditions.values() {
        assert_printable(value);
        again.insert(IF_RANGE, value.clone());
    }
    assert_eq!(range(method, &again), (Some(sent), preconditions));
}

/// The largest length that S3 stores can represent.
const MAX_POSITION: u128 = i64::MAX as u128;

/// The range to send, and the precondition.
fn expected_range(method: &Method, headers: &HeaderMap) -> Option<(Span, HeaderMap)> {
    let [line] = lines(headers, &RANGE)[..] else {
        return None;
    };
    let span = Span::read(line.as_bytes())?;
    let begins_too_late =
        matches!(span, Span::From(first) | Span::Between(first, _) if first >= MAX_POSITION);
    if method != Method::GET || begins_too_late {
        return None;
    }
    let mut preconditions = HeaderMap::new();
    match lines(headers, &IF_RANGE)[..] {
        [] => {}
        [_] if headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE) => {
            return None;
        }
        [line] => match (Tag::of_object(line.as_bytes()), instant(line)) {
            (Some(tag), None) if !tag.is_weak => {
                preconditions.insert(IF_MATCH, spelled(&[tag]));
            }
            (None, Some(second)) => {
                preconditions.insert(IF_UNMODIFIED_SINCE, imf_fixdate(second));
            }
            (Some(_), Some(_)) => panic!("{line:?} is a tag and a date"),
            _ => return None,
        },
        _ => return None,
    }
    Some((span, preconditions))
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a HeaderValue> {
    headers.get_all(name).iter().collect()
}

fn assert_printable(value: &HeaderValue) {
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    assert!(value.as_bytes().iter().all(is_printable), "{value:?}");
}

/// One range of bytes (RFC 9110 section 14.1.2).
#[derive(Debug, PartialEq)]
enum Span {
    From(u128),
    Between(u128, u128),
    Last(u128),
}

impl Span {
    fn read(line: &[u8]) -> Option<Self> {
        let (unit, mut rest) = line.split_at_checked("bytes=".len())?;
        if !unit.eq_ignore_ascii_case(b"bytes=") {
            return None;
        }
        let first = digits(&mut rest);
        rest = rest.strip_prefix(b"-")?;
        let last = digits(&mut rest);
        match (first, last) {
            _ if !rest.is_empty() => None,
            (None, None) => None,
            (None, Some(length)) => Some(Self::Last(length)),
            (Some(first), None) => Some(Self::From(first)),
            (Some(first), Some(last)) => (first <= last).then_some(Self::Between(first, last)),
        }
    }

    fn numbers(&self) -> Vec<u128> {
        match *self {
            Self::From(number) | Self::Last(number) => vec![number],
            Self::Between(first, last) => vec![first, last],
        }
    }

    fn spelled(&self) -> String {
        match self {
            Self::From(first) => format!("bytes={first}-"),
            Self::Between(first, last) => format!("bytes={first}-{last}"),
            Self::Last(length) => format!("bytes=-{length}"),
        }
    }

    /// The first and the last byte that the range selects from an object of this length.
    fn of(&self, length: u128) -> Option<(u128, u128)> {
        let end = length.checked_sub(1)?;
        let (first, last) = match *self {
            Self::From(first) => (first, end),
            Self::Between(first, last) => (first, last.min(end)),
            Self::Last(length_asked) => (length.saturating_sub(length_asked), end),
        };
        (first <= last).then_some((first, last))
    }
}

/// The number at the start of `rest`. All numbers beyond any length are equal.
fn digits(rest: &mut &[u8]) -> Option<u128> {
    let mut number = None;
    while let [digit @ b'0'..=b'9', after @ ..] = *rest {
        let more = number.unwrap_or(0_u128).saturating_mul(10);
        number = Some(more.saturating_add(u128::from(digit - b'0')));
        *rest = after;
    }
    number
}

fn check_conditionals(headers: &HeaderMap, etag: &HeaderValue) {
    let read = conditionals(headers, etag);
    let mut expected = HeaderMap::new();
    let if_match = expect(headers, IF_MATCH, IF_UNMODIFIED_SINCE, &mut expected);
    let if_none_match = expect(headers, IF_NONE_MATCH, IF_MODIFIED_SINCE, &mut expected);
    let (sent, status) = read;
    assert_eq!(sent, expected);
    sent.values().for_each(assert_printable);
    assert_eq!(conditionals(&sent, etag), (sent, 200));

    let object = Tag::of_object(etag.as_bytes());
    let has = |tags: Vec<Tag>, same: fn(&Tag, &Tag) -> bool| {
        let object = object.as_ref();
        object.is_some_and(|object| tags.iter().any(|tag| same(tag, object)))
    };
    let is_other = if_match.is_some_and(|tags| !has(tags, Tag::is_strongly));
    let is_known = if_none_match.is_some_and(|tags| has(tags, Tag::is_weakly));
    let expected_status = match (is_other, is_known) {
        (true, _) => 412,
        (false, true) => 304,
        (false, false) => 200,
    };
    assert_eq!(status, expected_status);
}

/// Adds the header that is sent for one list or its date, and returns a list of several tags.
fn expect(
    headers: &HeaderMap,
    name: HeaderName,
    date_name: HeaderName,
    expected: &mut HeaderMap,
) -> Option<Vec<Tag>> {
    let sent = match List::read(&lines(headers, &name)) {
        List::Malformed if name == IF_MATCH => return Some(Vec::new()),
        List::Tags(tags) if tags.len() > 1 => return Some(tags),
        List::Tags(tags) => Some((name, spelled(&tags))),
        List::Any => Some((name, HeaderValue::from_static("*"))),
        List::Absent | List::Malformed => match lines(headers, &date_name)[..] {
            [line] => instant(line).map(|second| (date_name, imf_fixdate(second))),
            _ => None,
        },
    };
    expected.extend(sent.map(|(name, value)| (Some(name), value)));
    None
}

/// An entity tag (RFC 9110 section 8.8.3).
#[derive(Debug, Default)]
struct Tag {
    is_weak: bool,
    opaque: Vec<u8>,
}

impl Tag {
    /// One tag, and nothing around it.
    fn read(line: &[u8]) -> Option<Self> {
        let value = HeaderValue::from_bytes(line).ok()?;
        match List::read(&[&value]) {
            List::Tags(mut tags) if spelled(&tags) == value => tags.pop(),
            _ => None,
        }
    }

    /// The tag of an object, or the text of one whose store leaves the quotes out.
    fn of_object(value: &[u8]) -> Option<Self> {
        let is_opaque = |byte: &u8| (b'!'..=b'~').contains(byte) && *byte != b'"';
        if value != b"*" && !value.is_empty() && value.iter().all(is_opaque) {
            return Some(Self {
                is_weak: false,
                opaque: value.to_vec(),
            });
        }
        Self::read(value)
    }

    /// Section 8.8.3.2.
    fn is_strongly(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    fn is_weakly(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

/// Joined without separators: only a list of one matters.
fn spelled(tags: &[Tag]) -> HeaderValue {
    let mut text = Vec::new();
    for tag in tags {
        if tag.is_weak {
            text.extend(b"W/");
        }
        text.extend([b"\"", &tag.opaque[..], b"\""].concat());
    }
    HeaderValue::from_bytes(&text).expect("a value")
}

enum List {
    Absent,
    Any,
    Tags(Vec<Tag>),
    Malformed,
}

enum State {
    Before,
    Weak,
    WeakSlash,
    Inside,
    /// In a tag without quotes.
    Bare,
    After,
}

impl State {
    fn is_bare(&self) -> bool {
        matches!(self, Self::Bare | Self::Weak | Self::WeakSlash)
    }

    /// Adds what looked like the beginning of a weak tag.
    fn begin(&self, tag: &mut Tag) {
        tag.opaque.extend(match self {
            Self::Weak => &b"W"[..],
            Self::WeakSlash => b"W/",
            _ => b"",
        });
    }
}

impl List {
    /// Several field lines are one, joined by commas (section 5.2).
    fn read(lines: &[&HeaderValue]) -> Self {
        let bytes: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let bytes = bytes.join(&b',');
        if lines.is_empty() {
            return Self::Absent;
        }
        if bytes.len() > 4096 {
            return Self::Malformed;
        }
        let dense = bytes.iter().filter(|byte| !b" \t".contains(byte));
        if dense.eq(b"*") {
            return Self::Any;
        }
        let mut tags = Vec::new();
        let mut tag = Tag::default();
        let mut state = State::Before;
        for byte in bytes {
            state = match (state, byte) {
                (State::Before, b' ' | b'\t' | b',') => State::Before,
                (State::Before, b'W') => State::Weak,
                (State::Weak, b'/') => State::WeakSlash,
                (State::WeakSlash, b'"') => {
                    tag.is_weak = true;
                    State::Inside
                }
                (State::Before, b'"') => State::Inside,
                (state, b' ' | b'\t' | b',') if state.is_bare() => {
                    state.begin(&mut tag);
                    if tag.opaque == b"*" {
                        return Self::Malformed;
                    }
                    tags.push(std::mem::take(&mut tag));
                    if byte == b',' {
                        State::Before
                    } else {
                        State::After
                    }
                }
                (
                    state @ (State::Before | State::Bare | State::Weak | State::WeakSlash),
                    b'!'..=b'~',
                ) if byte != b'"' => {
                    state.begin(&mut tag);
                    tag.opaque.push(byte);
                    State::Bare
                }
                (State::Inside, b'"') => {
                    tags.push(std::mem::take(&mut tag));
                    State::After
                }
                (State::Inside, b'!'..=b'~') => {
                    tag.opaque.push(byte);
                    State::Inside
                }
                (State::After, b' ' | b'\t') => State::After,
                (State::After, b',') => State::Before,
                _ => return Self::Malformed,
            };
        }
        if state.is_bare() {
            state.begin(&mut tag);
            if tag.opaque == b"*" {
                return Self::Malformed;
            }
            tags.push(tag);
            state = State::After;
        }
        match state {
            State::Before | State::After if !tags.is_empty() => Self::Tags(tags),
            _ => Self::Malformed,
        }
    }
}

/// Seconds since 1970, if the value is a date.
fn instant(value: &HeaderValue) -> Option<u64> {
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    let since_epoch = date.duration_since(SystemTime::UNIX_EPOCH);
    Some(since_epoch.expect("no date is before 1970").as_secs())
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The first day of 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// A date before the year 10000 in one of the three forms of RFC 9110 section 5.6.7; the one with a
/// year of two digits means 1970 to 2069.
fn date(day: u32, second: u32, form: u8) -> HeaderValue {
    let days = if form % 3 == 1 { 36_525 } else { 2_932_897 };
    let instant = u64::from(day % days) * 86_400 + u64::from(second % 86_400);
    let Moment {
        weekday,
        year,
        month,
        day,
        time,
    } = Moment::of(instant);
    let text = match form % 3 {
        0 => return imf_fixdate(instant),
        1 => format!("{weekday}, {day:02}-{month}-{:02} {time} GMT", year % 100),
        _ => format!("{} {month} {day:2} {time} {year}", &weekday[..3]),
    };
    let read = httpdate::parse_http_date(&text).expect("a date");
    assert_eq!(
        read,
        SystemTime::UNIX_EPOCH + Duration::from_secs(instant),
        "{text}"
    );
    HeaderValue::try_from(text).expect("a value")
}

fn imf_fixdate(instant: u64) -> HeaderValue {
    let Moment {
        weekday,
        year,
        month,
        day,
        time,
    } = Moment::of(instant);
    let text = format!("{}, {day:02} {month} {year:04} {time} GMT", &weekday[..3]);
    HeaderValue::try_from(text).expect("a value")
}

struct Moment {
    weekday: &'static str,
    year: u64,
    month: &'static str,
    day: u64,
    time: String,
}

impl Moment {
    fn of(instant: u64) -> Self {
        let (days, seconds) = (instant / 86_400, instant % 86_400);
        let (mut year, mut month, mut day) = (1970, 0, days);
        while day >= days_of_year(year) {
            day -= days_of_year(year);
            year += 1;
        }
        while day >= days_of_month(year, month) {
            day -= days_of_month(year, month);
            month += 1;
        }
        let (hour, minute) = (seconds / 3600, seconds / 60 % 60);
        Self {
            weekday: WEEKDAYS[days as usize % 7],
            year,
            month: MONTHS[month],
            day: day + 1,
            time: format!("{hour:02}:{minute:02}:{:02}", seconds % 60),
        }
    }
}

fn days_of_year(year: u64) -> u64 {
    (0..12).map(|month| days_of_month(year, month)).sum()
}

fn days_of_month(year: u64, month: usize) -> u64 {
    match month {
        1 if year.is_multiple_of(400) => 29,
        1 if year.is_multiple_of(4) && !year.is_multiple_of(100) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}
