//! `AwsConfigCredentials` in a process of its own, which reads an object from an S3 that verifies
//! signatures: the SDK's chain takes its settings from the environment of its process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::join_all;

use crate::examples::Example;
use crate::support::fake_aws::{ECS_TOKEN, FakeAws, Fault, ROLE_ARN, SSO_TOKEN, WEB_TOKEN};
use crate::support::fake_s3::{FakeS3, KEY_ID, SECRET};
use crate::support::fault_proxy::{Exchange, FaultProxy, Step};

type Variables = Vec<(&'static str, String)>;

/// A folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("credentials-{name}"));
    std::fs::create_dir_all(folder.join(".aws/sso/cache")).unwrap();
    folder
}

/// Writes a file and tells where.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.into_os_string().into_string().unwrap()
}

fn imds(aws: &str) -> Variables {
    vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.to_owned())]
}

fn ecs(aws: &str, token: &str) -> Variables {
    vec![
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{aws}/ecs")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", token.to_owned()),
    ]
}

fn web_identity(folder: &Path, aws: &str, token: &str) -> Variables {
    vec![
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file(folder, "token", token)),
        ("AWS_ROLE_ARN", ROLE_ARN.to_owned()),
        ("AWS_ROLE_SESSION_NAME", "portcullis".to_owned()),
        ("AWS_ENDPOINT_URL_STS", aws.to_owned()),
    ]
}

fn profile(folder: &Path, text: &str) -> Variables {
    vec![("AWS_CONFIG_FILE", file(folder, "config", text))]
}

/// A profile whose process runs this script.
fn process(folder: &Path, script: &str) -> Variables {
    let script = file(folder, "process.sh", script);
    profile(
        folder,
        &format!("[default]\ncredential_process = sh {script}\n"),
    )
}

/// A profile of SSO, whose token has been kept by a sign-in.
fn sso(folder: &Path, aws: &str, token: &str) -> Variables {
    let start_url = "https://portcullis.awsapps.com/start";
    // The SHA-1 of that address, by coreutils' `sha1sum`.
    let kept = ".aws/sso/cache/2242b561eedc5dc79d9814d42d122d1590f8d1e8.json";
    let text = format!(
        r#"{{"accessToken":"{token}","expiresAt":"2100-01-01T00:00:00Z","region":"eu-west-1","startUrl":"{start_url}"}}"#
    );
    file(folder, kept, &text);
    let text = format!(
        "[default]\nsso_start_url = {start_url}\nsso_region = eu-west-1\n\
         sso_account_id = 123456789012\nsso_role_name = gateway\n"
    );
    let mut variables = profile(folder, &text);
    variables.push(("HOME", folder.to_str().unwrap().to_owned()));
    variables.push(("AWS_ENDPOINT_URL_SSO", aws.to_owned()));
    variables
}

fn keys(token: &str) -> Variables {
    vec![
        ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_SESSION_TOKEN", token.to_owned()),
    ]
}

/// The bucket `wheels`, served with what the chain finds by these variables.
async fn gateway(s3: &FakeS3, timeout: u64, variables: &Variables) -> Example {
    let mut environment = variables.clone();
    environment.push(("AWS_S3_BUCKET", "wheels".to_owned()));
    environment.push(("S3_ENDPOINT_URL", s3.url()));
    environment.push(("CREDENTIALS_TIMEOUT", timeout.to_string()));
    let has = |part: &str| variables.iter().any(|(name, _)| name.contains(part));
    // Nothing may ask the metadata service of the machine that the tests run on.
    if !has("EC2_METADATA") {
        environment.push(("AWS_EC2_METADATA_DISABLED", "true".to_owned()));
    }
    // A profile brings its region.
    if !has("CONFIG_FILE") && !has("REGION") {
        environment.push(("AWS_REGION", "eu-west-1".to_owned()));
    }
    // It asks for credentials before it listens, and the fakes run on this thread.
    let start = tokio::task::spawn_blocking(move || {
        let environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Example::start("aws_config", &environment)
    });
    start.await.unwrap()
}

#[tokio::test]
async fn each_source_of_the_chain_satisfies_s3() {
    let aws = FakeAws::start().await;
    let url = aws.url();
    let folder = folder("accepted");
    let sub = |name| {
        let folder = folder.join(name);
        std::fs::create_dir_all(folder.join(".aws/sso/cache")).unwrap();
        folder
    };
    let forever = "None";
    let until_2100 = "Some(4102444800)";
    let script = format!(
        "echo '{{\"Version\":1,\"AccessKeyId\":\"{KEY_ID}\",\"SecretAccessKey\":\"{SECRET}\",\
         \"SessionToken\":\"session-of-process\",\"Expiration\":\"2100-01-01T00:00:00Z\"}}'"
    );
    let named = format!(
        "[profile gateway]\nregion = eu-west-1\naws_access_key_id = {KEY_ID}\n\
         aws_secret_access_key = {SECRET}\naws_session_token = session-of-profile\n"
    );
    let mut named = profile(&sub("profile"), &named);
    named.push(("AWS_PROFILE", "gateway".to_owned()));
    let mut role = process(&sub("process"), &script);
    role.push(("AWS_DEFAULT_REGION", "eu-west-1".to_owned()));
    let mut signed_in = sso(&sub("sso"), &url, SSO_TOKEN);
    signed_in.push(("AWS_REGION", "eu-west-1".to_owned()));
    let rows = [
        (
            "session-of-environment",
            keys("session-of-environment"),
            forever,
        ),
        ("session-of-profile", named, forever),
        ("session-of-process", role, until_2100),
        ("session-of-sso", signed_in, until_2100),
        (
            "session-of-sts",
            web_identity(&sub("sts"), &url, WEB_TOKEN),
            until_2100,
        ),
        ("session-of-ecs", ecs(&url, ECS_TOKEN), until_2100),
        ("session-of-imds", imds(&url), until_2100),
    ];
    join_all(rows.iter().map(|(session, variables, expiry)| async move {
        let s3 = FakeS3::start().await;
        s3.put("a.whl", "wheel");
        let gateway = gateway(&s3, 60, variables).await;
        let answer = gateway.get("/a.whl", None).await;
        let log = gateway.stop();
        assert_eq!(answer, (200, "wheel".to_owned()), "{session}: {log}");
        let expected = format!("credentials: {KEY_ID} until {expiry}\n");
        assert_eq!(log, expected, "{session}");
        let wire = s3.wire();
        assert_eq!(wire[0].headers["x-amz-security-token"], session);
        let authorization = wire[0].headers["authorization"].to_str().unwrap();
        assert!(authorization.contains("/eu-west-1/s3/"), "{authorization}");
    }))
    .await;
}

#[tokio::test]
async fn a_source_that_refuses_is_503_and_logged() {
    let aws = FakeAws::start().await;
    let url = aws.url();
    let folder = folder("refused");
    let mut no_role = web_identity(&folder, &url, WEB_TOKEN);
    no_role[1].1.push_str("-of-another");
    let wrong_token = self::folder("refused-token");
    let rows = [
        (
            "a wrong web identity",
            web_identity(&wrong_token, &url, "wrong.t0k3n"),
            "WebIdentityToken is wrong",
        ),
        ("another's role", no_role, "RoleArn is wrong"),
        ("a wrong token of a task", ecs(&url, "Basic wr0ng"), "401"),
        (
            "a stale sign-in",
            sso(&folder, &url, "st4le"),
            "Session token not found",
        ),
        (
            "a process that fails",
            process(
                &self::folder("refused-process"),
                "echo out of order >&2; exit 7",
            ),
            "out of order",
        ),
        (
            "a process that says nothing",
            process(&self::folder("refused-nothing"), "true"),
            "could not parse response",
        ),
        (
            "nothing at all",
            vec![],
            "the credential provider was not enabled",
        ),
    ];
    join_all(rows.iter().map(|(name, variables, reason)| async move {
        let s3 = FakeS3::start().await;
        s3.put("a.whl", "wheel");
        let gateway = gateway(&s3, 60, variables).await;
        let status = gateway.get("/a.whl", None).await.0;
        let log = gateway.stop();
        assert_eq!(status, 503, "{name}: {log}");
        let lines: Vec<_> = log.lines().collect();
        assert_eq!(
            lines.len(),
            2,
            "one at the start, one for the request: {name}: {log}"
        );
        for line in lines {
            let told = line.strip_prefix("credentials: the SDK's chain gave no credentials: ");
            assert!(
                told.is_some_and(|told| told.contains(reason)),
                "{name}: {log}"
            );
            assert!(
                !line.contains("t0k3n") && !line.contains("wr0ng") && !line.contains("st4le"),
                "{line}"
            );
        }
        assert!(s3.wire().is_empty(), "{name}");
    }))
    .await;
}

#[tokio::test]
async fn a_failed_source_is_asked_again() {
    let overdue = "has not answered in time";
    let rows = [
        ("ecs", Fault::Hangs, overdue),
        ("ecs", Fault::Html, "invalid JSON"),
        ("ecs", Fault::Status(500), "StatusCode(500)"),
        ("ecs", Fault::Expired, "credentials that have expired"),
        ("imds", Fault::Hangs, "could not communicate with IMDS"),
        ("imds", Fault::Html, "failed to load IMDS session token"),
        (
            "imds",
            Fault::Status(403),
            "failed to load IMDS session token",
        ),
        ("sts", Fault::Html, "invalid root"),
        ("sts", Fault::Expired, "credentials that have expired"),
    ];
    join_all(rows.iter().map(|(source, fault, reason)| async move {
        let aws = FakeAws::start().await;
        let variables = match *source {
            "ecs" => ecs(&aws.url(), ECS_TOKEN),
            "imds" => imds(&aws.url()),
            _ => web_identity(
                &folder(&format!("out-of-order-{fault:?}")),
                &aws.url(),
                WEB_TOKEN,
            ),
        };
        let s3 = FakeS3::start().await;
        s3.put("a.whl", "wheel");
        aws.fail(Some(*fault));
        // The SDK asks again after an error, and takes its time.
        let timeout = if *reason == overdue { 3 } else { 60 };
        let gateway = gateway(&s3, timeout, &variables).await;
        aws.fail(None);
        let answer = gateway.get("/a.whl", None).await;
        let log = gateway.stop();
        assert_eq!(
            answer,
            (200, "wheel".to_owned()),
            "{source}, {fault:?}: {log}"
        );
        assert_eq!(log.lines().count(), 1, "{source}, {fault:?}: {log}");
        assert!(log.contains(reason), "{source}, {fault:?}: {log}");
        assert!(!log.contains(SECRET), "{log}");
    }))
    .await;
}

#[tokio::test]
async fn a_source_that_breaks_off_is_asked_again() {
    type Cut = (fn(&Exchange) -> usize, Step);
    let half = |exchange: &Exchange| exchange.whole().len() / 2;
    let rows: [(&str, Option<Cut>); 5] = [
        ("down", None),
        ("reset", Some((|_| 0, Step::Reset))),
        ("reset in the middle", Some((half, Step::Reset))),
        ("closed in the middle", Some((half, Step::Close))),
        ("stalled in the middle", Some((half, Step::Stall))),
    ];
    join_all(rows.into_iter().map(|(name, cut)| async move {
        let aws = FakeAws::start().await;
        let relay = FaultProxy::start(aws.url()[7..].parse().unwrap()).await;
        let s3 = FakeS3::start().await;
        s3.put("a.whl", "wheel");
        match cut {
            None => relay.go_down().await,
            Some((at, end)) => relay.spoil(Some(Arc::new(move |exchange| {
                let whole = exchange.whole();
                vec![Step::Send(whole[..at(exchange)].to_vec()), end.clone()]
            }))),
        }
        let gateway = gateway(&s3, 3, &ecs(&relay.url(), ECS_TOKEN)).await;
        let failed = gateway.get("/a.whl", None).await;
        match name {
            "down" => relay.go_up().await,
            _ => relay.spoil(None),
        }
        let answer = gateway.get("/a.whl", None).await;
        let log = gateway.stop();
        assert_eq!(failed.0, 503, "{name}: {log}");
        assert_eq!(answer, (200, "wheel".to_owned()), "{name}: {log}");
        assert!(!log.contains(SECRET), "{log}");
    }))
    .await;
}

#[tokio::test]
async fn the_fakes_are_strict() {
    let aws = FakeAws::start().await;
    let role = "/latest/meta-data/iam/security-credentials/gateway";
    let ttl = "x-aws-ec2-metadata-token-ttl-seconds";
    let token = "x-aws-ec2-metadata-token: imds-t0k3n";
    for (name, line, field, status) in [
        (
            "a token for a day",
            "PUT /latest/api/token",
            format!("{ttl}: 86400"),
            400,
        ),
        (
            "a token for an hour",
            "PUT /latest/api/token",
            format!("{ttl}: 3600"),
            200,
        ),
        (
            "the first version",
            &format!("GET {role}"),
            "x: y".to_owned(),
            401,
        ),
        (
            "a wrong token",
            &format!("GET {role}"),
            format!("{token}x"),
            401,
        ),
        (
            "the right token",
            &format!("GET {role}"),
            token.to_owned(),
            200,
        ),
        (
            "another role",
            &format!("GET {role}s"),
            token.to_owned(),
            404,
        ),
        ("no token of a task", "GET /ecs", "x: y".to_owned(), 401),
        (
            "the token of the task",
            "GET /ecs",
            format!("authorization: {ECS_TOKEN}"),
            200,
        ),
    ] {
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{field}\r\n\r\n");
        let answer = aws.raw(&request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{name}: {answer}"
        );
    }
}
