use http::header::{ACCEPT, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use crate::headers::only_value;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The fields by which browsers say that nobody has asked for the page yet.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// What a page is made of, and what may come from a page of another site: a browser follows the
/// redirects of these to the provider and back.
const PARTS_OF_A_PAGE: [&[u8]; 7] = [
    b"audio", b"font", b"image", b"script", b"style", b"track", b"video",
];

/// Whether a request without a session is answered by a redirect to the provider. `alone`: no other
/// method could have admitted it.
///
/// 1. Never a method but GET and HEAD, since a redirect loses what was sent; never a `WebSocket`, which
///    cannot follow one; never a page that is fetched ahead: the sign-in would be begun for somebody who
///    may never ask for it, and the browser asks anew when somebody does.
/// 2. With one `Sec-Fetch-Mode`: a navigation, and the GET of a part of a page, told by
///    `Sec-Fetch-Dest`. Not what a script fetches, which could not show the provider's page.
/// 3. Without, as on plain http and from anything but a browser, by `Accept`: where a page is as welcome
///    as anything else that it names; and `alone`, where it takes anything.
pub(crate) fn wants_sign_in(head: &Parts, alone: bool) -> bool {
    let is_get = head.method == Method::GET;
    if !(is_get || head.method == Method::HEAD)
        || is_websocket(&head.headers)
        || is_fetched_ahead(&head.headers)
    {
        return false;
    }
    let Some(mode) = only_value(&head.headers, &SEC_FETCH_MODE) else {
        return takes_a_page(&head.headers, alone);
    };
    // A part of a page may be fetched with the mode `cors`; a font always is.
    let is_part = only_value(&head.headers, &SEC_FETCH_DEST)
        .is_some_and(|dest| PARTS_OF_A_PAGE.contains(&dest.as_bytes()));
    mode == "navigate" || is_get && is_part
}

fn is_websocket(headers: &HeaderMap) -> bool {
    elements(headers, &UPGRADE).any(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    let is_prefetch = |purpose: &str| {
        let (purpose, _) = purpose.split_once(';').unwrap_or((purpose, ""));
        purpose.trim().eq_ignore_ascii_case("prefetch")
    };
    PURPOSES
        .iter()
        .any(|name| elements(headers, name).any(is_prefetch))
}

/// By `Accept` (RFC 9110 section 12.5.1).
///
/// pip and uv take `text/html` too, at a hundredth of the weight of what they ask for: the page of a
/// provider would be an index without links to them, where a 401 has them ask for a password.
fn takes_a_page(headers: &HeaderMap, alone: bool) -> bool {
    let ranges: Vec<_> = elements(headers, &ACCEPT).filter_map(weighed).collect();
    let heaviest = |is_meant: &dyn Fn(&str) -> bool| {
        let meant = ranges.iter().filter(|(range, _)| is_meant(range));
        meant.map(|&(_, weight)| weight).reduce(f32::max)
    };
    let is_anything = |range: &str| range == "*/*";
    match heaviest(&is_page) {
        Some(weight) => {
            let of_others = heaviest(&|range| !is_page(range) && !is_anything(range));
            weight > 0.0 && of_others.is_none_or(|other| weight >= other)
        }
        None if ranges.is_empty() => alone,
        None => alone && heaviest(&is_anything).is_some_and(|weight| weight > 0.0),
    }
}

fn is_page(range: &str) -> bool {
    let pages = ["text/html", "application/xhtml+xml"];
    pages.iter().any(|page| range.eq_ignore_ascii_case(page))
}

/// A media range and its weight; `None` where the weight is none.
fn weighed(element: &str) -> Option<(&str, f32)> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next()?;
    let weight = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("q"));
    let weight = weight.map_or(Ok(1.0), |(_, weight)| weight.parse());
    let weight = weight.ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    Some((range, weight))
}

/// The elements of a field that is a list; it may be sent in several lines.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests;
