//! One signature of a GET as `S3Proxy` sends it: with the day's key cached, without it, and by the
//! signer of the AWS SDK for Rust, which derives its key each time.
//!
//! ```text
//! cargo bench --bench sigv4 --features sigv4
//! ```

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use divan::{AllocProfiler, Bencher, Divan, black_box};
use http::Request;
use http::request::Parts;
use portcullis::aws::{Credentials, Payload, Region, Signer};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    // Samples of many calls, because one takes little longer than reading the clock.
    Divan::default()
        .sample_count(500)
        .sample_size(32)
        .config_with_args()
        .main();
}

const REGION: &str = "eu-west-1";
const ACCESS_KEY: (&str, &str) = (
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
);
const TARGET: &str =
    "https://packages.s3.eu-west-1.amazonaws.com/simple/pkg/pkg-1.0-py3-none-any.whl";

fn head() -> Parts {
    let request = Request::get(TARGET)
        .header("if-none-match", "\"5d41402abc4b2a76b9719d911017c592\"")
        .header("range", "bytes=0-65535");
    request.body(()).expect("a request").into_parts().0
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

fn signer() -> Signer {
    Signer::for_s3(Region::new(REGION).expect("a region"))
}

fn credentials() -> Credentials {
    let (id, secret) = ACCESS_KEY;
    Credentials::new(id, secret).expect("a key")
}

#[divan::bench]
fn key_at_hand(bencher: Bencher<'_, '_>) {
    let (signer, credentials) = (signer(), credentials());
    bencher
        .with_inputs(head)
        .bench_local_refs(|head| signer.sign(head, Payload::Empty, &credentials, black_box(now())));
}

#[divan::bench]
fn key_to_derive(bencher: Bencher<'_, '_>) {
    let credentials = credentials();
    bencher
        .with_inputs(|| (signer(), head()))
        .bench_local_refs(|(signer, head)| {
            signer.sign(head, Payload::Empty, &credentials, black_box(now()))
        });
}

/// Does not put the headers into the request, which the other two do.
#[divan::bench]
fn aws_sdk(bencher: Bencher<'_, '_>) {
    let (id, secret) = ACCESS_KEY;
    let credentials = aws_credential_types::Credentials::new(id, secret, None, None, "bench");
    let identity = credentials.into();
    let head = head();
    bencher.bench_local(|| {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("s3")
            .time(black_box(now()))
            .settings(settings)
            .build()
            .expect("all parameters are set");
        let headers = head.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")));
        let request = SignableRequest::new("GET", TARGET, headers, SignableBody::Bytes(b""));
        sign(request.expect("a target"), &params.into()).expect("a signature")
    });
}
