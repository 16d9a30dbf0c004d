//! The head of a request as text: a method and a target on the first line, then a field on each line.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

pub fn head(text: &[u8]) -> Option<Parts> {
    let mut lines = text.split(|&byte| byte == b'\n');
    let (method, target) = halves(lines.next()?, b' ')?;
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = Method::from_bytes(method).ok()?;
    head.uri = Uri::try_from(target).ok()?;
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = halves(line, b':')?;
        let value = HeaderValue::from_bytes(value.trim_ascii()).ok()?;
        head.headers
            .append(HeaderName::from_bytes(name).ok()?, value);
    }
    Some(head)
}

fn halves(line: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let place = line.iter().position(|&byte| byte == separator)?;
    Some((&line[..place], &line[place + 1..]))
}

/// The value of a field that occurs once and is text.
#[allow(dead_code, reason = "not every target needs it")]
pub fn only_text<'a>(head: &'a Parts, name: &str) -> Option<&'a str> {
    let values: Vec<_> = head.headers.get_all(name).iter().collect();
    match values[..] {
        [value] => value.to_str().ok(),
        _ => None,
    }
}
