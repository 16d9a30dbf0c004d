use http::header::ACCEPT;
use http::{HeaderMap, HeaderName};

use crate::headers::only_value;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a person will look at the answer: a browser opens it as a page, or `Accept` asks for a page.
#[cfg(feature = "error-pages")]
pub(crate) fn is_for_a_person(headers: &HeaderMap) -> bool {
    match fetch_mode(headers) {
        Some(is_navigation) => is_navigation,
        None => takes_a_page(headers, false),
    }
}

/// Whether the request opens a page, by `Sec-Fetch-Mode`. `None` over plain http, or from a client that is
/// not a browser.
pub(crate) fn fetch_mode(headers: &HeaderMap) -> Option<bool> {
    let mode = only_value(headers, &SEC_FETCH_MODE)?;
    Some(mode == "navigate")
}

/// Whether `Accept` asks for a page (RFC 9110 section 12.5.1). `alone`: also if anything is accepted.
///
/// pip and uv accept `text/html` with a hundredth of the weight of their own types. To them, the
/// provider's page would be an index without links, while a 401 makes them ask for a password.
pub(crate) fn takes_a_page(headers: &HeaderMap, alone: bool) -> bool {
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
pub(crate) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
}
