//! An issuer's metadata and the way to its keys. Whatever redirects and documents say, nothing is fetched
//! but by https, from hosts that they name, a bounded number of times; and the keys count only if the
//! document is the issuer's own, as a second reader of JSON finds it.
#![no_main]

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use libfuzzer_sys::fuzz_target;
use portcullis::Clock;
use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::JwksKeys;
use portcullis::upstream::{FetchClient, FetchFuture};
use serde_json::Value;

mod json_twin;

const ISSUER: &str = "https://id.example/a";
/// RFC 8037 appendix A.2.
const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

#[derive(Arbitrary, Clone, Debug)]
struct Reply {
    status: u8,
    is_encoded: bool,
    location: Url,
    cache_control: Vec<u8>,
    document: Document,
}

#[derive(Arbitrary, Clone, Debug)]
enum Document {
    Bytes(Vec<u8>),
    Keys,
    /// Whether its issuer is the right one, and where the keys are.
    Metadata(bool, Url),
}

#[derive(Arbitrary, Clone, Debug)]
enum Url {
    Text(String),
    /// Pieces of a URL, which random text would seldom be.
    Pieces(Vec<u8>),
}

impl Url {
    fn text(&self) -> String {
        const PIECES: [&str; 16] = [
            "https://",
            "http://",
            "keys.example",
            "127.0.0.1",
            "localhost",
            "/keys",
            ":8443",
            "@",
            "user",
            "#",
            "?q",
            "..",
            "//",
            "[::1]",
            "\\",
            "id.example",
        ];
        match self {
            Self::Text(text) => text.clone(),
            Self::Pieces(pieces) => {
                let pieces = pieces.iter().take(8);
                pieces
                    .map(|&it| PIECES[usize::from(it) % PIECES.len()])
                    .collect()
            }
        }
    }
}

impl Reply {
    fn text(&self) -> Vec<u8> {
        match &self.document {
            Document::Bytes(bytes) => bytes.clone(),
            Document::Keys => KEYS.into(),
            Document::Metadata(is_own, url) => {
                let issuer = if *is_own {
                    ISSUER
                } else {
                    "https://id.example/b"
                };
                let document = serde_json::json!({"issuer": issuer, "jwks_uri": url.text()});
                document.to_string().into_bytes()
            }
        }
    }

    fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.text()));
        let status = [200, 200, 200, 302, 307, 404, 500][usize::from(self.status) % 7];
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        if self.is_encoded {
            let coding = HeaderValue::from_static("br");
            response.headers_mut().insert(CONTENT_ENCODING, coding);
        }
        let values = [
            (LOCATION, HeaderValue::try_from(self.location.text())),
            (
                CACHE_CONTROL,
                HeaderValue::from_bytes(&self.cache_control).map_err(Into::into),
            ),
        ];
        for (name, value) in values {
            if let Ok(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Where the keys are, if this is the metadata of the issuer.
    fn named(&self) -> Option<String> {
        let mut document = json_twin::object(&self.text())?;
        let Some(Value::String(url)) = document.remove("jwks_uri") else {
            return None;
        };
        (document.get("issuer") == Some(&Value::from(ISSUER))).then_some(url)
    }
}

/// Answers one request after the other.
#[derive(Clone, Debug, Default)]
struct Network(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    replies: Vec<Reply>,
    asked: Vec<Uri>,
    seconds: u64,
}

impl FetchClient for Network {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        let mut state = self.0.lock().expect("not poisoned");
        let reply = state.replies.get(state.asked.len());
        let response = reply.map(Reply::response).unwrap_or_else(|| {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        });
        state.asked.push(request.into_parts().0.uri);
        FetchFuture::new(ready(Ok(response)))
    }
}

impl Clock for Network {
    fn now(&self) -> SystemTime {
        let state = self.0.lock().expect("not poisoned");
        UNIX_EPOCH + Duration::from_secs(state.seconds)
    }
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // Made once, since it reads the certificate authorities of the machine.
    static KEYS_AND_NETWORK: (JwksKeys, Network) = {
        let network = Network::default();
        let keys = JwksKeys::discover(ISSUER).expect("an issuer");
        (keys.with_client(network.clone()).with_clock(network.clone()), network)
    };
}

fuzz_target!(|replies: Vec<Reply>| {
    let (keys, network) = KEYS_AND_NETWORK.with(Clone::clone);
    {
        let mut state = network.0.lock().expect("not poisoned");
        state.replies = replies.clone();
        state.asked.clear();
        // The keys of the last input are too old to be used.
        state.seconds += 1_000_000;
    }
    let fetched = RUNTIME.with(|runtime| runtime.block_on(keys.fetch()));
    let state = network.0.lock().expect("not poisoned");
    let asked = &state.asked;
    // Two places of the metadata and one of the keys, each after at most three redirects.
    assert!(asked.len() <= 12, "{asked:?}");
    assert_eq!(
        asked[0],
        "https://id.example/a/.well-known/openid-configuration"
    );
    let hosts: Vec<String> = replies.iter().flat_map(hosts).collect();
    for uri in asked {
        assert_eq!(uri.scheme_str(), Some("https"), "{uri}");
        let authority = uri.authority().expect("an authority").as_str();
        assert!(!authority.contains('@'), "{uri}");
        let host = authority.to_owned();
        assert!(
            host == "id.example" || hosts.contains(&host),
            "{uri} of {replies:?}"
        );
    }
    let read = |place: usize| {
        replies
            .get(place)
            .filter(|reply| reply.response().status() == 200)
    };
    let last = asked.len() - 1;
    if fetched.is_ok() {
        let is_named = |place| read(place).is_some_and(|it| !it.is_encoded && it.named().is_some());
        assert!((0..last).any(is_named), "{replies:?}");
        assert!(read(last).is_some_and(|it| !it.is_encoded), "{replies:?}");
    } else if let (Some(first), Some(second)) = (read(0), read(1)) {
        let is_plain = !first.is_encoded && !second.is_encoded;
        let is_found = first.named().as_deref() == Some("https://keys.example/keys");
        let is_set = matches!(second.document, Document::Keys);
        assert!(
            !(is_plain && is_found && is_set),
            "{fetched:?} of {replies:?}"
        );
    }
    drop(state);
    assert_eq!(keys.keys().is_some(), fetched.is_ok());
});

/// The authorities of the URLs in a reply, as they are spelled in a request.
fn hosts(reply: &Reply) -> Vec<String> {
    let mut texts = vec![reply.location.text()];
    texts.extend(reply.named());
    let base = url::Url::parse(ISSUER).expect("a URL");
    let urls = texts.iter().filter_map(|text| base.join(text).ok());
    let authority = |url: url::Url| {
        let host = url.host_str()?.to_owned();
        Some(
            url.port()
                .map_or(host.clone(), |port| format!("{host}:{port}")),
        )
    };
    urls.filter_map(authority).collect()
}
