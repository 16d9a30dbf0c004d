//! `Signer` against the signer of the AWS SDK for Rust, `aws_sigv4::http_request::sign`.
#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::Arbitrary;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use http::request::Parts;
use http::{HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;
use portcullis::aws::{Credentials, Payload, Region, Signer};
use portcullis::path::{KeyPrefix, ObjectKey, RequestPath};

fuzz_target!(|input: Input<'_>| {
    let Some(head) = input.head() else { return };
    let accounts = [
        Account::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            None,
        ),
        Account::new("ASIA-2", "s", Some(input.token())),
    ];
    // One signer for all requests: its cached key must never sign for another day or other credentials.
    let signer = Signer::for_s3(Region::new(REGION).expect("a region"));
    for moment in [input.first, input.second, input.third] {
        let account = &accounts[usize::from(moment.by_second_account)];
        let now = moment.time();
        let mut signed = head.clone();
        signer
            .sign(&mut signed, input.payload(), &account.ours, now)
            .expect("a host and a year before 10000");
        let expected = account.sign_by_aws(&head, input.payload(), now);
        for (name, value) in &expected {
            let ours = signed.headers.get(name).map(HeaderValue::as_bytes);
            assert_eq!(
                ours.map(String::from_utf8_lossy).as_deref(),
                Some(value.as_str()),
                "{name} of {input:?}"
            );
        }
        assert!(signed.headers["authorization"].is_sensitive());
        assert_eq!(
            signed.headers.contains_key("x-amz-security-token"),
            moment.by_second_account
        );
    }
});

const REGION: &str = "eu-west-1";
const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"];
const ENDPOINTS: [&str; 8] = [
    "https://bucket.s3.eu-west-1.amazonaws.com",
    "https://bucket.s3.eu-west-1.amazonaws.com:443",
    "http://minio:9000",
    "http://minio:80",
    "http://minio:443",
    "https://127.0.0.1:80",
    "https://[::1]",
    "http://[2001:db8::1]:8333",
];
/// Headers that both signers sign; unit tests cover those that only ours leaves out.
const HEADERS: [&str; 8] = [
    "range",
    "if-none-match",
    "if-modified-since",
    "accept",
    "content-type",
    "cookie",
    "x-amz-meta-a",
    "x-amz-meta-a-b",
];

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Moment {
    by_second_account: bool,
    /// Few, so that two times are often on the same day or on consecutive days.
    day: u8,
    second_of_day: u32,
    nanoseconds: u32,
    far: bool,
}

impl Moment {
    fn time(self) -> SystemTime {
        let day = if self.far { 2_900_000 } else { 20_000 } + u64::from(self.day % 4);
        let seconds = day * 86_400 + u64::from(self.second_of_day % 86_400);
        let since_epoch = Duration::new(seconds, self.nanoseconds % 1_000_000_000);
        SystemTime::UNIX_EPOCH + since_epoch
    }
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: u8,
    endpoint: u8,
    is_unsigned: bool,
    first: Moment,
    second: Moment,
    third: Moment,
    token: &'a [u8],
    /// Percent-encoded by `ObjectKey`.
    path: &'a str,
    query: &'a str,
    headers: Vec<(u8, &'a str)>,
}

impl Input<'_> {
    fn head(&self) -> Option<Parts> {
        let path = format!("/{}", self.path.replace('%', "%25"));
        let path = RequestPath::parse(&path).ok()?;
        let key = ObjectKey::from_path(path.as_str(), &KeyPrefix::default()).ok()?;
        let endpoint = ENDPOINTS[usize::from(self.endpoint) % ENDPOINTS.len()];
        let target = format!("{endpoint}/{}?{}", key.encoded(), self.query);
        let mut request = Request::builder()
            .method(METHODS[usize::from(self.method) % METHODS.len()])
            .uri(Uri::try_from(target).ok()?);
        for (name, value) in &self.headers {
            let name = HEADERS[usize::from(*name) % HEADERS.len()];
            request = request.header(name, HeaderValue::from_str(value).ok()?);
        }
        let (head, ()) = request.body(()).ok()?.into_parts();
        Some(head)
    }

    fn payload(&self) -> Payload {
        if self.is_unsigned {
            Payload::Unsigned
        } else {
            Payload::Empty
        }
    }

    /// Visible characters: the SDK does not fold spaces in a token, though it does elsewhere.
    fn token(&self) -> String {
        let visible = |byte: &u8| char::from(b'!' + byte % 94);
        self.token.iter().map(visible).collect()
    }
}

struct Account {
    ours: Credentials,
    theirs: aws_credential_types::Credentials,
}

impl Account {
    fn new(id: &str, secret: &str, token: Option<String>) -> Self {
        let ours = Credentials::new(id, secret).expect("a key");
        let ours = match &token {
            Some(token) => ours.with_session_token(token).expect("visible"),
            None => ours,
        };
        let theirs = aws_credential_types::Credentials::new(id, secret, token, None, "fuzz");
        Self { ours, theirs }
    }

    /// The headers that the SDK adds.
    fn sign_by_aws(
        &self,
        head: &Parts,
        payload: Payload,
        now: SystemTime,
    ) -> Vec<(String, String)> {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = self.theirs.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("s3")
            .time(now)
            .settings(settings)
            .build()
            .expect("all parameters are set");
        let headers = head.headers.iter().map(|(name, value)| {
            let value = std::str::from_utf8(value.as_bytes()).expect("made from a string");
            (name.as_str(), value)
        });
        let body = match payload {
            Payload::Unsigned => SignableBody::UnsignedPayload,
            _ => SignableBody::Bytes(b""),
        };
        let target = head.uri.to_string();
        let request = SignableRequest::new(head.method.as_str(), &target, headers, body);
        let request = request.expect("a target");
        let (instructions, _) = sign(request, &params.into()).expect("signed").into_parts();
        let added = instructions.headers();
        added
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
