use std::ffi::OsString;

use clap::Parser;

use super::{Environment, SettingError, Settings};
use crate::flags::Flags;

const SECRETS: [&str; 3] = ["pa55word", "s3cr3tkey", "t0ken"];

/// What a working environment has.
const WORKING: [(&str, &str); 5] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "s3cr3tkey"),
    ("BASIC_AUTH", "ci:pa55word"),
];

/// The working environment with some variables changed; an empty one counts as unset.
fn resolve(flags: &[&str], changes: &[(&'static str, &str)]) -> Result<Settings, SettingError> {
    let flags = Flags::try_parse_from(["portcullis"].iter().chain(flags)).unwrap();
    let variables = WORKING.iter().chain(changes);
    let environment = variables
        .map(|(name, value)| (*name, OsString::from(value)))
        .collect::<std::collections::HashMap<_, _>>();
    Settings::resolve(&flags.serve, &environment.into_iter().collect())
}

#[test]
fn a_flag_wins_over_a_variable_and_both_over_the_default() {
    for (name, flags, changes, address) in [
        ("nothing", &[][..], &[][..], "127.0.0.1:8080"),
        ("PORT", &[], &[("PORT", "9000")], "0.0.0.0:9000"),
        ("empty PORT", &[], &[("PORT", "")], "127.0.0.1:8080"),
        ("--listen", &["--listen", "[::1]:1"], &[], "[::1]:1"),
        (
            "both",
            &["--listen", "127.0.0.1:0"],
            &[("PORT", "x")],
            "127.0.0.1:0",
        ),
    ] {
        let settings = resolve(flags, changes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(settings.listen.to_string(), address, "{name}");
    }
    for (name, flags, changes, bucket, prefix, region) in [
        (
            "variables",
            &[][..],
            &[("KEY_PREFIX", "a")][..],
            "wheels",
            "a/",
            "eu-west-1",
        ),
        (
            "a prefix in the bucket",
            &[],
            &[("AWS_S3_BUCKET", "wheels/a")],
            "wheels",
            "a/",
            "eu-west-1",
        ),
        (
            "two prefixes",
            &["--key-prefix", "b"],
            &[("AWS_S3_BUCKET", "wheels/a")],
            "wheels",
            "a/b/",
            "eu-west-1",
        ),
        (
            "flags",
            &["--bucket", "other/x", "--region", "us-west-2"],
            &[],
            "other",
            "x/",
            "us-west-2",
        ),
        (
            "another store",
            &[],
            &[
                ("AWS_DEFAULT_REGION", ""),
                ("S3_ENDPOINT_URL", "http://h:1"),
            ],
            "wheels",
            "",
            "us-east-1",
        ),
        (
            "another store's region",
            &["--endpoint-url", "https://h"],
            &[],
            "wheels",
            "",
            "eu-west-1",
        ),
    ] {
        let settings = resolve(flags, changes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(settings.bucket.name(), bucket, "{name}");
        assert_eq!(settings.bucket.prefix().as_str(), prefix, "{name}");
        assert_eq!(settings.bucket.region().as_str(), region, "{name}");
        assert!(settings.gate.is_some(), "{name}");
    }
}

#[test]
fn the_gate_is_left_out_only_when_asked() {
    let open =
        resolve(&["--insecure-no-auth"], &[("BASIC_AUTH", "")]).unwrap_or_else(|e| panic!("{e}"));
    assert!(open.gate.is_none());
    assert!(resolve(&[], &[("BASIC_AUTH", "")]).is_err());
    let colons = resolve(&[], &[("BASIC_AUTH", "ci:a:b:c")]).unwrap_or_else(|e| panic!("{e}"));
    assert!(colons.gate.is_some());
}

#[test]
fn workers_are_a_number_of_threads() {
    for (flags, expected) in [(&[][..], None), (&["--workers", "3"], Some(3))] {
        let settings = resolve(flags, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(settings.workers.map(usize::from), expected);
    }
    for wrong in ["0", "-1", "many", "", "1025"] {
        let Err(error) = resolve(&["--workers", wrong], &[]) else {
            panic!("{wrong} is taken");
        };
        assert!(
            error.to_string().starts_with("--workers (flag): "),
            "{error}"
        );
    }
}

/// A table of flags, changes to the working environment, and how the error begins.
type Refusals<'a> = &'a [(&'a [&'a str], &'a [(&'static str, &'a str)], &'a str)];

fn assert_refused(table: Refusals<'_>) {
    for (flags, changes, expected) in table {
        let Err(error) = resolve(flags, changes) else {
            panic!("{flags:?} {changes:?} is taken");
        };
        let error = error.to_string();
        assert!(error.starts_with(expected), "{error:?} is not {expected:?}");
        assert!(!error.contains('\n'), "{error:?}");
        for secret in SECRETS {
            assert!(!error.contains(secret), "{error:?}");
        }
    }
}

#[test]
fn a_wrong_setting_is_named_with_its_source() {
    assert_refused(&[
        (
            &[],
            &[("AWS_S3_BUCKET", "w")],
            r#"AWS_S3_BUCKET (environment): "w" is not the name"#,
        ),
        (
            &[],
            &[("AWS_S3_BUCKET", "wheels/../x")],
            "AWS_S3_BUCKET (environment): prefix: ",
        ),
        (
            &["--bucket", ""],
            &[],
            r#"--bucket (flag): "" is not the name"#,
        ),
        (
            &["--bucket", "a\nb"],
            &[],
            r#"--bucket (flag): "a\nb" is not the name"#,
        ),
        (&[], &[("KEY_PREFIX", "../x")], "KEY_PREFIX (environment): "),
        (&["--key-prefix", "a/../b"], &[], "--key-prefix (flag): "),
        (
            &[],
            &[("AWS_DEFAULT_REGION", "EU WEST")],
            r#"AWS_DEFAULT_REGION (environment): "EU WEST" is"#,
        ),
        (
            &["--region", "EU"],
            &[],
            r#"--region (flag): "EU" is not made of"#,
        ),
        (
            &[],
            &[("S3_ENDPOINT_URL", "host:9000")],
            "S3_ENDPOINT_URL (environment): ",
        ),
        (
            &["--endpoint-url", "http://u:pa55word@h"],
            &[],
            "--endpoint-url (flag): must not have a",
        ),
        (
            &[],
            &[("PORT", "http")],
            r#"PORT (environment): "http" is not the number of a port"#,
        ),
        (&[], &[("PORT", "65536")], "PORT (environment): "),
        (
            &["--listen", "8080"],
            &[],
            r#"--listen (flag): "8080" is not an address and a port"#,
        ),
        (
            &["--insecure-no-auth"],
            &[],
            "--insecure-no-auth (flag): contradicts BASIC_AUTH",
        ),
    ]);
}

#[test]
fn a_missing_setting_is_named() {
    let none = WORKING.map(|(name, _)| (name, ""));
    let no_keys = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    assert_refused(&[
        (
            &[],
            &none,
            "no bucket: set AWS_S3_BUCKET or --bucket, or try `portcullis demo`",
        ),
        (&["--bucket", "wheels"], &none, "BASIC_AUTH is not set"),
        (&[], &[("BASIC_AUTH", "")], "BASIC_AUTH is not set"),
        (
            &[],
            &[("AWS_DEFAULT_REGION", "")],
            "no region: set AWS_DEFAULT_REGION",
        ),
        (
            &[],
            &no_keys,
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
        ),
        (
            &[],
            &no_keys[..1],
            "AWS_ACCESS_KEY_ID (environment): is not set",
        ),
        (
            &[],
            &no_keys[1..],
            "AWS_SECRET_ACCESS_KEY (environment): is not set",
        ),
    ]);
}

#[test]
fn a_wrong_secret_is_named_and_not_repeated() {
    let login = "BASIC_AUTH (environment): must be user:password";
    assert_refused(&[
        (&[], &[("BASIC_AUTH", "pa55word")], login),
        (&[], &[("BASIC_AUTH", ":pa55word")], login),
        (&[], &[("BASIC_AUTH", "pa55word:")], login),
        (&[], &[("BASIC_AUTH", "ci:pa55word\n")], login),
        (&[], &[("BASIC_AUTH", "pa55\tword:x")], login),
        (
            &[],
            &[("AWS_ACCESS_KEY_ID", "s3cr3tkey/+=")],
            "AWS_ACCESS_KEY_ID (environment): must be",
        ),
        (
            &[],
            &[("AWS_SESSION_TOKEN", "t0ken\n")],
            "AWS_SESSION_TOKEN (environment): cannot stand",
        ),
    ]);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_an_error_unless_a_flag_wins_over_it() {
    use std::os::unix::ffi::OsStringExt;

    for name in ["PORT", "AWS_S3_BUCKET", "BASIC_AUTH", "AWS_SESSION_TOKEN"] {
        let variables = || {
            let working = WORKING
                .iter()
                .filter(|(other, _)| *other != name)
                .map(|(name, value)| (*name, OsString::from(value)));
            working.chain([(name, OsString::from_vec(b"pa55word\xff".to_vec()))])
        };
        let flags = Flags::try_parse_from(["portcullis"]).unwrap();
        let environment = variables().collect::<Environment>();
        let Err(error) = Settings::resolve(&flags.serve, &environment) else {
            panic!("{name} is taken");
        };
        assert_eq!(
            error.to_string(),
            format!("{name} (environment): is not UTF-8")
        );
    }
    let flags = Flags::try_parse_from(["portcullis", "--listen", "[::1]:1"]).unwrap();
    let port = OsString::from_vec(b"\xff".to_vec());
    let working = WORKING.map(|(name, value)| (name, OsString::from(value)));
    let environment = working.into_iter().chain([("PORT", port)]).collect();
    assert!(Settings::resolve(&flags.serve, &environment).is_ok());
}
