use http::header::{CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response};

use super::page::ErrorPage;
use super::pages::Pages;
use crate::accept::is_for_a_person;
use crate::headers::only_value;
use crate::response::{ResponseBody, ShortText, answer_to};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is shown.
const MAX_ID: usize = 64;

/// What is known of a request when its response comes.
#[derive(Debug)]
pub(super) struct Visitor {
    method: Method,
    is_person: bool,
    request_id: Option<HeaderValue>,
}

impl Visitor {
    pub(super) fn of(head: &Parts) -> Self {
        let is_person = is_for_a_person(&head.headers);
        let id = only_value(&head.headers, &X_REQUEST_ID).filter(|_| is_person);
        Self {
            method: head.method.clone(),
            is_person,
            request_id: id.filter(|id| is_plain(id.as_bytes())).cloned(),
        }
    }

    /// Replaces the text of a refusal by a page, for a person.
    pub(super) fn dress<B>(
        &self,
        pages: &Pages,
        response: Response<B>,
    ) -> Response<ResponseBody<B>> {
        let id = self.request_id.as_ref().and_then(|id| id.to_str().ok());
        // A part between may have put a body of its own in place of the text.
        let is_text = |value: &HeaderValue| value == "text/plain; charset=utf-8";
        let is_short = response.extensions().get::<ShortText>().is_some()
            && response.headers().get(CONTENT_TYPE).is_some_and(is_text);
        let page = ErrorPage::new(response.status(), id.map(str::to_owned));
        let Some(page) = page.filter(|_| is_short) else {
            return response.map(ResponseBody::inner);
        };
        let (mut head, body) = response.into_parts();
        let vary = HeaderValue::from_static("Accept");
        if !self.is_person {
            head.headers.append(VARY, vary);
            return Response::from_parts(head, ResponseBody::inner(body));
        }
        let body = pages.render(&page, &mut head);
        head.headers.append(VARY, vary);
        let response = answer_to(&self.method, Response::from_parts(head, body));
        response.map(ResponseBody::short)
    }
}

/// Whether an id needs no escape anywhere.
fn is_plain(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=MAX_ID).contains(&id.len()) && id.iter().all(is_plain)
}
