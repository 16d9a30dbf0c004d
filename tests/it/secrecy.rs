//! No secret in any `Debug`, error or log.

use std::sync::Arc;

use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{
    AnyOf, BasicCredentials, Carrier, GateLayer, Identity, Optional, Presented, PublicPaths,
    RequireScopeLayer, ScopePolicy, TokenFromPath,
};
use portcullis::health::Health;
use portcullis::htpasswd::{CheckPool, HtpasswdTable, HtpasswdUsers};
use portcullis::path_token::Redacted;
use portcullis::s3::{Bucket, BucketClient};
use portcullis::token::{
    InsecureSaltedToken, Lookup, NewToken, TokenDigest, TokenFile, TokenFormat, TokenRecord,
    TokenStoreError, Tokens,
};
use portcullis::upstream::HttpClient;
use portcullis::{
    CanonicalPathLayer, IndexRewriteLayer, PathTokenLayer, S3Proxy, Secret, TokenAuthLayer,
};
use tower::Layer;

use crate::support::file::TestFile;
use crate::support::{basic, get, head, through};

fn basic_auth() -> BasicAuthLayer {
    BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")]).unwrap()).unwrap()
}

#[test]
fn parts_print_their_settings_and_no_secret() {
    let challenge = r#""Basic realm=\"packages\", charset=\"UTF-8\"""#;
    let basic = format!("BasicAuthLayer {{ challenge: {challenge}, .. }}");
    let users = FixedUsers::new([("ci", "s3cret")]).unwrap();
    let bucket = Bucket::new("wheels/a", "eu-west-1").unwrap();
    let credentials = portcullis::aws::Credentials::new("AKID", "s3cret").unwrap();
    let client = BucketClient::with_client(
        (),
        bucket,
        credentials.with_session_token("s3cret").unwrap(),
    );
    let bucket = "Bucket { name: \"wheels\", region: Region(\"eu-west-1\"), prefix: KeyPrefix { \
                  prefix: \"a/\" }, scheme: \"https\", endpoint: s3.eu-west-1.amazonaws.com, \
                  style: VirtualHost }";
    let client_text = format!(
        "BucketClient {{ bucket: {bucket}, credentials: Credentials {{ access_key_id: \"AKID\", .. }}, .. }}"
    );
    let styled = GateLayer::new(basic_auth()).with_refusal_response(|_, _, response| response);
    let rows: [(String, String); 12] = [
        (format!("{users:?}"), "FixedUsers { users: 1, .. }".into()),
        (format!("{:?}", basic_auth()), basic.clone()),
        (
            format!("{styled:?}"),
            format!("GateLayer {{ method: {basic}, style: Some(<fn>) }}"),
        ),
        (
            format!("{:?}", basic_auth().layer(())),
            format!("Gate {{ inner: (), policy: Policy {{ method: {basic}, style: None }} }}"),
        ),
        (
            format!("{:?}", AnyOf::new((Some(basic_auth()),)).unwrap()),
            format!("AnyOf {{ methods: [Some({basic})] }}"),
        ),
        (
            format!("{:?}", Optional::new(Arc::new(basic_auth()))),
            format!("Optional {{ method: {basic} }}"),
        ),
        (
            format!("{:?}", PublicPaths::new(["/h"], basic_auth()).unwrap()),
            format!(
                "PublicPaths {{ paths: Paths {{ exact: {{\"/h\"}}, folders: [] }}, method: {basic} }}"
            ),
        ),
        (
            format!(
                "{:?}",
                RequireScopeLayer::new(ScopePolicy::any_of(["a", "b"]).unwrap())
            ),
            "RequireScopeLayer { required: Some(any_of(\"a\", \"b\")) }".into(),
        ),
        (format!("{client:?}"), client_text.clone()),
        (
            format!("{:?}", Health::ready(client.clone(), "/h").unwrap()),
            format!("Health {{ bucket: Some({bucket}), key: Some(\"a/h\") }}"),
        ),
        (
            format!("{:?}", S3Proxy::new(client)),
            format!("S3Proxy {{ bucket: {client_text}, .. }}"),
        ),
        (
            format!("{:?}", HttpClient::new().unwrap()),
            "HttpClient { .. }".into(),
        ),
    ];
    for (printed, expected) in rows {
        assert_eq!(printed, expected);
        assert!(!printed.contains("s3cret"));
    }
    assert_eq!(
        format!("{:?}", CanonicalPathLayer::new()),
        "CanonicalPathLayer"
    );
    assert!(format!("{:?}", IndexRewriteLayer::new()).contains("index.html"));
}

#[test]
fn a_table_of_hashes_prints_their_number() {
    let table = HtpasswdTable::insecure_parse_with_plain(b"ci:{PLAIN}s3cret").unwrap();
    assert_eq!(format!("{table:?}"), "HtpasswdTable { users: 1, .. }");
    let users = HtpasswdUsers::new(table).with_pool(CheckPool::new(2).unwrap());
    assert_eq!(
        format!("{users:?}"),
        "HtpasswdUsers { table: HtpasswdTable { users: 1, .. }, \
         pool: CheckPool { threads: 2, queue_length: 64 }, cache_lifetime: 3600s, .. }"
    );
}

#[test]
fn tokens_and_their_digests_are_not_printed() {
    let token = "pcl-0000000000000000000000000000003IZszq";
    let digest = "8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61";
    let json = format!(
        r#"{{"tokens":[{{"id":"ci","sha256":"{digest}","created":"2001-09-09T01:46:40Z","scopes":["a"]}}]}}"#
    );
    let file = TestFile::new("secrecy", &json);
    let store = TokenFile::open(&file.path).unwrap();
    let entry = &store.list().unwrap()[0];
    let tokens = Tokens::new(store.clone());
    let hash = "f4e7b109e7aaef9a56f019d83fba027513ee8f63faf73fbb3c993071089eeb81";
    let salted = InsecureSaltedToken::new(hash, "ci").unwrap();
    let record = TokenRecord::new("ci").with_scopes(["a"]);
    let lookup = Lookup::Now(Ok(Some(record.clone())));
    let identity = "Identity { method: \"token\", subject: \"ci\", scopes: [\"a\"], \
                    expires_at: None, .. }";
    let no_scopes = identity.replace("\"a\"", "");
    let record_text = format!("TokenRecord {{ identity: {identity}, is_revoked: false }}");
    let format = "TokenFormat { prefix: \"pcl\" }";
    let layer = TokenAuthLayer::new("packages", tokens.clone()).unwrap();
    let mounts = "Mounts { paths: [\"/conda\"] }";
    let path = PathTokenLayer::new().with_mount("/conda").unwrap();
    let error = TokenStoreError::new("away");
    let rows = [
        (format!("{:?}", TokenFormat::default()), format.to_owned()),
        (
            format!("{:?}", TokenDigest::of(token)),
            "TokenDigest(..)".into(),
        ),
        (
            format!("{store:?}"),
            format!(
                "TokenFile {{ path: {:?}, table: TokenTable {{ tokens: 1, .. }}, .. }}",
                file.path
            ),
        ),
        (
            format!("{entry:?}"),
            "TokenEntry { id: \"ci\", digest: TokenDigest(..), created: 2001-09-09 1:46:40.0 \
             +00:00:00, expires: None, revoked: None, scopes: [\"a\"] }"
                .into(),
        ),
        (
            format!("{:?}", NewToken::new("ci").with_scopes(["a"])),
            "NewToken { id: \"ci\", scopes: [\"a\"], expires_at: None }".into(),
        ),
        (format!("{record:?}"), record_text.clone()),
        (
            format!("{lookup:?}"),
            format!("Now(Ok(Some({record_text})))"),
        ),
        (format!("{error:?}"), "TokenStoreError(\"away\")".into()),
        (
            format!("{tokens:?}"),
            format!("Tokens {{ format: {format}, .. }}"),
        ),
        (
            format!("{salted:?}"),
            format!("InsecureSaltedToken {{ identity: {no_scopes}, .. }}"),
        ),
        (
            format!("{layer:?}"),
            "TokenAuthLayer { challenge: \"Bearer realm=\\\"packages\\\"\", carriers: \
             [Carrier(Bearer), Carrier(BasicPassword)], required: None, .. }"
                .into(),
        ),
        (
            format!("{path:?}"),
            format!("PathTokenLayer {{ mounts: {mounts} }}"),
        ),
        (
            format!("{:?}", path.layer(())),
            format!("PathToken {{ inner: (), mounts: {mounts} }}"),
        ),
        (
            format!("{:?}", Redacted::new(&format!("/t/{token}/x"))),
            "Redacted(\"/t/<TOKEN>/x\")".into(),
        ),
    ];
    for (printed, expected) in rows {
        assert_eq!(printed, expected);
        for secret in [token, digest, hash] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}

#[test]
fn credentials_of_a_request_are_not_printed() {
    let with_basic = head(&[("authorization", &basic("ci", "s3cret"))]);
    let found = format!("{:?}", BasicCredentials::from_head(&with_basic));
    assert_eq!(found, "Given(BasicCredentials(..))");
    let with_token = head(&[("authorization", "Bearer s3cret")]);
    assert_eq!(
        format!("{:?}", Carrier::bearer().find(&with_token)),
        "Given(Token(..))"
    );
    let token = TokenFromPath::new(Secret::new("s3cret"));
    assert_eq!(format!("{token:?}"), "TokenFromPath(Secret(..))");
    let identity = Identity::new("sso", "eve").with_claims("s3cret");
    assert!(!format!("{identity:?}").contains("s3cret"));
    assert!(matches!(
        BasicCredentials::from_head(&with_token),
        Presented::Absent
    ));
}

#[tokio::test]
async fn no_refusal_repeats_what_was_sent() {
    for field in [
        basic("ci", "wr0ng"),
        "Basic wr0ng".into(),
        "Bearer wr0ng".into(),
    ] {
        let answer = through(&basic_auth(), get("/", &[("authorization", &field)])).await;
        let everything = format!("{answer:?}");
        assert!(
            !everything.contains("wr0ng") && !everything.contains(&field[6..]),
            "{everything}"
        );
    }
}
