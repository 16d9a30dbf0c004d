//! A fake identity provider. It publishes what a test sets, over a socket or in-process, and counts
//! requests.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use portcullis::upstream::{FetchClient, FetchError, FetchFuture};
use tokio::sync::watch;
use tower::service_fn;

use super::server::Server;

/// The answer of a path.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Is(Response<Bytes>),
    Hangs,
    /// The connection breaks.
    Breaks,
    Panics,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Bytes>) -> Self {
        Self::Is(Response::new(body.into()))
    }

    pub(crate) fn status(status: u16) -> Self {
        // With a usable body, so that only the status decides.
        Self::keys(&["of", "an", "error"]).with_status(status)
    }

    /// A key set of these keys.
    pub(crate) fn keys(kids: &[&str]) -> Self {
        Self::ok(key_set(kids))
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with("location", location)
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        let value = value.parse().unwrap();
        self.map(|answer| {
            answer.headers_mut().append(name, value);
        })
    }

    fn with_status(self, status: u16) -> Self {
        self.map(|answer| *answer.status_mut() = StatusCode::from_u16(status).unwrap())
    }

    fn map(mut self, change: impl FnOnce(&mut Response<Bytes>)) -> Self {
        if let Self::Is(answer) = &mut self {
            change(answer);
        }
        self
    }
}

/// A JWKS with the key of RFC 8037 appendix A.2 under each of these ids.
pub(crate) fn key_set(kids: &[&str]) -> String {
    let keys = kids.iter().map(|kid| {
        format!(
            r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#
        )
    });
    format!(r#"{{"keys":[{}]}}"#, keys.collect::<Vec<_>>().join(","))
}

#[derive(Debug)]
pub(crate) struct FakeProvider {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
    held: watch::Sender<bool>,
}

impl FakeProvider {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            asked: Mutex::default(),
            held: watch::Sender::new(false),
        })
    }

    /// Sets the answer of a path. Other paths answer 404.
    pub(crate) fn publish(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(path.to_owned(), answer);
    }

    /// Makes further requests wait until they are released.
    pub(crate) fn hold(&self, hold: bool) {
        self.held.send_replace(hold);
    }

    /// The paths and queries that were requested since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    async fn answer<B>(&self, request: Request<B>) -> Option<Response<Bytes>> {
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers()["accept-encoding"], "identity");
        for name in ["cookie", "authorization", "referer"] {
            assert!(!request.headers().contains_key(name), "{name}");
        }
        let uri = request.uri();
        let target = uri.path_and_query().unwrap().as_str();
        self.asked.lock().unwrap().push(target.to_owned());
        let answer = self.answers.lock().unwrap().get(uri.path()).cloned();
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held).await.unwrap();
        match answer {
            Some(Answer::Is(answer)) => Some(answer),
            Some(Answer::Hangs) => std::future::pending().await,
            Some(Answer::Breaks) => None,
            Some(Answer::Panics) => panic!("this panic is part of the test"),
            None => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NOT_FOUND;
                Some(answer)
            }
        }
    }

    pub(crate) async fn serve(self: &Arc<Self>) -> Server {
        let provider = Arc::clone(self);
        Server::start(service_fn(move |request: Request<Incoming>| {
            let provider = Arc::clone(&provider);
            async move {
                let answer = provider.answer(request).await;
                let answer = answer.expect("over a socket there is an answer");
                Ok::<_, Infallible>(answer.map(Full::new))
            }
        }))
        .await
    }
}

/// In-process, so that tokio's clock can be paused. It is lax, and accepts more than a real client may
/// send.
impl FetchClient for FakeProvider {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        FetchFuture::new(async move {
            assert!(request.body().is_empty());
            let answer = self.answer(request).await;
            answer.ok_or_else(|| FetchError::unreachable("connection refused"))
        })
    }
}
