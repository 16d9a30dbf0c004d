//! A bucket served without authentication, in plain hyper, so it listens on loopback. Set
//! `AWS_S3_BUCKET`, `AWS_DEFAULT_REGION`, `AWS_ACCESS_KEY_ID` and
//! `AWS_SECRET_ACCESS_KEY`, and `S3_ENDPOINT_URL` for another S3 than AWS's, then
//! `cargo run --example s3_proxy --features s3-proxy`.

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use portcullis::aws::Credentials;
use portcullis::s3::{Bucket, BucketClient};
use portcullis::{CanonicalPathLayer, S3Proxy};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the example reads its settings"
)]
fn variable(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = variable("AWS_S3_BUCKET").ok_or("AWS_S3_BUCKET is not set")?;
    let region = variable("AWS_DEFAULT_REGION").unwrap_or("us-east-1".into());
    let mut bucket = Bucket::new(&name, region)?;
    if let Some(endpoint) = variable("S3_ENDPOINT_URL") {
        bucket = bucket.with_endpoint(&endpoint)?;
    }
    let credentials = Credentials::from_env()?;

    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .service(S3Proxy::new(BucketClient::new(bucket, credentials)?));

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(stack.clone());
        tokio::spawn(async move {
            let server = http1::Builder::new().timer(TokioTimer::new()).clone();
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection: {error}");
            }
        });
    }
}
