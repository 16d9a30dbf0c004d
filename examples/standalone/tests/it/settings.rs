use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::ffi::OsStringExt;

use crate::support::{KEYS, Output, Program};

const SECRETS: [&str; 3] = ["pa55word", "s3cr3tkey", "t0ken"];

/// Runs the program with working variables and then `changes`.
fn run(arguments: &[&str], changes: &[(&str, &str)]) -> Output {
    let working = [
        ("AWS_S3_BUCKET", "wheels"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        KEYS[0],
        KEYS[1],
        ("AWS_SESSION_TOKEN", "t0ken"),
        ("BASIC_AUTH", "ci:pa55word"),
    ];
    let environment = working.into_iter().chain(changes.iter().copied());
    Program::start(arguments, environment).output()
}

/// Asserts exit code 2 and one line with all the words and no secret.
fn assert_one_line(name: &str, output: &Output, words: &[&str]) {
    assert_eq!(output.code, Some(2), "{name}: {output:?}");
    assert!(output.stdout.is_empty(), "{name}: {output:?}");
    let [line] = &output.stderr[..] else {
        panic!("{name}: not one line: {output:?}");
    };
    for word in words.iter().chain(&["portcullis: "]) {
        assert!(line.contains(word), "{name}: {line:?}");
    }
    for secret in SECRETS {
        assert!(!line.contains(secret), "{name}: {line:?}");
    }
}

#[test]
fn a_wrong_setting_is_named_in_one_line() {
    for (name, arguments, changes, words) in [
        (
            "no bucket",
            &[][..],
            &[("AWS_S3_BUCKET", "")][..],
            &["no bucket", "AWS_S3_BUCKET", "portcullis demo"][..],
        ),
        (
            "no gate",
            &[],
            &[("BASIC_AUTH", "")],
            &["BASIC_AUTH", "--insecure-no-auth"],
        ),
        (
            "no region",
            &[],
            &[("AWS_DEFAULT_REGION", "")],
            &["AWS_DEFAULT_REGION"],
        ),
        (
            "half of the keys",
            &[],
            &[("AWS_ACCESS_KEY_ID", "")],
            &["AWS_ACCESS_KEY_ID (environment): is not set"],
        ),
        (
            "region",
            &[],
            &[("AWS_DEFAULT_REGION", "EU WEST")],
            &[r#"AWS_DEFAULT_REGION (environment): "EU WEST""#],
        ),
        (
            "bucket",
            &["--bucket", "w"],
            &[],
            &[r#"--bucket (flag): "w""#],
        ),
        (
            "login",
            &[],
            &[("BASIC_AUTH", "pa55word")],
            &["BASIC_AUTH (environment): "],
        ),
        (
            "listen",
            &["--listen", "nowhere"],
            &[],
            &[r#"--listen (flag): "nowhere""#],
        ),
        (
            "port",
            &[],
            &[("PORT", "http\ncat")],
            &[r#"PORT (environment): "http\ncat""#],
        ),
        (
            "workers",
            &["--workers", "0"],
            &[],
            &[r#"--workers (flag): "0""#],
        ),
    ] {
        assert_one_line(name, &run(arguments, changes), words);
    }
}

#[test]
fn wrong_arguments_are_refused_in_one_line() {
    for (name, arguments, words) in [
        (
            "unknown flag",
            &["--basic-auth=pa55word"][..],
            &["'--basic-auth'"][..],
        ),
        (
            "unknown word",
            &["pa55word"],
            &["neither a flag nor a command", "`portcullis --help`"],
        ),
        (
            "unknown flag of demo",
            &["demo", "--basic-auth"],
            &["'--basic-auth'", "`portcullis demo --help`"],
        ),
        (
            "unknown command of config",
            &["config", "pa55word"],
            &["`portcullis config --help`"],
        ),
        (
            "demo's address",
            &["demo", "--listen", "x"][..],
            &[r#"--listen (flag): "x""#][..],
        ),
        (
            "demo's folder",
            &["demo", "--data-dir", "/dev/null/x"],
            &["--data-dir (flag): "],
        ),
    ] {
        assert_one_line(name, &run(arguments, &[]), words);
    }
}

#[test]
fn a_variable_that_is_not_utf8_is_named() {
    let value = OsString::from_vec(b"ci:pa55word\xff".to_vec());
    let environment = [("AWS_S3_BUCKET", "wheels".into()), ("BASIC_AUTH", value)];
    let output = Program::start([""; 0], environment).output();
    assert_eq!(output.code, Some(2));
    assert_eq!(
        output.stderr,
        ["portcullis: BASIC_AUTH (environment): is not UTF-8"]
    );
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, changes, expected) in [
        (
            &["--listen", &*address][..],
            &[][..],
            "portcullis: --listen (flag): cannot listen",
        ),
        (
            &[],
            &[("PORT", &*port)],
            "portcullis: PORT (environment): cannot listen",
        ),
        (
            &["demo", "--listen", &address],
            &[],
            "portcullis: --listen (flag): cannot listen",
        ),
    ] {
        let output = run(arguments, changes);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert_eq!(output.stderr.len(), 1, "{output:?}");
        assert!(output.stderr[0].starts_with(expected), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn help_names_every_variable_and_needs_no_setting() {
    let help = Program::start(["--help"], [("", ""); 0]).output();
    assert_eq!(help.code, Some(0));
    assert!(help.stderr.is_empty());
    let text = help.stdout.join("\n");
    for name in [
        "PORT",
        "AWS_S3_BUCKET",
        "KEY_PREFIX",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "S3_ENDPOINT_URL",
        "S3_USE_LOCAL",
        "AWS_S3_HEALTHCHECK_KEY",
        "HTPASSWD_FILE",
        "PORTCULLIS_CONFIG",
        "--certfile",
        "--keyfile",
        "--log-format",
        "BASIC_AUTH",
        "BASIC_AUTH_FILE",
        "OIDC_CLIENT_SECRET_FILE",
        "COOKIE_SECRET_FILE",
        "COOKIE_SECRET_PREVIOUS_FILE",
        "SSO_CLIENT_SECRET_FILE",
        "REDIS_ENDPOINT_FILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "SSO_URL",
        "SSO_URL_INTERNAL",
        "SSO_CLIENT_ID",
        "SSO_CLIENT_SECRET",
        "SSO_TOKEN_CHECK_GRACE_PERIOD",
        "REDIS_ENDPOINT",
        "VCAP_SERVICES",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_SCOPES",
        "PUBLIC_URL",
        "TRUSTED_PROXIES",
        "PROXY_PROTOCOL",
        "IDLE_SECONDS",
        "HEADER_BYTES",
        "COOKIE_SECRET",
        "COOKIE_SECRET_PREVIOUS",
        "ALLOWED_EMAILS",
        "ALLOWED_DOMAINS",
        "ALLOWED_GROUPS",
        "ALLOW_EVERYONE_SIGNED_IN",
        "--insecure-no-auth",
        "--workers",
        "demo",
        "check",
        "config",
    ] {
        assert!(text.contains(name), "{name} is not in the help");
    }
    let version = Program::start(["--version"], [("", ""); 0]).output();
    let [line] = &version.stdout[..] else {
        panic!("{version:?}");
    };
    assert_eq!(version.code, Some(0));
    let begin = concat!("portcullis ", env!("CARGO_PKG_VERSION"));
    // A release that is built from the repository has its commit too.
    let commit = line.strip_prefix(begin).unwrap();
    let commit = commit
        .strip_prefix(" (")
        .map_or(commit, |it| it.trim_end_matches(')'));
    assert!(commit.is_empty() || commit.len() >= 12, "{line}");
    assert!(commit.bytes().all(|it| it.is_ascii_hexdigit()), "{line}");
}
