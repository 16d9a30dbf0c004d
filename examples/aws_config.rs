//! A bucket served without authentication, read with the credentials of the AWS SDKs' chain: profiles,
//! SSO, web identity, ECS, EC2 instances, processes. Set `AWS_S3_BUCKET`, and `S3_ENDPOINT_URL` for
//! another S3 than AWS's, then `cargo run --example aws_config --features aws-config,s3-proxy`. It prints
//! the first access key and failed calls of the chain to stderr. `CREDENTIALS_TIMEOUT` is the longest time
//! of such a call in seconds (default 5).

use std::error::Error;
use std::time::{Duration, SystemTime};

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use portcullis::aws::{
    AwsConfigCredentials, CredentialsError, CredentialsProvider, RefreshingCredentials,
    region_from_environment,
};
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

fn log_failure(error: &CredentialsError) {
    let cause = error.source().map(ToString::to_string);
    eprintln!("credentials: {error}: {}", cause.unwrap_or_default());
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name = variable("AWS_S3_BUCKET").ok_or("AWS_S3_BUCKET is not set")?;
    let region = region_from_environment().await?;
    let region = region.map_or("us-east-1".into(), |region| region.to_string());
    let mut bucket = Bucket::new(&name, region)?;
    if let Some(endpoint) = variable("S3_ENDPOINT_URL") {
        bucket = bucket.with_endpoint(&endpoint)?;
    }
    let seconds = variable("CREDENTIALS_TIMEOUT").map_or(Ok(5), |seconds| seconds.parse())?;
    let credentials = RefreshingCredentials::new(AwsConfigCredentials::new())
        .with_timeout(Duration::from_secs(seconds))
        .with_failure_observer(log_failure);

    // Asked before the first request, so that a wrong setting shows at once.
    if let Ok(first) = credentials.credentials().await {
        let expiry = first
            .expires_at()
            .map(|at| at.duration_since(SystemTime::UNIX_EPOCH));
        let expiry = expiry.transpose()?.map(|since| since.as_secs());
        eprintln!("credentials: {} until {expiry:?}", first.access_key_id());
    }
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
