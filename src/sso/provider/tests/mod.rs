//! A scripted provider, in-process. The strict one is in the integration tests of the layer.

mod authorization;
mod discovery;
mod refresh;
mod sign_in;
mod token_endpoint;
mod user;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::jwt::Signer;
use crate::secret::Secret;
use crate::upstream::{FetchClient, FetchError, FetchFuture};

const ISSUER: &str = "https://id.example";
const CALLBACK: &str = "https://files.example/oauth2/callback";
const NONCE: &str = "n-0S6_WzA2Mj";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

const METADATA: &str = "/.well-known/openid-configuration";

/// Made once per process.
static SIGNER: LazyLock<Signer> = LazyLock::new(Signer::new);

/// The answer of a path.
#[derive(Clone, Debug)]
enum Reply {
    Is(u16, String),
    Compressed(String),
    Hangs,
    Breaks,
}

impl Reply {
    fn ok(body: &Value) -> Self {
        Self::Is(200, body.to_string())
    }
}

#[derive(Debug)]
struct Script {
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<Request<Bytes>>>,
    /// In seconds since 1970.
    now: AtomicU64,
}

impl Script {
    /// An OpenID Connect provider with this metadata and a set of keys.
    fn openid(metadata: &Value) -> Arc<Self> {
        let script = Self::nothing();
        script.reply(METADATA, Reply::ok(metadata));
        script.reply("/keys", Reply::Is(200, SIGNER.jwks()));
        script
    }

    fn nothing() -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::default(),
            asked: Mutex::default(),
            now: AtomicU64::new(1_700_000_000),
        })
    }

    fn reply(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The requests since the last call.
    fn asked(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The paths that were requested since the last call.
    fn paths(&self) -> Vec<String> {
        let asked = self.asked();
        asked.iter().map(|it| it.uri().path().to_owned()).collect()
    }

    fn provider(self: &Arc<Self>) -> Provider {
        let provider = Provider::discover(ISSUER, "gateway", Secret::from("s3cret")).unwrap();
        self.connected(provider)
    }

    fn plain(self: &Arc<Self>, endpoints: Endpoints) -> Provider {
        let provider = Provider::oauth2(endpoints, "gateway", Secret::from("s3cret")).unwrap();
        self.connected(provider.with_scopes(["read", "write"]).unwrap())
    }

    fn connected(self: &Arc<Self>, provider: Provider) -> Provider {
        let provider = provider.with_client(Arc::clone(self));
        provider.with_clock(Arc::clone(self))
    }

    fn redemption(&self) -> Redemption<'static> {
        Redemption {
            code: "a code",
            verifier: VERIFIER,
            redirect_uri: CALLBACK,
            nonce: NONCE,
            now: self.now(),
        }
    }

    /// An ID token that is valid now, with these changes. Null removes a claim.
    fn id_token(&self, changes: &Value) -> String {
        SIGNER.token(&header(), &with(self.claims(), changes))
    }

    fn claims(&self) -> Value {
        let now = self.now.load(Ordering::Relaxed);
        json!({
            "iss": ISSUER, "sub": "u-1", "aud": "gateway", "nonce": NONCE, "iat": now,
            "exp": now + 300, "email": "ana@example.com",
        })
    }
}

impl Clock for Script {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now.load(Ordering::Relaxed))
    }
}

impl FetchClient for Script {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        let reply = self
            .replies
            .lock()
            .unwrap()
            .get(request.uri().path())
            .cloned();
        self.asked.lock().unwrap().push(request);
        FetchFuture::new(async move {
            let mut answer = Response::new(Bytes::new());
            match reply {
                Some(Reply::Is(status, body)) => {
                    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                    *answer.body_mut() = body.into();
                }
                Some(Reply::Compressed(body)) => {
                    let coding = "gzip".parse().unwrap();
                    answer.headers_mut().insert("content-encoding", coding);
                    *answer.body_mut() = body.into();
                }
                Some(Reply::Hangs) => std::future::pending().await,
                Some(Reply::Breaks) => return Err(FetchError::unreachable("refused")),
                None => *answer.status_mut() = StatusCode::NOT_FOUND,
            }
            Ok(answer)
        })
    }
}

/// That of an ID token.
fn header() -> Value {
    json!({"alg": "ES256", "kid": "P-256"})
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "userinfo_endpoint": "https://id.example/userinfo",
        "jwks_uri": "https://id.example/keys",
    })
}

/// `members` with these changes. Null removes a member.
fn with(mut members: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        members[name] = value.clone();
    }
    let object = members.as_object_mut().unwrap();
    object.retain(|_, value| !value.is_null());
    members
}

fn endpoints() -> Endpoints {
    let endpoints = Endpoints::new(
        "https://id.example/o/authorize/",
        "https://id.example/token",
    );
    endpoints.unwrap()
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, ProviderError>) -> Option<ProviderErrorKind> {
    outcome.err().map(|error| error.kind())
}
