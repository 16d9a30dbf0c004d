//! How an answer of S3 becomes the answer to a client, as the docs of `S3Proxy` say it.

use http::header::{CACHE_CONTROL, HeaderName, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

/// What an error document says.
#[derive(Debug, Default)]
pub struct Reason {
    code: Option<String>,
    size: Option<u64>,
    region: Option<String>,
}

impl Reason {
    /// Takes the first of each kind that is well formed.
    pub fn read(&mut self, name: &str, value: &str) {
        match name {
            "Code" if self.code.is_none() => self.code = word(value, '.'),
            "ActualObjectSize" if self.size.is_none() => self.size = number(value),
            "Region" if self.region.is_none() => self.region = word(value, '-'),
            _ => {}
        }
    }
}

fn word(text: &str, also: char) -> Option<String> {
    let mut length = 0;
    for c in text.chars() {
        length += 1;
        let is_good = matches!(c, '0'..='9' | 'a'..='z' | 'A'..='Z') || c == also;
        if !is_good || length > 64 {
            return None;
        }
    }
    (length > 0).then(|| text.to_owned())
}

fn number(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for c in text.chars() {
        number = number
            .checked_mul(10)?
            .checked_add(c.to_digit(10)?.into())?;
    }
    (!text.is_empty()).then_some(number)
}

pub struct Model<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub reason: Option<&'a Reason>,
    pub is_head: bool,
    pub is_folder: bool,
    pub may_list: bool,
    /// Whether neither a range nor a precondition was asked for.
    pub is_plain: bool,
    pub now: u64,
}

pub enum Expected<'a> {
    Object,
    /// The answer is one to another request.
    Misfit,
    Status(u16),
    Range(Option<u64>),
    Error {
        status: u16,
        code: Option<&'a str>,
        region: Option<&'a str>,
        skew: Option<i64>,
        wait: Option<u64>,
    },
}

impl<'a> Model<'a> {
    pub fn is_object(&self) -> bool {
        matches!(self.status.as_u16(), 200 | 206 | 304)
    }

    pub fn expected(&self) -> Expected<'a> {
        let status = self.status.as_u16();
        let size = self.reason.and_then(|reason| reason.size);
        let of_marker = Expected::Status(404);
        if matches!(status, 200 | 206 | 304 | 412 | 416) && self.fits().is_none() {
            return Expected::Misfit;
        }
        // Whether it is a folder's marker is asked by a HEAD without a precondition, which it does not fit.
        if self.is_folder && matches!(status, 304 | 412) {
            return Expected::Misfit;
        }
        match status {
            _ if self.is_folder && self.is_object() && self.length() == Some(0) => of_marker,
            200 | 206 | 304 => Expected::Object,
            412 => Expected::Status(412),
            416 => {
                // The answer to a HEAD has no document.
                let size = size.filter(|_| !self.is_head);
                let length = self.unsatisfied().or(size);
                match length {
                    Some(0) if self.is_folder => of_marker,
                    None if self.is_folder => Expected::Misfit,
                    length => Expected::Range(length),
                }
            }
            405 if self.text("x-amz-delete-marker").is_some() || self.has_marker() => {
                Expected::Status(404)
            }
            404 if matches!(self.code(), Some("NoSuchKey" | "NoSuchVersion")) => {
                Expected::Status(404)
            }
            _ if self.is_denied() && !self.may_list => Expected::Status(404),
            _ => self.error(),
        }
    }

    fn error(&self) -> Expected<'a> {
        let region = self.region();
        let status = match self.status.as_u16() {
            _ if region.is_some() => 502,
            503 => 503,
            _ => 502,
        };
        let asked = self.text("retry-after").and_then(number);
        let asked = asked.filter(|&seconds| seconds <= u32::MAX.into());
        Expected::Error {
            status,
            code: self.code(),
            region,
            skew: self.skew(),
            wait: (status == 503).then(|| asked.unwrap_or(1).min(60)),
        }
    }

    /// `Some` if the answer is one to the request that was sent.
    fn fits(&self) -> Option<()> {
        let require = |holds: bool| holds.then_some(());
        match self.status.as_u16() {
            // A HEAD asks for no range.
            206 | 416 => require(!self.is_plain && !self.is_head)?,
            304 | 412 => require(!self.is_plain)?,
            _ => {}
        }
        if matches!(self.status.as_u16(), 412 | 416) {
            return Some(());
        }
        let lengths: Vec<_> = self.headers.get_all("content-length").iter().collect();
        let length = match lengths[..] {
            [] => None,
            [length] => Some(number(length.to_str().ok()?)?),
            _ => return None,
        };
        if self.status == 304 {
            return Some(());
        }
        let is_named = ["etag", "x-amz-request-id"]
            .iter()
            .any(|it| self.headers.contains_key(*it));
        require(is_named)?;
        if self.status == 206 {
            let range = self.range_length()?;
            require(length.is_none_or(|length| length == range))?;
        }
        Some(())
    }

    /// The length of the range in a 206, which must be that of `bytes=0-1`.
    fn range_length(&self) -> Option<u64> {
        let rest = self.text("content-range")?.strip_prefix("bytes ")?;
        let mut numbers = rest.splitn(2, '-');
        let first = number(numbers.next()?)?;
        let mut numbers = numbers.next()?.splitn(2, '/');
        let (last, length) = (number(numbers.next()?)?, number(numbers.next()?)?);
        (first == 0 && last < length && last == 1.min(length - 1)).then_some(last + 1)
    }

    /// How many bytes of an object follow.
    pub fn announced(&self) -> Option<u64> {
        match self.status.as_u16() {
            200 => number(self.text("content-length")?),
            206 => self.range_length(),
            _ => None,
        }
    }

    fn has_marker(&self) -> bool {
        self.headers.contains_key("x-amz-delete-marker")
    }

    /// A server error of a HEAD is not looked into.
    fn code(&self) -> Option<&'a str> {
        if self.is_head && self.status.is_server_error() {
            return None;
        }
        self.reason?.code.as_deref()
    }

    fn is_denied(&self) -> bool {
        self.status == 403 && self.code() == Some("AccessDenied")
    }

    fn region(&self) -> Option<&'a str> {
        if ![301, 307, 400].contains(&self.status.as_u16()) {
            return None;
        }
        let named = self.text("x-amz-bucket-region");
        let named = named.filter(|name| word(name, '-').is_some());
        let region = named.or_else(|| self.reason?.region.as_deref());
        region.filter(|region| *region != "eu-west-1")
    }

    fn skew(&self) -> Option<i64> {
        if self.code() != Some("RequestTimeTooSkewed") {
            return None;
        }
        let there = httpdate::parse_http_date(self.text("date")?).ok()?;
        let there = there.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        Some(self.now as i64 - there as i64)
    }

    /// The first value, if it is text.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The length of the whole object.
    fn length(&self) -> Option<u64> {
        match self.status.as_u16() {
            200 => number(self.text("content-length")?),
            206 => {
                let range = self.text("content-range")?;
                number(&range[range.rfind('/')? + 1..])
            }
            _ => None,
        }
    }

    fn unsatisfied(&self) -> Option<u64> {
        number(self.text("content-range")?.strip_prefix("bytes */")?)
    }
}

const PASS: [&str; 11] = [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
];

/// The headers that pass, and those that are added.
pub fn passed(from: &HeaderMap, status: StatusCode, is_authorised: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in from {
        let describes_body = matches!(
            name.as_str(),
            "content-disposition" | "content-length" | "content-range" | "content-type"
        );
        if PASS.contains(&name.as_str()) && !(describes_body && status == 304) {
            headers.append(name, value.clone());
        }
    }
    if let Some(first) = from.get("etag") {
        let is_opaque = |text: &[u8]| {
            text.iter()
                .all(|byte| (b'!'..=b'~').contains(byte) && *byte != b'"')
        };
        let text = first.as_bytes();
        let unprefixed = text.strip_prefix(b"W/").unwrap_or(text);
        let is_tag = match unprefixed {
            [b'"', inside @ .., b'"'] => is_opaque(inside),
            _ => false,
        };
        if !is_tag {
            headers.remove("etag");
            if is_opaque(text) && !text.is_empty() && text != b"*" {
                let quoted = [b"\"", text, b"\""].concat();
                let quoted = HeaderValue::from_bytes(&quoted).expect("of a value");
                headers.insert("etag", quoted);
            }
        }
    }
    let codings: Vec<_> = from.get_all("content-encoding").iter().collect();
    let codings: Vec<_> = codings
        .iter()
        .map(|line| line.as_bytes().to_vec())
        .collect();
    let codings = codings.join(&b',');
    let mut left = Vec::new();
    let mut found = false;
    for coding in codings.split(|byte| *byte == b',') {
        let coding = coding.trim_ascii();
        if coding.to_ascii_lowercase() == b"aws-chunked" {
            found = true;
        } else if !coding.is_empty() {
            left.push(coding.to_vec());
        }
    }
    if found {
        headers.remove("content-encoding");
        if !left.is_empty() {
            let left = HeaderValue::from_bytes(&left.join(&b", "[..])).expect("of values");
            headers.insert("content-encoding", left);
        }
    }
    let nosniff = HeaderName::from_static("x-content-type-options");
    headers.insert(nosniff, HeaderValue::from_static("nosniff"));
    if is_authorised {
        let stored = from.get_all(CACHE_CONTROL).iter();
        let stored: Vec<_> = stored.map(|value| value.as_bytes()).collect();
        let expires = from.contains_key("expires");
        headers.insert(CACHE_CONTROL, private(&stored.join(&b','), expires));
        headers.insert(VARY, HeaderValue::from_static("Authorization, Cookie"));
    }
    headers
}

/// The directives without those that let a shared cache keep the answer.
fn private(stored: &[u8], mut is_dated: bool) -> HeaderValue {
    let mut kept = b"private".to_vec();
    for directive in directives(stored) {
        let name: Vec<u8> = directive
            .iter()
            .copied()
            .take_while(|&byte| byte != b'=')
            .collect();
        let name = name.trim_ascii().to_ascii_lowercase();
        is_dated |= matches!(
            &*name,
            b"max-age" | b"immutable" | b"no-cache" | b"must-revalidate"
        ) && directive.is_ascii();
        match &*name {
            b"no-store" => return HeaderValue::from_static("no-store"),
            b"public" | b"private" | b"s-maxage" | b"proxy-revalidate" => {}
            _ if !directive.is_ascii() => {}
            _ => {
                kept.extend(b", ");
                kept.extend(directive);
            }
        }
    }
    if !is_dated {
        kept.extend(b", no-cache");
    }
    HeaderValue::from_bytes(&kept).expect("of values")
}

/// One byte after the other: a comma within quotes separates nothing.
fn directives(stored: &[u8]) -> Vec<Vec<u8>> {
    let (mut all, mut directive) = (Vec::new(), Vec::new());
    let (mut is_quoted, mut is_escaped) = (false, false);
    for &byte in stored {
        if is_escaped {
            is_escaped = false;
        } else if is_quoted && byte == b'\\' {
            is_escaped = true;
        } else if byte == b'"' {
            is_quoted = !is_quoted;
        } else if byte == b',' && !is_quoted {
            all.push(std::mem::take(&mut directive));
            continue;
        }
        directive.push(byte);
    }
    all.push(directive);
    all.retain_mut(|directive| {
        *directive = directive.trim_ascii().to_vec();
        !directive.is_empty()
    });
    all
}
