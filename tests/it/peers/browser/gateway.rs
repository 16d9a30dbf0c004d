use std::net::SocketAddr;
use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use portcullis::sso::SsoLayer;
use portcullis::{CanonicalPathLayer, S3Proxy};
use rcgen::CertifiedKey;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tower::ServiceBuilder;

use crate::support::fake_s3::FakeS3;

/// A port for the gateway, whose URL its settings need.
pub(super) struct Socket(TcpListener);

/// The gateway on it, over TLS, in front of a bucket.
pub(super) struct Gateway {
    accepting: JoinHandle<()>,
    _bucket: FakeS3,
}

impl Socket {
    pub(super) async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(super) fn origin(&self) -> String {
        let address: SocketAddr = self.0.local_addr().unwrap();
        format!("https://{address}")
    }

    pub(super) async fn serve(self, gate: SsoLayer) -> Gateway {
        let bucket = contents().await;
        let stack = ServiceBuilder::new()
            .layer(CanonicalPathLayer::new())
            .layer(gate)
            .service(S3Proxy::new(bucket.client()));
        let acceptor = acceptor();
        let accepting = tokio::spawn(async move {
            // Dropping the set, with the task, ends the connections.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = self.0.accept().await {
                let (acceptor, stack) = (acceptor.clone(), stack.clone());
                connections.spawn(async move {
                    // A browser opens connections that it does not use.
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let server = auto::Builder::new(TokioExecutor::new());
                    let service = TowerToHyperService::new(stack);
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Gateway {
            accepting,
            _bucket: bucket,
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A certificate of its own, and HTTP/2 and 1.1 as browsers ask for them.
fn acceptor() -> TlsAcceptor {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn contents() -> FakeS3 {
    let bucket = FakeS3::start().await;
    let html = [("content-type", "text/html; charset=utf-8")];
    let page = "<!DOCTYPE html><title>A page</title><h1>A page</h1>";
    bucket.put_with("page.html", page, &html);
    for i in 0..30 {
        let image = r#"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>"#;
        let svg = [("content-type", "image/svg+xml")];
        bucket.put_with(&format!("image-{i}.svg"), image, &svg);
    }
    bucket.put_with("tone.wav", silence(), &[("content-type", "audio/wav")]);
    bucket
}

/// Five minutes of it, as WAVE of 8,000 samples a second of 8 bits: more than a browser reads ahead.
fn silence() -> Vec<u8> {
    let samples: u32 = 5 * 60 * 8000;
    let mut wave = b"RIFF".to_vec();
    wave.extend((samples + 36).to_le_bytes());
    wave.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wave.extend(8000_u32.to_le_bytes());
    wave.extend(8000_u32.to_le_bytes());
    wave.extend(b"\x01\0\x08\0data");
    wave.extend(samples.to_le_bytes());
    wave.resize(wave.len() + samples as usize, 0x80);
    wave
}
