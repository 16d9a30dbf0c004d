//! A whole sign-in at a plain OAuth 2.0 provider, against a model of what its two answers say: who is signed
//! in, with which scopes and claims, or nobody. The session goes through the cookies of a browser.
#![no_main]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use portcullis::gate::Identity;
use portcullis::jwt::ClaimSet;
use portcullis::session::{CookieKeys, SessionStore, StoreFuture};
use portcullis::sso::provider::Endpoints;
use portcullis::sso::{AllowList, Provider, PublicUrl};
use portcullis::upstream::{FetchClient, FetchFuture};
use portcullis::{Secret, SsoLayer};
use serde_json::{Map, Value};
use tower::{Layer, ServiceExt, service_fn};

mod json_twin;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Whether the session is in a store, with a ticket in the cookie.
    is_stored: bool,
    token: Reply<'a>,
    user: Reply<'a>,
}

#[derive(Arbitrary, Debug)]
struct Reply<'a> {
    status: u8,
    is_encoded: bool,
    body: Body<'a>,
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Bytes(&'a [u8]),
    /// A name, a kind of value, and a text for it.
    Object(Vec<(u8, u8, &'a str)>),
}

impl Reply<'_> {
    fn status(&self) -> u16 {
        match self.status {
            0..=0xBF => 200,
            other => [400, 401, 403, 500, 204, 302][usize::from(other) % 6],
        }
    }

    fn text(&self) -> Vec<u8> {
        let members = match &self.body {
            Body::Bytes(bytes) => return bytes.to_vec(),
            Body::Object(members) => members,
        };
        let members = members.iter().map(|(name, kind, text)| {
            const NAMES: [&str; 14] = [
                "access_token",
                "token_type",
                "refresh_token",
                "id_token",
                "scope",
                "expires_in",
                "error",
                "sub",
                "user_id",
                "id",
                "email",
                "email_verified",
                "groups",
                "access_token",
            ];
            let name = NAMES[usize::from(*name) % NAMES.len()];
            let text = serde_json::to_string(text).expect("a text");
            let value = match kind % 12 {
                0 => "null",
                1 => "3600",
                2 => "\"BEARER\"",
                3 => "\"invalid_grant\"",
                4 => "[\"a\", 1]",
                5 => "1.5e3",
                6 => "-7",
                7 => "\"3600\"",
                8 => "\"a-token\"",
                _ => &text,
            };
            format!("\"{name}\": {value}")
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(", ")).into_bytes()
    }

    /// The JSON object in it.
    fn object(&self) -> Option<Map<String, Value>> {
        let is_read = self.status() == 200 && !self.is_encoded;
        is_read.then(|| json_twin::object(&self.text()))?
    }

    fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.text()));
        *response.status_mut() = StatusCode::from_u16(self.status()).expect("a status");
        if self.is_encoded {
            let coding = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, coding);
        }
        response
    }
}

#[derive(Clone, Debug, Default)]
struct Answers(Arc<Mutex<BTreeMap<&'static str, Response<Bytes>>>>);

impl FetchClient for Answers {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        assert_eq!(request.uri().host(), Some("id.example"));
        let answers = self.0.lock().expect("not poisoned");
        let answer = answers[request.uri().path()].clone();
        FetchFuture::new(ready(Ok(answer)))
    }
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // Made once, since it reads the certificate authorities of the machine.
    static PROVIDER: (Provider, Answers) = {
        let answers = Answers::default();
        let endpoints = Endpoints::new("https://id.example/authorize", "https://id.example/token")
            .and_then(|endpoints| endpoints.with_user_url("https://id.example/me"));
        let secret = Secret::from("of the client");
        let provider = Provider::oauth2(endpoints.expect("URLs"), "gateway", secret);
        (provider.expect("a provider").with_client(answers.clone()), answers)
    };
}

fuzz_target!(|input: Input<'_>| {
    let (provider, answers) = PROVIDER.with(Clone::clone);
    let replies = [
        ("/token", input.token.response()),
        ("/me", input.user.response()),
    ];
    *answers.0.lock().expect("not poisoned") = BTreeMap::from(replies);
    let url = PublicUrl::new("https://files.example").expect("a URL");
    let keys =
        CookieKeys::new("a secret of more than thirty-two bytes").expect("it is good enough");
    let layer = SsoLayer::new("files", provider, url, keys, AllowList::everyone());
    let layer = layer.expect("settings");
    let mut browser = Browser {
        layer: match input.is_stored {
            true => layer.with_session_store(Store::default()),
            false => layer,
        },
        cookies: BTreeMap::new(),
    };

    let sent = browser.get("/a?b");
    assert_eq!(sent.status(), StatusCode::FOUND);
    let location = sent.headers()[LOCATION].to_str().expect("ASCII");
    let (_, query) = location.split_once('?').expect("parameters");
    let state = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
    let (_, state) = state.expect("a state");
    let back = browser.get(&format!("/oauth2/callback?code=c&state={state}"));

    let Some(person) = Person::of(&input) else {
        assert_ne!(back.status(), StatusCode::FOUND, "nobody has signed in");
        assert_eq!(browser.get("/a?b").status(), StatusCode::FOUND);
        return;
    };
    if back.status() != StatusCode::FOUND {
        let size = person.claims.to_string().len() + input.token.text().len();
        let is_too_large = !input.is_stored && size > 4_000;
        return assert!(is_too_large, "{person:?} fits into a cookie");
    }
    assert_eq!(back.headers()[LOCATION], "https://files.example/a?b");
    let tokens = [&person.access, &person.refresh].map(|token| token.as_deref().unwrap_or(""));
    for token in tokens.iter().filter(|token| token.len() > 12) {
        let told = format!("{:?}{:?}", back.headers(), back.body());
        assert!(!told.contains(token), "{told}");
    }
    let inside = browser.get("/a?b");
    if person.is_short {
        return;
    }
    assert_eq!(inside.status(), StatusCode::OK, "{person:?}");
    let identity: &Identity = inside.extensions().get().expect("an identity");
    assert_eq!(identity.subject(), person.subject);
    assert_eq!(identity.scopes().collect::<Vec<_>>(), person.scopes);
    let claims: &ClaimSet = identity.claims().expect("claims");
    let claims: Map<String, Value> = claims.to().expect("a map");
    assert_eq!(Value::Object(claims), person.claims);
});

/// Keeps everything for as long as it lives.
#[derive(Debug, Default)]
struct Store(Mutex<BTreeMap<String, Vec<u8>>>);

impl Store {
    fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> StoreFuture<'_, T> {
        let done = act(&mut self.0.lock().expect("not poisoned"));
        StoreFuture::new(ready(Ok(done)))
    }
}

impl SessionStore for Store {
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.with(|values| values.get(key).cloned())
    }

    fn save(&self, key: &str, value: Vec<u8>, _ttl: Duration) -> StoreFuture<'_, ()> {
        self.with(|values| drop(values.insert(key.to_owned(), value)))
    }

    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.with(|values| values.remove(key))
    }

    fn delete(&self, key: &str) -> StoreFuture<'_, ()> {
        self.with(|values| drop(values.remove(key)))
    }

    fn try_lock(&self, key: &str, _ttl: Duration) -> StoreFuture<'_, bool> {
        self.with(|values| values.insert(key.to_owned(), Vec::new()).is_none())
    }
}

struct Browser {
    layer: SsoLayer,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn get(&mut self, target: &str) -> Response<Bytes> {
        let service = self.layer.layer(service_fn(|request: Request<()>| {
            let mut response = Response::new(Full::<Bytes>::default());
            let identity: Option<&Identity> = request.extensions().get();
            response
                .extensions_mut()
                .insert(identity.cloned().expect("signed in"));
            ready(Ok::<_, Infallible>(response))
        }));
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let request = Request::get(target)
            .header("sec-fetch-mode", "navigate")
            .header(COOKIE, pairs.collect::<Vec<_>>().join("; "));
        let request = request.body(()).expect("a request");
        let (head, body) = RUNTIME.with(|runtime| {
            let Ok(response) = runtime.block_on(service.oneshot(request));
            let (head, body) = response.into_parts();
            let body = runtime.block_on(body.collect()).expect("a body");
            (head, body.to_bytes())
        });
        for line in head.headers.get_all(SET_COOKIE) {
            let line = line.to_str().expect("ASCII");
            let (pair, attributes) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Response::from_parts(head, body)
    }
}

#[derive(Debug)]
struct Person {
    subject: String,
    scopes: Vec<String>,
    claims: Value,
    access: Option<String>,
    refresh: Option<String>,
    /// The next request may renew or lose the session.
    is_short: bool,
}

impl Person {
    /// Who has signed in (RFC 6749 section 5.1).
    fn of(input: &Input<'_>) -> Option<Self> {
        let mut answer = input.token.object()?;
        answer.retain(|_, value| *value != Value::Null);
        let error = answer.get("error").and_then(Value::as_str);
        let is_spent = [
            "invalid_grant",
            "bad_verification_code",
            "bad_refresh_token",
        ];
        if error.is_some_and(|error| is_spent.contains(&error)) {
            return None;
        }
        let text = |name| answer.get(name).and_then(Value::as_str);
        let kind = text("token_type").unwrap_or_default().to_lowercase();
        ["", "bearer"].contains(&&*kind).then_some(())?;
        let is_short = match answer.get("expires_in") {
            Some(Value::String(digits)) => digits.parse().is_ok_and(|seconds: u64| seconds < 60),
            Some(Value::Number(number)) => number
                .as_f64()
                .is_some_and(|seconds| (0.0..60.0).contains(&seconds)),
            _ => false,
        };
        let token = |name| {
            let is_visible = |c: char| ('!'..='~').contains(&c);
            let token = text(name).filter(|token| !token.is_empty())?;
            token.chars().all(is_visible).then(|| token.to_owned())
        };
        let access = Some(token("access_token")?);
        let is_between = |c: char| c.is_whitespace() || c == ',';
        let scopes = match answer.get("scope") {
            Some(Value::String(scopes)) => scopes
                .split(is_between)
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
            Some(Value::Array(scopes)) => {
                let scopes = scopes.iter().filter_map(Value::as_str);
                scopes.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };

        let claims = input.user.object()?;
        let mut names = ["sub", "user_id", "id", "email"].into_iter();
        let is_given = |value: &&Value| !value.is_null();
        let subject = match names.find_map(|name| claims.get(name).filter(is_given))? {
            Value::String(name) => name.clone(),
            Value::Number(number) if number.is_f64() => return None,
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!subject.is_empty()).then_some(())?;
        Some(Self {
            subject,
            scopes,
            claims: Value::Object(claims),
            refresh: token("refresh_token"),
            access,
            is_short,
        })
    }
}
