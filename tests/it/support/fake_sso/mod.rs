//! A fake identity provider: OpenID Connect or plain OAuth 2.0, over a socket or in-process.
//!
//! It is strict. It knows one client, its redirect URIs and its authentication, requires PKCE by S256,
//! accepts each code and each refresh token once, and a repeated one revokes its sign-in. It misbehaves
//! only as its [`Switches`] say.

mod authorization;
mod issued;
mod routes;
mod token;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use portcullis::sso::provider::{Endpoints, Provider};
use portcullis::upstream::{FetchClient, FetchError, FetchFuture};
use portcullis::{Clock, Secret};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::service_fn;

use self::issued::Issued;
use super::fake_provider::Answer;
use super::server::Server;

pub(crate) const CLIENT: &str = "gateway/1";
/// It needs encoding, once in a form and twice in a header.
pub(crate) const CLIENT_SECRET: &str = "s3cret: 100% + more";
/// The redirect URI that is registered by default.
pub(crate) const CALLBACK: &str = "https://files.example.com/oauth2/callback";

pub(crate) struct FakeSso {
    is_openid: bool,
    clock: Arc<dyn Clock>,
    issuer: Mutex<String>,
    switches: Mutex<Switches>,
    answers: Mutex<HashMap<String, Answer>>,
    issued: Mutex<Issued>,
    asked: Mutex<Vec<Asked>>,
    held: watch::Sender<bool>,
}

/// A request, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) form: String,
}

/// How the client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    Basic,
    Post,
    /// It is a public client.
    None,
}

type Tamper = Box<dyn Fn(String) -> String + Send>;

/// How the provider behaves.
pub(crate) struct Switches {
    pub(crate) client_auth: ClientAuth,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// The claims about the person in the user endpoint's answer and in ID tokens.
    pub(crate) user: Value,
    /// Changes to the metadata, ID tokens, and the answers of the token and user endpoints. Null removes
    /// a member.
    pub(crate) metadata: Value,
    pub(crate) id_token: Value,
    pub(crate) token_answer: Value,
    pub(crate) user_answer: Value,
    /// Applied to a signed ID token.
    pub(crate) tamper: Option<Tamper>,
    /// The `error` of an authorization that the person denies.
    pub(crate) denial: Option<String>,
    /// The `iss` of a callback. A plain OAuth 2.0 server sends none by default.
    pub(crate) iss: Option<String>,
    pub(crate) has_refresh_tokens: bool,
    /// Whether a refresh token that is used twice is only refused.
    pub(crate) keeps_replayed_sign_ins: bool,
    /// In seconds.
    pub(crate) lifetime: u64,
}

impl FakeSso {
    /// An OpenID Connect provider, in this process.
    pub(crate) fn openid(clock: impl Clock) -> Arc<Self> {
        Arc::new(Self::new(true, clock, ClientAuth::Basic))
    }

    /// A plain OAuth 2.0 server, in this process.
    pub(crate) fn oauth2(clock: impl Clock) -> Arc<Self> {
        Arc::new(Self::new(false, clock, ClientAuth::Post))
    }

    fn new(is_openid: bool, clock: impl Clock, client_auth: ClientAuth) -> Self {
        let issuer = "https://id.example";
        let switches = Switches {
            client_auth,
            redirect_uris: vec![CALLBACK.into()],
            post_logout_redirect_uris: Vec::new(),
            user: json!({
                "sub": "u-1", "name": "Ana", "email": "ana@example.com", "email_verified": true,
                "groups": ["staff", "builders"],
            }),
            metadata: json!({}),
            id_token: json!({}),
            token_answer: json!({}),
            user_answer: json!({}),
            tamper: None,
            denial: None,
            iss: is_openid.then(|| issuer.into()),
            has_refresh_tokens: true,
            keeps_replayed_sign_ins: false,
            lifetime: 300,
        };
        Self {
            is_openid,
            clock: Arc::new(clock),
            issuer: Mutex::new(issuer.into()),
            switches: Mutex::new(switches),
            answers: Mutex::default(),
            issued: Mutex::default(),
            asked: Mutex::default(),
            held: watch::Sender::new(false),
        }
    }

    /// Answers over a socket, whose URL becomes the issuer.
    pub(crate) async fn serve(self: &Arc<Self>) -> Server {
        let provider = Arc::clone(self);
        let server = Server::start(service_fn(move |request: Request<Incoming>| {
            let provider = Arc::clone(&provider);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let answer = provider.answer(Request::from_parts(head, body)).await;
                let answer = answer.expect("over a socket there is an answer");
                Ok::<_, Infallible>(answer.map(Full::new))
            }
        }))
        .await;
        self.is_known_as(&server.url());
        server
    }

    /// Sets the issuer, below which all endpoints are.
    pub(crate) fn is_known_as(&self, issuer: &str) {
        issuer.clone_into(&mut self.issuer.lock().unwrap());
        if self.is_openid {
            self.switches().iss = Some(issuer.to_owned());
        }
    }

    /// A client of this provider, in-process.
    pub(crate) fn provider(self: &Arc<Self>) -> Provider {
        self.provider_over_sockets()
            .with_client(Arc::clone(self))
            .with_clock(Arc::clone(&self.clock))
    }

    /// A client of this provider with the machine's clock.
    pub(crate) fn provider_over_sockets(&self) -> Provider {
        let secret = match self.switches().client_auth {
            ClientAuth::None => None,
            _ => Some(Secret::from(CLIENT_SECRET)),
        };
        if self.is_openid {
            Provider::discover(&self.issuer(), CLIENT, secret).unwrap()
        } else {
            let provider = Provider::oauth2(self.endpoints(), CLIENT, secret).unwrap();
            provider.with_scopes(["read", "write"]).unwrap()
        }
    }

    /// The endpoints of the plain OAuth 2.0 server.
    pub(crate) fn endpoints(&self) -> Endpoints {
        let issuer = self.issuer();
        let [authorize, token] = ["authorize", "token"].map(|name| format!("{issuer}/o/{name}/"));
        let endpoints = Endpoints::new(&authorize, &token).unwrap();
        let user = format!("{issuer}/api/v1/user/me/");
        endpoints.with_user_url(&user).unwrap()
    }

    pub(crate) fn issuer(&self) -> String {
        self.issuer.lock().unwrap().clone()
    }

    /// The switches, to be changed in place.
    pub(crate) fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap()
    }

    /// Sets the answer of a path.
    pub(crate) fn publish(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(path.to_owned(), answer);
    }

    /// Removes the answers that were set.
    pub(crate) fn mend(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// Makes further requests wait until they are released.
    pub(crate) fn hold(&self, hold: bool) {
        self.held.send_replace(hold);
    }

    /// The requests since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The paths that were requested since the last call.
    pub(crate) fn asked_paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// Revokes all issued tokens.
    pub(crate) fn revoke_all(&self) {
        self.issued.lock().unwrap().revoke_all();
    }
}

/// In-process, so that tokio's clock can be paused.
impl FetchClient for FakeSso {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        FetchFuture::new(async move {
            let url = request.uri().to_string();
            assert!(url.starts_with(&self.issuer()), "asked at {url}");
            let answer: Option<Response<Bytes>> = self.answer(request).await;
            answer.ok_or_else(|| FetchError::unreachable("connection refused"))
        })
    }
}

impl fmt::Debug for FakeSso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeSso")
    }
}

/// `members` with these changes. Null removes a member.
fn changed(mut members: Value, changes: &Value) -> Value {
    let object = members.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    members
}

/// The parameters of a query or a form. `None` if one occurs twice.
fn parameters(encoded: &str) -> Option<HashMap<String, String>> {
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()).into_owned() {
        if found.insert(name, value).is_some() {
            return None;
        }
    }
    Some(found)
}
