use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response};
use portcullis::jwt::Algorithm;
use serde_json::{Value, json};

use super::routes::json_answer;
use super::{CLIENT, CLIENT_SECRET, ClientAuth, FakeSso, changed, parameters};
use crate::support::issuer::{encode, issuer};

impl FakeSso {
    pub(super) fn token(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.tokens(request) {
            Ok(answer) => json_answer(200, &answer),
            Err((status, error)) => json_answer(status, &json!({ "error": error })),
        }
    }

    fn tokens(&self, request: &Request<Bytes>) -> Result<Value, (u16, &'static str)> {
        const MALFORMED: (u16, &str) = (400, "invalid_request");
        let header = |name| request.headers().get(name).map(http::HeaderValue::as_bytes);
        if request.method() != Method::POST
            || header(CONTENT_TYPE) != Some(b"application/x-www-form-urlencoded")
            || header(ACCEPT) != Some(b"application/json")
        {
            return Err(MALFORMED);
        }
        let form = std::str::from_utf8(request.body()).map_err(|_| MALFORMED)?;
        let mut form = parameters(form).ok_or(MALFORMED)?;
        if !self.authenticates(request, &mut form) {
            return Err((401, "invalid_client"));
        }
        let mut member = |name| form.remove(name).ok_or(MALFORMED);
        match &*member("grant_type")? {
            "authorization_code" => {
                let names = ["code", "redirect_uri", "code_verifier"];
                let [code, redirect_uri, verifier] = names.map(&mut member);
                let (code, redirect_uri, verifier) = (code?, redirect_uri?, verifier?);
                form.is_empty().then_some(()).ok_or(MALFORMED)?;
                self.of_code(&code, &redirect_uri, &verifier)
            }
            "refresh_token" => {
                let refresh = member("refresh_token")?;
                form.is_empty().then_some(()).ok_or(MALFORMED)?;
                let keeps_replayed = self.switches().keeps_replayed_sign_ins;
                let mut issued = self.issued.lock().unwrap();
                let found = issued.refresh(&refresh, keeps_replayed);
                drop(issued);
                let (sign_in, scope) = found.ok_or((400, "invalid_grant"))?;
                Ok(self.answer_of(sign_in, &scope, None))
            }
            _ => Err((400, "unsupported_grant_type")),
        }
    }

    /// Accepts only the registered client authentication.
    fn authenticates(&self, request: &Request<Bytes>, form: &mut HashMap<String, String>) -> bool {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let both = [CLIENT, CLIENT_SECRET].map(|text| -> String { encoded(text) });
        let basic = format!("Basic {}", STANDARD.encode(both.join(":")));
        let (basic, post) = match self.switches().client_auth {
            ClientAuth::Basic => (Some(basic), (None, None)),
            ClientAuth::Post => (None, (Some(CLIENT), Some(CLIENT_SECRET))),
            ClientAuth::None => (None, (Some(CLIENT), None)),
        };
        let header = request.headers().get(AUTHORIZATION);
        let names = ["client_id", "client_secret"];
        let [id, secret] = names.map(|name| form.remove(name));
        header.map(http::HeaderValue::as_bytes) == basic.as_deref().map(str::as_bytes)
            && (id.as_deref(), secret.as_deref()) == post
    }

    fn of_code(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Value, (u16, &'static str)> {
        let is_verifier = (43..=128).contains(&verifier.len())
            && verifier
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let mut issued = self.issued.lock().unwrap();
        let found = issued.redeem(code, self.now(), |authorized| {
            let challenge = encode(digest(&SHA256, verifier.as_bytes()));
            is_verifier
                && authorized.redirect_uri == redirect_uri
                && authorized.challenge == challenge
        });
        drop(issued);
        let (sign_in, authorized) = found.ok_or((400, "invalid_grant"))?;
        let nonce = authorized.nonce.map(|nonce| (nonce, code));
        Ok(self.answer_of(sign_in, &authorized.scope, nonce))
    }

    fn answer_of(&self, sign_in: u64, scope: &str, nonce: Option<(String, &str)>) -> Value {
        let now = self.now();
        let switches = self.switches();
        let mut issued = self.issued.lock().unwrap();
        let tokens = issued.tokens(sign_in, now + switches.lifetime);
        let mut answer = json!({
            "access_token": tokens.access, "token_type": "Bearer", "scope": scope,
            "expires_in": switches.lifetime,
        });
        if switches.has_refresh_tokens {
            answer["refresh_token"] = tokens.refresh.into();
        }
        if self.is_openid {
            let half = |text: &str| encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
            let mut claims = json!({
                "iss": self.issuer(), "aud": CLIENT, "iat": now, "exp": now + 300,
                "at_hash": half(&tokens.access),
            });
            if let Some((nonce, code)) = nonce {
                claims["nonce"] = nonce.into();
                claims["c_hash"] = half(code).into();
            }
            let claims = changed(changed(claims, &switches.user), &switches.id_token);
            let mut id_token = issuer().token(Algorithm::Rs256, &claims);
            if let Some(tamper) = &switches.tamper {
                id_token = tamper(id_token);
            }
            issued.id_tokens.insert(id_token.clone());
            answer["id_token"] = id_token.into();
        }
        changed(answer, &switches.token_answer)
    }
}
