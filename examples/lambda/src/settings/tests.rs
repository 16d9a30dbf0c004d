use std::collections::HashMap;
use std::ffi::OsString;

use super::Settings;
use crate::environment::Environment;

const SECRETS: [&str; 3] = ["pa55word", "s3cr3tkey", "t0ken"];

/// What a working environment has.
const WORKING: [(&str, &str); 5] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "s3cr3tkey"),
    ("BASIC_AUTH", "ci:pa55word"),
];

/// The working environment with some variables changed; an empty one counts as unset.
fn environment(changes: &[(&str, &str)]) -> Environment {
    let variables = WORKING
        .iter()
        .chain(changes)
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect::<HashMap<_, _>>();
    variables.into_iter().collect()
}

const JWKS: &str = "https://idp.example/jwks";

/// What asks for tokens instead of the one user, and one change.
fn with_token<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("BASIC_AUTH", ""),
        ("REQUIRE", "wheels:read, index:read"),
        ("ISSUER", "https://idp.example/"),
        ("AUDIENCE", "packages"),
        ("JWKSPATH", JWKS),
        (name, value),
    ]
}

/// What takes the key from a file.
fn with_file(path: &str) -> [(&str, &str); 4] {
    [
        ("REQUIRE", "read"),
        ("ISSUER", "https://idp.example/"),
        ("AUDIENCE", "packages"),
        ("SIGNATUREKEYPATH", path),
    ]
}

fn resolve(changes: &[(&str, &str)]) -> Result<Settings, String> {
    Settings::resolve(&environment(changes)).map_err(|error| error.to_string())
}

#[test]
fn the_bucket_is_the_one_that_is_named() {
    for (changes, region, prefix) in [
        (&[][..], "eu-west-1", ""),
        (&[("AWS_DEFAULT_REGION", "eu-west-2")], "eu-west-2", ""),
        (
            &[
                ("AWS_S3_BUCKET", "wheels/a"),
                ("KEY_PREFIX", "b"),
                ("AWS_SESSION_TOKEN", "t0ken"),
            ],
            "eu-west-1",
            "a/b/",
        ),
        (
            &[
                ("AWS_REGION", ""),
                ("S3_ENDPOINT_URL", "http://127.0.0.1:1"),
            ],
            "us-east-1",
            "",
        ),
    ] {
        let settings = resolve(changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
        let bucket = settings.bucket;
        assert_eq!(bucket.name(), "wheels", "{changes:?}");
        assert_eq!(bucket.region().as_str(), region, "{changes:?}");
        assert_eq!(bucket.prefix().as_str(), prefix, "{changes:?}");
    }
}

#[test]
fn errors_name_the_setting_and_no_secret() {
    let rule = "BASIC_AUTH: must be user:password";
    for (changes, expected) in [
        (&[("AWS_S3_BUCKET", "")][..], "AWS_S3_BUCKET: is not set"),
        (
            &[("AWS_S3_BUCKET", "w")],
            r#"AWS_S3_BUCKET: "w" is not the name"#,
        ),
        (
            &[("AWS_S3_BUCKET", "wheels/../x")],
            "AWS_S3_BUCKET: prefix: ",
        ),
        (&[("KEY_PREFIX", "../x")], "KEY_PREFIX: "),
        (
            &[("AWS_REGION", "")],
            "AWS_DEFAULT_REGION: is not set, nor is S3_ENDPOINT_URL",
        ),
        (&[("AWS_REGION", "EU")], r#"AWS_REGION: "EU" is not made"#),
        (
            &[("AWS_DEFAULT_REGION", "EU")],
            r#"AWS_DEFAULT_REGION: "EU" is not made"#,
        ),
        (
            &[("S3_ENDPOINT_URL", "http://u:pa55word@h")],
            "S3_ENDPOINT_URL: must not have a",
        ),
        (
            &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
            "AWS_ACCESS_KEY_ID: is not set",
        ),
        (
            &[("AWS_SECRET_ACCESS_KEY", "")],
            "AWS_SECRET_ACCESS_KEY: is not set",
        ),
        (
            &[("AWS_SESSION_TOKEN", "t0ken\n")],
            "AWS_SESSION_TOKEN: must not have control characters",
        ),
        (
            &[("BASIC_AUTH", "")],
            "BASIC_AUTH: is not set, nor is REQUIRE: set one of them, or PORTCULLIS_INSECURE_NO_AUTH=1",
        ),
        (&[("BASIC_AUTH", "pa55word")], rule),
        (&[("BASIC_AUTH", ":pa55word")], rule),
        (&[("BASIC_AUTH", "pa55word:")], rule),
        (&[("BASIC_AUTH", "ci:pa55word\n")], rule),
        (
            &[("PORTCULLIS_INSECURE_NO_AUTH", "1")],
            "PORTCULLIS_INSECURE_NO_AUTH: contradicts BASIC_AUTH",
        ),
        (
            &[("PORTCULLIS_INSECURE_NO_AUTH", "true"), ("BASIC_AUTH", "")],
            "PORTCULLIS_INSECURE_NO_AUTH: must be 1, or unset",
        ),
    ] {
        assert_refused(changes, expected);
    }
}

#[test]
fn errors_name_the_wrong_token_setting() {
    for (changes, expected) in [
        (
            &[("REQUIRE", "read")][..],
            "ISSUER: is not set, but REQUIRE or REQUIRED_CLAIMS needs it",
        ),
        (
            &[("REQUIRED_CLAIMS", "sub=robot")],
            "ISSUER: is not set, but REQUIRE or REQUIRED_CLAIMS needs it",
        ),
        (
            &[("REQUIRE", "read"), ("ISSUER", "i")],
            "AUDIENCE: is not set, but REQUIRE or REQUIRED_CLAIMS needs it",
        ),
        (
            &[("REQUIRE", "read"), ("ISSUER", "i"), ("AUDIENCE", "a")],
            "JWKSPATH: is not set, nor is SIGNATUREKEYPATH, but tokens need one of them",
        ),
        (
            &[("JWKSPATH", JWKS), ("SIGNATUREKEYPATH", "key.pem")],
            "SIGNATUREKEYPATH: contradicts JWKSPATH",
        ),
        (&with_token("REQUIRE", " , "), "REQUIRE: "),
        (&with_token("REQUIRE", "two words"), "REQUIRE: "),
        (&with_token("REQUIRED_CLAIMS", "sub"), "REQUIRED_CLAIMS: "),
        (&with_token("REQUIRED_CLAIMS", ","), "REQUIRED_CLAIMS: "),
        (
            &with_token("JWKSPATH", "http://idp.example/jwks"),
            "JWKSPATH: ",
        ),
        (
            &with_token("PORTCULLIS_INSECURE_NO_AUTH", "1"),
            "PORTCULLIS_INSECURE_NO_AUTH: contradicts BASIC_AUTH and REQUIRE",
        ),
        (
            &with_file("/no-such.pem"),
            "SIGNATUREKEYPATH: /no-such.pem: ",
        ),
        (
            &with_file("Cargo.toml"),
            "SIGNATUREKEYPATH: Cargo.toml: the file is neither public keys as PEM nor a JSON Web Key Set: ",
        ),
    ] {
        assert_refused(changes, expected);
    }
}

fn assert_refused(changes: &[(&str, &str)], expected: &str) {
    let Err(error) = resolve(changes) else {
        panic!("{changes:?}: is taken");
    };
    assert!(error.starts_with(expected), "{changes:?}: {error:?}");
    for secret in SECRETS {
        assert!(!error.contains(secret), "{changes:?}: {error:?}");
    }
}

#[test]
fn the_gate_is_as_configured() {
    let all = ["JwtScopeLayer", "BasicAuthLayer", "InsecureNoAuth"];
    let token = with_token("REQUIRE", "read");
    let both = with_token("BASIC_AUTH", "ci:pa55word");
    let unused = [("JWKSPATH", JWKS), ("REQUIRE", "")];
    let open = [("BASIC_AUTH", ""), ("PORTCULLIS_INSECURE_NO_AUTH", "1")];
    for (changes, expected) in [
        (&[][..], &all[1..2]),
        (&token, &all[..1]),
        (&both, &all[..2]),
        (&unused, &all[1..2]),
        (&open, &all[2..]),
    ] {
        let settings = resolve(changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
        let gate = format!("{:?}", settings.gate);
        for name in all {
            let is_expected = expected.contains(&name);
            assert_eq!(gate.contains(name), is_expected, "{changes:?}: {gate}");
        }
    }
}
