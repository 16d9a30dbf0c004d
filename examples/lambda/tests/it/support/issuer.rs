use std::io::Write;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An issuer of tokens with its own key, and a server for the key set.
pub(crate) struct Issuer {
    key: EcdsaKeyPair,
    url: String,
    accepting: JoinHandle<()>,
}

impl Issuer {
    /// The name of every issuer.
    pub(crate) const NAME: &str = "https://idp.example/";

    pub(crate) async fn start() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let accepting = tokio::spawn(serve(listener, key_set(&key)));
        Self {
            key,
            url,
            accepting,
        }
    }

    /// The URL of the key set.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The key as a file.
    pub(crate) fn pem_file(&self) -> NamedTempFile {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().unwrap();
        let mut file = NamedTempFile::new().unwrap();
        let text = STANDARD.encode(der.as_ref());
        write!(
            file,
            "-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"
        )
        .unwrap();
        file
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "1" });
        let [header, claims] = [&header, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
        let input = format!("{header}.{claims}");
        let signature = self
            .key
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn key_set(key: &EcdsaKeyPair) -> String {
    // An uncompressed point: a prefix byte and the coordinates.
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|it| URL_SAFE_NO_PAD.encode(it));
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "1", "x": x, "y": y }] }).to_string()
}

async fn serve(listener: TcpListener, document: String) {
    while let Ok((stream, _)) = listener.accept().await {
        // It is not the issuer's fault if a client disconnects.
        let _ = answer(stream, &document).await;
    }
}

async fn answer(mut stream: TcpStream, document: &str) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let length = document.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(document.as_bytes()).await
}
