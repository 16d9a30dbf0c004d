use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Empty;

use crate::support::{
    DEADLINE, Gateway, Identity, KEYS, OBJECT, Program, Protocol, Store, TlsClient, ask,
};

const TLS: &str = "[tls]\ncertfile = '{folder}/tls.crt'\nkeyfile = '{folder}/tls.key'\n";

/// A gateway with TLS, in front of a store with one answer.
fn serve(identity: &Identity, limits: &str) -> (Gateway, Store) {
    let folder = tempfile::tempdir().unwrap();
    identity.write(folder.path());
    let store = Store::start(OBJECT);
    let text = format!("{TLS}{limits}{}", Gateway::open_mount(&store.url));
    (Gateway::start_in(folder, &text), store)
}

fn request(target: &str) -> Request<Empty<Bytes>> {
    let request = Request::get(target).header("host", "localhost");
    request.body(Empty::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn with_tls_both_protocols_need_it() {
    let identity = Identity::new();
    let (gateway, _store) = serve(&identity, "");
    let client = TlsClient::new(&gateway.address, &[&identity]);
    for (protocol, target) in [
        (Protocol::Http1, "/x"),
        (Protocol::Http2, "https://localhost/x"),
    ] {
        let stream = client.connect(protocol).await;
        let (status, body) = ask(stream, protocol, request(target)).await;
        assert_eq!(
            (status, &body[..]),
            (StatusCode::OK, &b"wheel"[..]),
            "{protocol:?}"
        );
    }
    let mut plain = TcpStream::connect(&gateway.address).unwrap();
    plain
        .write_all(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // It may be reset, since not everything was read.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unfinished_handshake_delays_nobody() {
    let identity = Identity::new();
    let (mut gateway, _store) = serve(&identity, "[limits]\nheader_seconds = 1\n");
    let mut silent = TcpStream::connect(&gateway.address).unwrap();
    silent.set_read_timeout(Some(DEADLINE)).unwrap();
    let client = TlsClient::new(&gateway.address, &[&identity]);
    let stream = client.connect(Protocol::Http1).await;
    let (status, _) = ask(stream, Protocol::Http1, request("/x")).await;
    assert_eq!(status, StatusCode::OK);

    assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0);
    let line = gateway
        .program
        .stderr_line(|line| line.contains("TLS handshake"));
    assert!(line.ends_with(": it took too long"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn new_certificates_are_loaded_and_bad_ones_ignored() {
    let (first, second, third) = (Identity::new(), Identity::new(), Identity::new());
    let (mut gateway, _store) = serve(&first, "");
    let client = TlsClient::new(&gateway.address, &[&first, &second, &third]);
    assert_eq!(client.certificate().await, first.certificate);

    let done = Arc::new(AtomicBool::new(false));
    let (asking, stop) = (client.clone(), Arc::clone(&done));
    // Connections trigger the check of the files.
    let connecting = tokio::spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            asking.certificate().await;
        }
    });
    let folder = gateway.folder.path().to_owned();
    fs::write(folder.join("tls.key"), &second.key_pem).unwrap();
    let line = gateway
        .program
        .stderr_line(|line| line.contains("certificate"));
    assert!(
        line.contains("cannot be used, so the previous one stays"),
        "{line}"
    );
    assert!(line.contains("tls.key is not the key of "), "{line}");
    assert_eq!(client.certificate().await, first.certificate);

    fs::write(folder.join("tls.crt"), &second.certificate_pem).unwrap();
    // The mismatched pair was reported once, so the next line is about the new pair.
    let line = gateway
        .program
        .stderr_line(|line| line.contains("certificate"));
    assert!(line.contains("reloaded the TLS certificate"), "{line}");
    assert_eq!(client.certificate().await, second.certificate);
    done.store(true, Ordering::Relaxed);
    connecting.await.unwrap();
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    let (one, other) = (Identity::new(), Identity::new());
    for (name, certificate, key, words) in [
        (
            "another's key",
            &*one.certificate_pem,
            &*other.key_pem,
            "is not the key of",
        ),
        (
            "no certificate",
            "",
            &one.key_pem,
            "tls.crt: holds no PEM certificate",
        ),
        (
            "no key",
            &one.certificate_pem,
            "",
            "tls.key: holds no private key in PEM",
        ),
        (
            "a certificate as the key",
            &one.certificate_pem,
            &one.certificate_pem,
            "tls.key: holds no private key in PEM",
        ),
        (
            "an encrypted key",
            &one.certificate_pem,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "tls.key: is encrypted",
        ),
        (
            "an encrypted key of the older form",
            &one.certificate_pem,
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n\
             MAA=\n-----END RSA PRIVATE KEY-----\n",
            "tls.key: is encrypted",
        ),
        (
            "an RSA key of 1024 bits",
            &one.certificate_pem,
            include_str!("data/rsa-1024.pem"),
            "tls.key: the RSA key is too short: it must have at least 2048 bits",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (certificate, key) = (file("tls.crt", certificate), file("tls.key", key));
        let environment = [
            ("AWS_S3_BUCKET", "wheels"),
            ("S3_ENDPOINT_URL", "http://127.0.0.1:1"),
            KEYS[0],
            KEYS[1],
            ("BASIC_AUTH", "ci:pa55word"),
        ];
        let arguments = ["--certfile", &*certificate, "--keyfile", &*key];
        let output = Program::start(arguments, environment).output();
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert_eq!(output.stderr.len(), 1, "{name}: {output:?}");
        let line = &output.stderr[0];
        assert!(
            line.starts_with("portcullis: --certfile (flag): "),
            "{name}: {line}"
        );
        assert!(line.contains(words), "{name}: {line}");
    }
}
