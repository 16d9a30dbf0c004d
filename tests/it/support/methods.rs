//! Three methods for the tests of the gate: one that decides at once, one that takes time, one with its
//! own routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use portcullis::gate::{
    Admission, Authenticator, Carrier, Challenge, Decision, Identity, Presented, Refusal,
    TokenVerifier, Verdict,
};

/// Decides at once by the header `x-word`, and counts how often it is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word {
    pub(crate) asked: Arc<AtomicUsize>,
}

impl Authenticator for Word {
    fn authenticate(&self, head: &Parts) -> Decision {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match head.headers.get("x-word").map(HeaderValue::as_bytes) {
            None => Decision::Absent,
            Some(b"swordfish") => {
                Decision::admit(Identity::new("word", "anyone").with_scopes(["read", "write:all"]))
            }
            Some(b"with space") => Decision::refuse(Refusal::malformed("two words")),
            Some(b"nobody") => Decision::refuse(Refusal::missing()),
            Some(b"down") => Decision::refuse(Refusal::unavailable("no words today")),
            Some(b"worded") => {
                let mut refusal = Refusal::invalid("worded by the method");
                let line = Challenge::new("Word")
                    .unwrap()
                    .with_param("error", "expired")
                    .unwrap();
                refusal.add_challenge(line);
                Decision::refuse(refusal)
            }
            Some(_) => Decision::refuse(Refusal::invalid("wrong word")),
        }
    }

    fn challenge(&self, _head: &Parts, refusal: &mut Refusal) {
        let line = Challenge::new("Word")
            .unwrap()
            .with_param("realm", "words")
            .unwrap();
        let line = match refusal.scope() {
            Some(scope) => line.with_param("scope", scope).unwrap(),
            None => line,
        };
        refusal.add_challenge(line);
    }

    fn strip(&self, head: &mut Parts) {
        head.headers.remove("x-word");
    }
}

/// Decides later about a token, in any carrier.
#[derive(Clone, Debug)]
pub(crate) struct Slow {
    pub(crate) carrier: Carrier,
    pub(crate) verified: Arc<AtomicUsize>,
}

impl Slow {
    pub(crate) fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            verified: Arc::default(),
        }
    }
}

/// Tokens begin with `slow-`; any other is left to the next method.
impl TokenVerifier for Slow {
    fn verify(&self, token: &str) -> Decision {
        let Some(name) = token.strip_prefix("slow-") else {
            return Decision::Absent;
        };
        let (name, verified) = (name.to_owned(), Arc::clone(&self.verified));
        Decision::later(async move {
            tokio::task::yield_now().await;
            verified.fetch_add(1, Ordering::Relaxed);
            match name.as_str() {
                "gone" => Verdict::Refuse(Refusal::missing()),
                "down" => {
                    let source = std::io::Error::other("the store is down");
                    let wait = HeaderValue::from_static("7");
                    let refusal = Refusal::unavailable("no store").with_source(source);
                    Verdict::Refuse(refusal.with_header("retry-after", wait))
                }
                "bad" => Verdict::Refuse(Refusal::invalid("revoked")),
                name => Verdict::Admit(Admission::new(Identity::new("slow", name))),
            }
        })
    }
}

impl Authenticator for Slow {
    fn authenticate(&self, head: &Parts) -> Decision {
        match self.carrier.find(head) {
            Presented::Given(token) => self.verify(token.as_str()),
            Presented::Refused(refusal) => Decision::refuse(refusal),
            _ => Decision::Absent,
        }
    }

    fn challenge(&self, _head: &Parts, refusal: &mut Refusal) {
        if refusal.status() == StatusCode::UNAUTHORIZED {
            refusal.add_challenge(Challenge::new("Slow").unwrap());
        }
    }

    fn strip(&self, head: &mut Parts) {
        self.carrier.strip(head);
    }
}

/// Signs people in: its own route, a cookie, a redirect for browsers, a cookie on each response.
#[derive(Clone, Debug)]
pub(crate) struct Portal {
    cookie: Carrier,
}

impl Portal {
    pub(crate) fn new() -> Self {
        Self {
            cookie: Carrier::cookie("portal").unwrap(),
        }
    }
}

impl Authenticator for Portal {
    fn authenticate(&self, head: &Parts) -> Decision {
        if self.owns_route(head) {
            return Decision::later(async {
                tokio::task::yield_now().await;
                let response = Response::builder()
                    .status(302)
                    .header("location", "/welcome");
                Verdict::Answer(Box::new(
                    response.body(Bytes::from_static(b"hello")).unwrap(),
                ))
            });
        }
        match self.cookie.find(head) {
            Presented::Given(session) => {
                let identity = Identity::new("portal", session.as_str()).by_cookie();
                let mut headers = HeaderMap::new();
                headers.append("set-cookie", HeaderValue::from_static("portal=new"));
                headers.append("set-cookie", HeaderValue::from_static("seen=1"));
                headers.append("x-inner", HeaderValue::from_static("replaced"));
                headers.append("x-inner", HeaderValue::from_static("and added"));
                let admission = Admission::new(identity).with_response_headers(headers);
                Decision::Now(Verdict::Admit(admission))
            }
            Presented::Refused(refusal) => Decision::refuse(refusal),
            _ => Decision::Absent,
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        let navigates = head
            .headers
            .get("accept")
            .is_some_and(|accept| accept == "text/html");
        if navigates && refusal.status() == StatusCode::UNAUTHORIZED {
            let response = Response::builder()
                .status(302)
                .header("location", "/portal/sign-in");
            refusal.answer_with(response.body(Bytes::new()).unwrap());
        }
    }

    fn strip(&self, head: &mut Parts) {
        self.cookie.strip(head);
    }

    fn owns_route(&self, head: &Parts) -> bool {
        head.uri.path() == "/portal/callback"
    }
}
