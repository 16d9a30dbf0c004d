//! The signer against AWS's own examples and AWS's own implementation.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::Full;
use portcullis::aws::{Credentials, Payload, Region, Signer};
use portcullis::path::{KeyPrefix, ObjectKey, RequestPath};
use portcullis::upstream::{HttpClient, RequestBody};
use proptest::collection::vec;
use proptest::prelude::*;
use tower::ServiceExt;

use crate::support::fake_s3::{self, FakeS3};

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn signer(region: &str) -> Signer {
    Signer::for_s3(Region::new(region).unwrap())
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn authorization(head: &Parts) -> &str {
    head.headers["authorization"].to_str().unwrap()
}

/// "Examples: Signature Calculations in AWS Signature Version 4" in the Amazon S3 API reference:
/// GET Object, GET Bucket Lifecycle, Get Bucket (List Objects).
#[test]
fn signs_the_examples_of_the_s3_api_reference() {
    let signer = signer("us-east-1");
    let credentials = Credentials::new(ID, SECRET).unwrap();
    for (target, headers, signed, signature) in [
        (
            "https://examplebucket.s3.amazonaws.com/test.txt",
            &[("range", "bytes=0-9")][..],
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "https://examplebucket.s3.amazonaws.com/?lifecycle",
            &[],
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
            &[],
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let mut head = crate::support::get(target, headers).into_parts().0;
        signer
            .sign(&mut head, Payload::Empty, &credentials, at(1_369_353_600))
            .unwrap();
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential={ID}/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders={signed}, Signature={signature}"
        );
        assert_eq!(authorization(&head), expected, "{target}");
        assert!(head.headers["authorization"].is_sensitive());
    }
}

/// The example of "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.
#[test]
fn presigns_the_example_of_the_reference() {
    let credentials = Credentials::new(ID, SECRET).unwrap();
    let uri = "https://examplebucket.s3.amazonaws.com/test.txt"
        .parse()
        .unwrap();
    let presign = |seconds| {
        let expires = Duration::from_secs(seconds);
        signer("us-east-1").presign(Method::GET, &uri, expires, &credentials, at(1_369_353_600))
    };
    let url = presign(86_400).unwrap();
    assert_eq!(
        url.expose(),
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    assert!(!format!("{url:?}").contains("Signature"), "{url:?}");
    for (seconds, is_signed) in [(0, false), (1, true), (604_800, true), (604_801, false)] {
        assert_eq!(presign(seconds).is_ok(), is_signed, "{seconds}");
    }
}

/// The `Authorization` that `aws-sigv4`'s own `sign` makes for the same request.
fn oracle(
    head: &Parts,
    body: SignableBody<'_>,
    token: Option<&str>,
    region: &str,
    time: SystemTime,
) -> String {
    let identity =
        aws_credential_types::Credentials::new(ID, SECRET, token.map(str::to_owned), None, "test")
            .into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(time)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = head.uri.to_string();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let request = SignableRequest::new(head.method.as_str(), uri, headers, body).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let mut signed = Request::new(());
    instructions.apply_to_request_http1x(&mut signed);
    signed.headers()["authorization"]
        .to_str()
        .unwrap()
        .to_owned()
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    const NAMES: [&str; 7] = [
        "range",
        "if-match",
        "if-none-match",
        "x-amz-meta-a",
        "content-type",
        "a",
        "zz-9",
    ];
    (
        prop::sample::select(&NAMES[..]),
        "[!-~]([ -~\t]{0,20}[!-~])?",
    )
}

/// Keys of any characters that a key may have, and hosts with and without ports.
fn target() -> impl Strategy<Value = String> {
    const HOSTS: [&str; 5] = [
        "https://b.s3.eu-west-1.amazonaws.com",
        "http://127.0.0.1:9000",
        "http://h:80",
        "https://h:443",
        "http://h:443",
    ];
    let key = "[^\\x00-\\x1f\\x7f\\\\]{1,30}".prop_filter("dot segments", |key| {
        !key.split('/')
            .any(|segment| segment == "." || segment == "..")
    });
    let query = prop::option::of("[a-zA-Z0-9=&%+*~./:@!$'(),;-]{0,30}");
    (prop::sample::select(&HOSTS[..]), key, query).prop_map(|(host, key, query)| {
        let path = key
            .bytes()
            .fold(String::from("/"), |path, byte| format!("{path}%{byte:02x}"));
        let path = RequestPath::parse(&path).unwrap();
        let key = ObjectKey::from_path(path.as_str(), &KeyPrefix::default()).unwrap();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{host}/bucket/{}{query}", key.encoded())
    })
}

/// The signature that `aws-sigv4`'s own `sign` puts into the query.
fn presigning_oracle(
    uri: &str,
    token: Option<&str>,
    region: &str,
    expires: Duration,
    time: SystemTime,
) -> String {
    let identity =
        aws_credential_types::Credentials::new(ID, SECRET, token.map(str::to_owned), None, "test")
            .into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(expires);
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(time)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let body = SignableBody::UnsignedPayload;
    let request = SignableRequest::new("GET", uri, std::iter::empty(), body).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let mut params = instructions.params().iter();
    let signature = params.find(|(name, _)| *name == "X-Amz-Signature").unwrap();
    signature.1.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn presigns_as_aws_sigv4_does(
        target in target(),
        token in prop::option::of("[A-Za-z0-9+/=]{1,40}"),
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        seconds in 0_u64..253_402_300_800,
        expires in 1_u64..=604_800,
    ) {
        let (time, expires) = (at(seconds), Duration::from_secs(expires));
        let expected = presigning_oracle(&target, token.as_deref(), &region, expires, time);
        let credentials = Credentials::new(ID, SECRET).unwrap();
        let credentials = match &token {
            Some(token) => credentials.with_session_token(token).unwrap(),
            None => credentials,
        };
        let uri = target.parse().unwrap();
        let url = signer(&region).presign(Method::GET, &uri, expires, &credentials, time);
        let url = url.unwrap();
        let (_, signature) = url.expose().rsplit_once("&X-Amz-Signature=").unwrap();
        prop_assert_eq!(signature, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_aws_sigv4_on_any_request(
        method in prop::sample::select(&["GET", "HEAD", "PUT", "DELETE"][..]),
        target in target(),
        headers in vec(header(), 0..5),
        token in prop::option::of("[A-Za-z0-9+/=]{1,40}"),
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        seconds in 0_u64..253_402_300_800,
        body in prop::option::of(vec(any::<u8>(), 0..100)),
    ) {
        let (payload, signable) = match &body {
            None => (Payload::Unsigned, SignableBody::UnsignedPayload),
            Some(bytes) if bytes.is_empty() => (Payload::Empty, SignableBody::Bytes(b"")),
            Some(bytes) => (Payload::of(bytes), SignableBody::Bytes(bytes)),
        };
        let mut request = Request::builder().method(method).uri(&target);
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let mut head = request.body(()).unwrap().into_parts().0;
        let expected = oracle(&head, signable, token.as_deref(), &region, at(seconds));
        let credentials = Credentials::new(ID, SECRET).unwrap();
        let credentials = match &token {
            Some(token) => credentials.with_session_token(token).unwrap(),
            None => credentials,
        };
        signer(&region).sign(&mut head, payload, &credentials, at(seconds)).unwrap();
        prop_assert_eq!(authorization(&head), expected);
    }
}

#[tokio::test]
async fn s3_takes_the_body_that_was_signed() {
    let s3 = FakeS3::start().await;
    let client = HttpClient::without_tls().unwrap();
    let signer = signer("eu-west-1");
    let credentials = fake_s3::credentials(fake_s3::SECRET);
    let wheel = Bytes::from_static(b"wheel");
    let stream = || RequestBody::stream(Full::new(wheel.clone()));
    for (name, payload, body, stored) in [
        ("empty", Payload::Empty, RequestBody::empty(), Some("")),
        (
            "bytes",
            Payload::of(&wheel),
            wheel.clone().into(),
            Some("wheel"),
        ),
        ("stream", Payload::of(&wheel), stream(), Some("wheel")),
        ("unsigned", Payload::Unsigned, stream(), None),
        ("not-empty", Payload::Empty, stream(), None),
        ("other-bytes", Payload::of(b"sdist"), stream(), None),
    ] {
        let uri = format!("{}/wheels/{name}", s3.url());
        let length = http_body::Body::size_hint(&body).exact().unwrap();
        let request = Request::put(uri).header("content-length", length);
        let (mut head, body) = request.body(body).unwrap().into_parts();
        let now = portcullis::Clock::now(&portcullis::SystemClock::default());
        signer.sign(&mut head, payload, &credentials, now).unwrap();
        let sent = client.clone().oneshot(Request::from_parts(head, body));
        let status = sent.await.unwrap().status();
        assert_eq!(status.is_success(), stored.is_some(), "{name}: {status}");
        let object = s3.object(name);
        assert_eq!(object.as_deref(), stored.map(str::as_bytes), "{name}");
    }
    let methods = s3.wire().into_iter().map(|wire| wire.method);
    assert!(methods.eq(vec![Method::PUT; 6]));
}

#[test]
fn the_kept_key_signs_for_its_day_alone() {
    let one = signer("us-east-1");
    let old = Credentials::new(ID, SECRET).unwrap();
    let new = Credentials::new(ID, "another secret").unwrap();
    let midnight = 1_369_440_000;
    let sign = |signer: &Signer, credentials: &Credentials, seconds| {
        let mut head = crate::support::get("https://b.s3.amazonaws.com/k", &[])
            .into_parts()
            .0;
        signer
            .sign(&mut head, Payload::Empty, credentials, at(seconds))
            .unwrap();
        authorization(&head).to_owned()
    };
    for (credentials, seconds) in [
        (&old, midnight - 1),
        (&old, midnight - 1),
        (&old, midnight),
        (&old, midnight - 1),
        (&new, midnight - 1),
        (&old, midnight - 1),
        (&old.clone(), midnight + 1),
    ] {
        let fresh = sign(&signer("us-east-1"), credentials, seconds);
        assert_eq!(sign(&one, credentials, seconds), fresh, "{seconds}");
    }
}

#[test]
fn unsignable_requests_are_errors() {
    let credentials = Credentials::new(ID, SECRET).unwrap();
    let signer = signer("us-east-1");
    let sign = |target: &str, time| {
        let mut head = crate::support::get(target, &[]).into_parts().0;
        signer
            .sign(&mut head, Payload::Empty, &credentials, time)
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        sign("/no/host", at(1)).unwrap_err(),
        "the request has no host"
    );
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(
        sign("http://h/", before).unwrap_err(),
        "the time is before 1970"
    );
    let after = "the time is after the year 9999";
    assert_eq!(sign("http://h/", at(253_402_300_800)).unwrap_err(), after);
    assert!(sign("http://h/", at(253_402_300_799)).is_ok());
    assert!(sign("http://h/", at(0)).is_ok());

    let mut head = crate::support::get("http://h/", &[]).into_parts().0;
    head.headers.insert(
        "if-match",
        http::HeaderValue::from_bytes(b"\"\xff\"").unwrap(),
    );
    let error = signer
        .sign(&mut head, Payload::Empty, &credentials, at(1))
        .unwrap_err();
    assert_eq!(error.to_string(), "a header to sign is not UTF-8");
}

#[test]
fn headers_that_hops_change_are_not_signed() {
    let headers = [
        "connection",
        "expect",
        "te",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "trailer",
    ];
    let headers = headers.map(|name| (name, "x"));
    let mut head = crate::support::get("http://h/k", &headers).into_parts().0;
    let credentials = Credentials::new(ID, SECRET).unwrap();
    signer("us-east-1")
        .sign(&mut head, Payload::Empty, &credentials, at(1))
        .unwrap();
    assert!(authorization(&head).contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
}

#[test]
fn a_stale_signature_on_the_request_is_replaced() {
    let credentials = Credentials::new(ID, SECRET).unwrap();
    let stale = [
        ("host", "evil"),
        ("authorization", "Basic eDp5"),
        ("x-amz-date", "x"),
        ("x-amz-security-token", "x"),
        ("x-amz-content-sha256", "x"),
    ];
    let target = "http://h:9000/k";
    let mut head = crate::support::get(target, &stale).into_parts().0;
    let mut clean = crate::support::get(target, &[]).into_parts().0;
    for head in [&mut head, &mut clean] {
        signer("us-east-1")
            .sign(head, Payload::Empty, &credentials, at(1))
            .unwrap();
    }
    assert_eq!(head.headers["host"], "h:9000");
    assert_eq!(authorization(&head), authorization(&clean));
    assert!(!head.headers.contains_key("x-amz-security-token"));
}
