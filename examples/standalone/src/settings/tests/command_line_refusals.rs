use super::fixture::{WORKING, problems, resolve_working as resolve};

/// A table of flags, changes to the working environment, and how the one problem begins.
type Refusals<'a> = &'a [(&'a [&'a str], &'a [(&'a str, &'a str)], &'a str)];

fn assert_refused(table: Refusals<'_>) {
    for (flags, changes, expected) in table {
        let name = format!("{flags:?} {changes:?}");
        let found = problems(&name, resolve(flags, changes));
        let [problem] = &found[..] else {
            panic!("{name}: not one problem: {found:#?}");
        };
        assert!(problem.starts_with(expected), "{name}: {problem:?}");
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
            r#"PORT (environment): "http" is not a port number"#,
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
            "--insecure-no-auth (flag): contradicts BASIC_AUTH (environment), which is also set",
        ),
        (
            &["--insecure-no-auth"],
            &[("BASIC_AUTH", ""), ("HTPASSWD_FILE", "/users")],
            "--insecure-no-auth (flag): contradicts HTPASSWD_FILE (environment), which is also set",
        ),
        (
            &["--htpasswd-file", "/users"],
            &[],
            "--htpasswd-file (flag): contradicts BASIC_AUTH (environment), which is also set",
        ),
        (
            &["--certfile", "/x.crt"],
            &[],
            "--certfile (flag): needs a keyfile",
        ),
        (
            &["--keyfile", "/x.key"],
            &[],
            "--keyfile (flag): needs a certfile",
        ),
        (
            &["--certfile", "/no-such.crt", "--keyfile", "/no-such.key"],
            &[],
            "--certfile (flag): /no-such.crt: ",
        ),
        (
            &["--log-format", "xml"],
            &[],
            r#"--log-format (flag): "xml" is not one of: text, json"#,
        ),
    ]);
}

#[test]
fn a_wrong_variable_of_the_process_is_named() {
    assert_refused(&[
        (
            &[],
            &[("IDLE_SECONDS", "1m")],
            r#"IDLE_SECONDS (environment): "1m" is not a number"#,
        ),
        (
            &[],
            &[("IDLE_SECONDS", "3601")],
            "IDLE_SECONDS (environment): 3601 is not a number from 1 to 3600",
        ),
        (
            &[],
            &[("HEADER_BYTES", "1")],
            "HEADER_BYTES (environment): 1 is not a number from 8192 to 65536",
        ),
        (
            &[],
            &[("PROXY_PROTOCOL", "0.0.0.0/0")],
            r#"PROXY_PROTOCOL (environment): "0.0.0.0/0" contains every address"#,
        ),
    ]);
}

#[test]
fn a_missing_setting_is_named() {
    let no_keys = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    assert_refused(&[
        (&[], &[("BASIC_AUTH", "")], "no gate: set BASIC_AUTH"),
        (
            &[],
            &[("AWS_DEFAULT_REGION", "")],
            "no region: set AWS_DEFAULT_REGION",
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
fn all_problems_are_found_in_order() {
    let none = WORKING.map(|(name, _)| (name, ""));
    let flags = ["--workers", "0", "--listen", "x"];
    let found = problems("all", resolve(&flags, &none));
    let begins = [
        "--listen (flag): ",
        "--workers (flag): ",
        "no bucket: set AWS_S3_BUCKET or --bucket, name a file of mounts by --config, ",
        "no gate: set BASIC_AUTH, ",
    ];
    assert_eq!(found.len(), begins.len(), "{found:#?}");
    for (line, begin) in found.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line:?}");
    }
    let line = resolve(&[], &none).err().unwrap().to_string();
    let end = "(1 more: see `portcullis check`)";
    assert!(
        line.starts_with("no bucket: ") && line.ends_with(end),
        "{line}"
    );
}

#[test]
fn a_wrong_secret_is_named_and_not_repeated() {
    let login = "BASIC_AUTH (environment): must be user:password";
    assert_refused(&[
        (&[], &[("BASIC_AUTH", "pa55word")], login),
        (&[], &[("BASIC_AUTH", ":pa55word")], login),
        (&[], &[("BASIC_AUTH", "pa55word:")], login),
        (&[], &[("BASIC_AUTH", "ci:pa55\nword")], login),
        (&[], &[("BASIC_AUTH", "pa55\tword:x")], login),
        (
            &[],
            &[("AWS_ACCESS_KEY_ID", "s3cr3tkey/+=")],
            "AWS_ACCESS_KEY_ID (environment): must consist of letters",
        ),
        (
            &[],
            &[("AWS_SESSION_TOKEN", "t0\nken")],
            "AWS_SESSION_TOKEN (environment): must not have control",
        ),
    ]);
}

#[test]
fn padding_and_quotes_of_a_variable_are_named() {
    let padded = "begins or ends with white space, a control character or";
    for (name, value, problem) in [
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI\n", padded),
        (
            "AWS_SECRET_ACCESS_KEY",
            "\"wJalrXUtnFEMI\"",
            "is within quotes",
        ),
        ("AWS_ACCESS_KEY_ID", " AKIDEXAMPLE", padded),
        ("AWS_S3_BUCKET", "wheels\r", padded),
        ("AWS_S3_BUCKET", "'wheels'", "is within quotes"),
        ("BASIC_AUTH", "ci:pa55word ", padded),
        ("BASIC_AUTH", "ci:pa55word\u{a0}", padded),
        ("BASIC_AUTH", "\u{feff}ci:pa55word", padded),
        ("BASIC_AUTH", "ci:pa55word\u{feff}", padded),
        ("OIDC_ISSUER", "https://idp.test\t", padded),
        ("HTPASSWD_FILE", "'users'", "is within quotes"),
    ] {
        let found = problems(name, resolve(&[], &[(name, value)]));
        let named = format!("{name} (environment): ");
        let is_named = |line: &String| line.starts_with(&named) && line.contains(problem);
        assert!(found.iter().any(is_named), "{name}: {value:?}: {found:?}");
        assert!(
            !found.iter().any(|line| line.contains(value.trim())),
            "{found:?}"
        );
    }
    // Within a value they have a meaning.
    for value in ["ci:pa55 word", "ci:\"", "ci:'x'"] {
        assert!(resolve(&[], &[("BASIC_AUTH", value)]).is_ok(), "{value}");
    }
}
