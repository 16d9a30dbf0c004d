use std::sync::Arc;

use bytes::Bytes;
use http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};

use super::answer::{Failure, keep_private};
use super::config::Config;
use super::note::SignInNote;
use super::page::{Page, PageKind};
use super::sessions::{Ended, end};
use crate::gate::{Refusal, Verdict, is_same_origin};
use crate::response::method_not_allowed;
use crate::secret::Secret;
use crate::session::CookieValue;

/// Answers the logout route: GET shows a page with a button, POST signs out.
///
/// A page of another site can send a browser here. Its GET changes nothing, and its POST is refused.
pub(super) async fn answer_logout(config: Arc<Config>, head: Parts) -> Verdict {
    match head.method {
        Method::GET | Method::HEAD => answer(question(&config, &head).await),
        Method::POST if is_of_this_site(&config, &head) => answer(sign_out(&config, &head).await),
        Method::POST => {
            let detail = "a page of the same origin must request the sign-out";
            Verdict::Refuse(Refusal::forbidden(detail))
        }
        _ => answer(method_not_allowed("GET, HEAD, POST")),
    }
}

fn is_of_this_site(config: &Config, head: &Parts) -> bool {
    let site = config.public_url.origin(head);
    is_same_origin(head, site.map(|site| site.to_string()).as_deref())
}

fn answer(response: Response<Bytes>) -> Verdict {
    Verdict::Answer(Box::new(response))
}

/// The page with the button. Without a session, the page says that nobody is signed in; the provider
/// sends browsers here after a sign-out.
async fn question(config: &Config, head: &Parts) -> Response<Bytes> {
    if config.cookie.read(head) == CookieValue::Absent {
        return config.pages.response(&Page::new(PageKind::SignedOut));
    }
    // The page's policy must allow its form to lead there.
    let elsewhere = config.provider.end_session_url(None, None).await;
    let page = Page::sign_out(&config.routes.logout, elsewhere.as_deref());
    let mut response = config.pages.response(&page);
    // With `no-referrer`, a browser sends `Origin: null` with the button's POST (Fetch, "append a request
    // `Origin` header"), and over http nothing else shows that the page is of this site.
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(REFERRER_POLICY, policy);
    response
}

async fn sign_out(config: &Config, head: &Parts) -> Response<Bytes> {
    let Ended {
        cookies,
        id_token,
        outcome,
    } = end(config, head).await;
    let mut response = match outcome {
        Ok(()) => farewell(config, head, id_token.as_ref()).await,
        Err(error) => Failure::of_store(error).response(&config.pages),
    };
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Redirects to the provider's end-session endpoint, if it has one.
async fn farewell(config: &Config, head: &Parts, id_token: Option<&Secret>) -> Response<Bytes> {
    let back = config
        .public_url
        .origin(head)
        .filter(|_| config.has_post_logout_redirect);
    let back = back.map(|origin| format!("{origin}{}", config.routes.logout));
    let hint = id_token.map(Secret::expose);
    let url = config.provider.end_session_url(hint, back.as_deref()).await;
    if let Some(url) = url.and_then(|url| HeaderValue::try_from(url).ok()) {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(LOCATION, url);
        keep_private(response.headers_mut());
        return response;
    }
    let mut response = config.pages.response(&Page::new(PageKind::SignedOut));
    let endpoint = "end_session_endpoint";
    if config.provider.leaves_unused(endpoint).await {
        let note = SignInNote::unused(endpoint);
        response.extensions_mut().insert(note);
    }
    response
}
