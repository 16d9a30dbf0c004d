use http::header::{ACCEPT, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use crate::headers::only_value;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The fields that announce a prefetch, which nobody may ever look at.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// The parts of a page, also of another site's page: a browser follows their redirects to the provider
/// and back.
const PARTS_OF_A_PAGE: [&[u8]; 7] = [
    b"audio", b"font", b"image", b"script", b"style", b"track", b"video",
];

/// Whether a request without a session is redirected to the provider. `alone`: there is no other method
/// that could have admitted it.
///
/// 1. Only GET and HEAD, since a redirect loses a body. Not a `WebSocket`, which cannot follow a
///    redirect. Not a prefetch: it would start a sign-in that nobody may need, and the browser asks again
///    for a real visit.
/// 2. With one `Sec-Fetch-Mode`: a navigation, or the GET of a part of a page by its `Sec-Fetch-Dest`.
///    Not the request of a script, which could not show the provider's page.
/// 3. Without it (over plain http, or from a client that is not a browser), by `Accept`: if no other
///    listed type has a higher weight than a page; and if `alone`, also if anything is accepted.
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
    // Parts of a page may have the mode `cors`; fonts always do.
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

/// Whether `Accept` asks for a page (RFC 9110 section 12.5.1).
///
/// pip and uv accept `text/html` with a hundredth of the weight of their own types. To them, the
/// provider's page would be an index without links, while a 401 makes them ask for a password.
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

/// A media range and its weight. `None` if the weight is malformed.
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

/// The elements of a list field, which may have several lines.
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
