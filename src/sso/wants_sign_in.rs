use http::header::UPGRADE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use crate::accept::{elements, fetch_mode, takes_a_page};
use crate::headers::only_value;

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
    let Some(is_navigation) = fetch_mode(&head.headers) else {
        return takes_a_page(&head.headers, alone);
    };
    // Parts of a page may have the mode `cors`; fonts always do.
    let is_part = only_value(&head.headers, &SEC_FETCH_DEST)
        .is_some_and(|dest| PARTS_OF_A_PAGE.contains(&dest.as_bytes()));
    is_navigation || is_get && is_part
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

#[cfg(test)]
mod tests;
