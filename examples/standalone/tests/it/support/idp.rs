use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::token::{ISSUER_KEY, now, signed};

pub(crate) const CLIENT: &str = "files";
pub(crate) const CLIENT_SECRET: &str = "cl1ents3cret";

/// A strict identity provider: plain OAuth 2.0 at the paths that the OAuth streaming proxy uses, and
/// OpenID Connect.
pub(crate) struct Idp {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    codes: HashMap<String, Code>,
    issued: usize,
    /// The wrong answers of the token endpoint and the user endpoint, if set.
    token_trouble: Option<&'static str>,
    user_trouble: Option<&'static str>,
    users_asked: usize,
}

/// An authorization code with the parameters of its request.
struct Code {
    challenge: String,
    redirect_uri: String,
    nonce: Option<String>,
}

type Pairs = HashMap<String, String>;

impl Idp {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let (shared, issuer) = (Arc::clone(&state), url.clone());
        // The thread ends with the test process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &issuer, &mut shared.lock().unwrap());
            }
        });
        Self { url, state }
    }

    /// Sets the status and body of the token endpoint's answers from now on.
    pub(crate) fn trouble_tokens(&self, answer: Option<&'static str>) {
        self.state.lock().unwrap().token_trouble = answer;
    }

    pub(crate) fn trouble_users(&self, answer: Option<&'static str>) {
        self.state.lock().unwrap().user_trouble = answer;
    }

    pub(crate) fn users_asked(&self) -> usize {
        self.state.lock().unwrap().users_asked
    }

    /// Signs the person in at `location`. Returns the redirect back to the gateway.
    pub(crate) fn authorize(&self, location: &str) -> String {
        let (endpoint, query) = location.split_once('?').unwrap();
        let asked = pairs(query);
        let is_oidc = match endpoint.strip_prefix(&self.url) {
            Some("/o/authorize/") => {
                let names = query.split('&').filter_map(|pair| pair.split('=').next());
                let names: Vec<_> = names.take(5).collect();
                let order = [
                    "scope",
                    "state",
                    "redirect_uri",
                    "response_type",
                    "client_id",
                ];
                assert_eq!(names, order, "{query}");
                assert!(query.starts_with("scope=read%20write&"), "{query}");
                false
            }
            Some("/authorize") => true,
            _ => panic!("{location} is not one of the endpoints"),
        };
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut state = self.state.lock().unwrap();
        state.issued += 1;
        let code = format!("c0de-{}", state.issued);
        let redirect_uri = asked["redirect_uri"].clone();
        let location = format!("{redirect_uri}?code={code}&state={}", asked["state"]);
        let asked = Code {
            challenge: asked["code_challenge"].clone(),
            nonce: is_oidc.then(|| asked["nonce"].clone()),
            redirect_uri,
        };
        state.codes.insert(code, asked);
        location
    }
}

fn serve(mut stream: TcpStream, issuer: &str, state: &mut State) {
    let Some((line, headers, body)) = read_request(&stream) else {
        return;
    };
    let basic = STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}"));
    let authorization = headers.get("authorization").map(String::as_str);
    let form = pairs(&body);
    let in_form = [("client_id", CLIENT), ("client_secret", CLIENT_SECRET)];
    let has_client = in_form
        .iter()
        .all(|(name, value)| form.get(*name).is_some_and(|it| it == value));
    let answer = match &*line {
        "GET /.well-known/openid-configuration HTTP/1.1" => good(&metadata(issuer)),
        "GET /keys HTTP/1.1" => good(&keys()),
        "POST /o/token/ HTTP/1.1" if authorization.is_none() && has_client => {
            token(&form, issuer, state)
        }
        "POST /token HTTP/1.1" if authorization == Some(&format!("Basic {basic}")) => {
            token(&form, issuer, state)
        }
        "GET /api/v1/user/me/ HTTP/1.1" => user(authorization, state),
        _ => String::from("400 Bad Request\n{}"),
    };
    let (status, body) = answer.split_once('\n').unwrap();
    let length = body.len();
    let head = "Content-Type: application/json\r\nConnection: close";
    let answer = format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    // Who has gone away gets no answer.
    let _ = stream.write_all(answer.as_bytes());
}

fn good(body: &str) -> String {
    format!("200 OK\n{body}")
}

/// A code is good once, for who asked for it.
fn token(form: &Pairs, issuer: &str, state: &mut State) -> String {
    if let Some(trouble) = state.token_trouble {
        return trouble.to_owned();
    }
    let code = form.get("code").and_then(|code| state.codes.remove(code));
    let verifier = form.get("code_verifier").map_or("", |it| it);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let code = code.filter(|code| {
        code.challenge == challenge
            && form.get("redirect_uri") == Some(&code.redirect_uri)
            && form["grant_type"] == "authorization_code"
    });
    let Some(code) = code else {
        return String::from("400 Bad Request\n{\"error\":\"invalid_grant\"}");
    };
    let Some(nonce) = code.nonce else {
        return good(r#"{"access_token":"t0ken-of-ana","token_type":"Bearer"}"#);
    };
    let id_token = signed(&format!(
        r#"{{"iss":"{issuer}","aud":"{CLIENT}","sub":"ana","nonce":"{nonce}","iat":{0},"exp":{1},
            "email":"ana@files.test","email_verified":true}}"#,
        now(),
        now() + 300
    ));
    good(&format!(
        r#"{{"access_token":"t0ken-of-ana","token_type":"Bearer","id_token":"{id_token}"}}"#
    ))
}

fn user(authorization: Option<&str>, state: &mut State) -> String {
    state.users_asked += 1;
    match state.user_trouble {
        Some(trouble) => trouble.to_owned(),
        None if authorization == Some("Bearer t0ken-of-ana") => good(r#"{"user_id":7}"#),
        None => String::from("401 Unauthorized\n{}"),
    }
}

fn metadata(issuer: &str) -> String {
    format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/authorize",
            "token_endpoint":"{issuer}/token","jwks_uri":"{issuer}/keys",
            "response_types_supported":["code"],"subject_types_supported":["public"],
            "id_token_signing_alg_values_supported":["EdDSA"]}}"#
    )
}

fn keys() -> String {
    let key: String = ISSUER_KEY
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let key = STANDARD.decode(key).unwrap();
    // The last 32 bytes of its DER are the key.
    let key = URL_SAFE_NO_PAD.encode(&key[key.len() - 32..]);
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","x":"{key}"}}]}}"#)
}

fn read_request(stream: &TcpStream) -> Option<(String, Pairs, String)> {
    let mut reader = BufReader::new(stream);
    let head = reader.by_ref().lines().map_while(Result::ok);
    let mut head = head.take_while(|line| !line.is_empty());
    let line = head.next()?;
    let headers = head.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    });
    let headers: Pairs = headers.collect();
    let length = headers.get("content-length").map_or("0", |it| it);
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((line, headers, String::from_utf8(body).ok()?))
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> Pairs {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend(piece.as_bytes()[2..].iter());
    }
    String::from_utf8(bytes).unwrap()
}
