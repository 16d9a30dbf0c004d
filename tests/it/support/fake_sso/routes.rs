use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, LOCATION};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Asked, ClientAuth, FakeSso, changed};
use crate::support::fake_provider::Answer;
use crate::support::issuer::issuer;

impl FakeSso {
    /// `None`: the connection breaks.
    pub(super) async fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        if request.uri().path() != self.authorization_path() {
            assert!(!request.headers().contains_key(COOKIE));
            assert_eq!(request.headers()[ACCEPT_ENCODING], "identity");
        }
        let path = request.uri().path().to_owned();
        let authorization = request.headers().get(AUTHORIZATION);
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_string(),
            path: path.clone(),
            authorization: authorization.map(|value| value.to_str().unwrap().to_owned()),
            form: String::from_utf8(request.body().to_vec()).unwrap(),
        });
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held).await.unwrap();
        let told = self.answers.lock().unwrap().get(&path).cloned();
        match told {
            Some(Answer::Is(answer)) => Some(answer),
            Some(Answer::Hangs) => std::future::pending().await,
            Some(Answer::Breaks) => None,
            Some(Answer::Panics) => panic!("this panic is part of the test"),
            None => Some(self.route(&request)),
        }
    }

    fn route(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let is_get = request.method() == Method::GET;
        match path {
            _ if is_get && path == self.authorization_path() => match self.authorized(query) {
                Ok(callback) => redirect(&callback),
                Err(problem) => text(400, problem),
            },
            "/.well-known/openid-configuration" if is_get && self.is_openid => {
                json_answer(200, &self.metadata())
            }
            "/keys" if is_get && self.is_openid => text(200, &issuer().jwks()),
            "/token" if self.is_openid => self.token(request),
            "/o/token/" if !self.is_openid => self.token(request),
            "/userinfo" if is_get && self.is_openid => self.user(request),
            "/api/v1/user/me/" if is_get && !self.is_openid => self.user(request),
            "/logout" if is_get && self.is_openid => match self.signed_out(query) {
                Ok(Some(to)) => redirect(&to),
                Ok(None) => text(200, "signed out"),
                Err(problem) => text(400, problem),
            },
            _ => text(404, "there is nothing here"),
        }
    }

    fn metadata(&self) -> Value {
        let issuer = self.issuer();
        let switches = self.switches();
        let client_auth = match switches.client_auth {
            ClientAuth::Basic => "client_secret_basic",
            ClientAuth::Post => "client_secret_post",
            ClientAuth::None => "none",
        };
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [client_auth],
            "authorization_response_iss_parameter_supported": true,
        });
        changed(metadata, &switches.metadata)
    }

    fn user(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let bearer = request.headers().get(AUTHORIZATION);
        let bearer = bearer.and_then(|value| value.to_str().unwrap().strip_prefix("Bearer "));
        let is_good = bearer.is_some_and(|token| {
            let issued = self.issued.lock().unwrap();
            issued.is_good(token, self.now())
        });
        if !is_good {
            return text(401, "the token is not valid");
        }
        let switches = self.switches();
        json_answer(200, &changed(switches.user.clone(), &switches.user_answer))
    }

    /// In seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        let now = self.clock.now().duration_since(UNIX_EPOCH);
        now.unwrap().as_secs()
    }
}

pub(super) fn json_answer(status: u16, body: &Value) -> Response<Bytes> {
    text(status, &body.to_string())
}

fn text(status: u16, body: &str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_owned()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

fn redirect(to: &str) -> Response<Bytes> {
    let mut answer = text(302, "");
    answer.headers_mut().insert(LOCATION, to.parse().unwrap());
    answer
}
