//! The bearer token that goes with a fetch.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use portcullis::Secret;
use portcullis::jwt::jwks::JwksKeys;
use portcullis::upstream::{FetchClient, FetchFuture};

use crate::support::fake_provider::key_set;
use crate::support::file::TestFile;

/// Answers redirects and documents, and remembers where a token was sent.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Sent>>>);

/// The URL of a request, and its token.
type Sent = (String, Option<String>);

impl FetchClient for Recorder {
    fn fetch(&self, request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
        let token = request.headers().get("authorization").map(|field| {
            assert!(field.is_sensitive());
            field.to_str().unwrap().to_owned()
        });
        let uri = request.uri();
        let response = match uri.path() {
            "/elsewhere" => {
                let moved = Response::builder().status(302);
                moved
                    .header("location", "https://other.example/keys")
                    .body(Bytes::new())
            }
            "/.well-known/openid-configuration" => {
                let issuer = format!("https://{}", uri.authority().unwrap());
                let document =
                    format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://other.example/keys"}}"#);
                Ok(Response::new(Bytes::from(document)))
            }
            _ => Ok(Response::new(Bytes::from(key_set(&["a"])))),
        };
        self.0.lock().unwrap().push((uri.to_string(), token));
        FetchFuture::new(async { Ok(response.unwrap()) })
    }
}

#[tokio::test]
async fn a_bearer_token_goes_to_its_server_alone() {
    let token = || Secret::new("s3cr3t");
    let bearer = Some("Bearer s3cr3t");
    for (name, keys, expected) in [
        (
            "a key set",
            JwksKeys::new("https://id.example/keys"),
            vec![("https://id.example/keys", bearer)],
        ),
        (
            "the machine itself",
            JwksKeys::new("http://127.0.0.1:8080/keys"),
            vec![("http://127.0.0.1:8080/keys", bearer)],
        ),
        (
            "in the clear",
            JwksKeys::insecure_new_over_http("http://id.example/keys"),
            vec![("http://id.example/keys", None)],
        ),
        (
            "a redirect",
            JwksKeys::new("https://id.example/elsewhere"),
            vec![
                ("https://id.example/elsewhere", bearer),
                ("https://other.example/keys", None),
            ],
        ),
        (
            "keys of another host",
            JwksKeys::discover("https://id.example"),
            vec![
                (
                    "https://id.example/.well-known/openid-configuration",
                    bearer,
                ),
                ("https://other.example/keys", None),
            ],
        ),
    ] {
        let client = Recorder::default();
        let keys = keys
            .unwrap()
            .with_client(client.clone())
            .with_bearer_token(token());
        keys.fetch().await.unwrap();
        assert!(!format!("{keys:?}").contains("s3cr3t"), "{name}");
        let sent = client.0.lock().unwrap();
        let sent: Vec<_> = sent
            .iter()
            .map(|(uri, token)| (&**uri, token.as_deref()))
            .collect();
        assert_eq!(sent, expected, "{name}");
    }
}

#[tokio::test]
async fn a_token_file_is_read_for_each_fetch() {
    let file = TestFile::new("bearer", "first\n");
    let client = Recorder::default();
    let keys = JwksKeys::new("https://id.example/keys").unwrap();
    let keys = keys
        .with_client(client.clone())
        .with_bearer_file(&file.path);
    keys.fetch().await.unwrap();
    file.replace("second");
    keys.fetch().await.unwrap();
    let sent = std::mem::take(&mut *client.0.lock().unwrap());
    let tokens: Vec<_> = sent.into_iter().filter_map(|(_, token)| token).collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second"]);
    for contents in [None, Some("two\nlines")] {
        match contents {
            Some(contents) => file.replace(contents),
            None => file.remove(),
        }
        let error = keys.fetch().await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            source, "the bearer token for it cannot be read",
            "{contents:?}"
        );
        assert!(client.0.lock().unwrap().is_empty(), "{contents:?}");
    }
}
