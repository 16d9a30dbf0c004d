use std::ffi::OsString;

use clap::Parser;

use super::fixture::{WORKING, problems, resolve_working as resolve, s3};
use crate::flags::Flags;
use crate::given::Environment;
use crate::mount_path::MountPath;
use crate::settings::Settings;

#[test]
fn flag_overrides_variable_and_variable_overrides_default() {
    for (name, flags, changes, address) in [
        ("nothing", &[][..], &[][..], "127.0.0.1:8080"),
        ("PORT", &[], &[("PORT", "9000")], "[::]:9000"),
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
    let limits = |changes: &[(&'static str, &'static str)]| {
        let limits = resolve(&[], changes).unwrap().limits;
        (limits.idle_time.as_secs(), limits.header_bytes)
    };
    assert_eq!(limits(&[]), (75, 16_384));
    let variables = [("IDLE_SECONDS", "400"), ("HEADER_BYTES", "32768")];
    assert_eq!(limits(&variables), (400, 32_768));
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
        let [mount] = &settings.mounts[..] else {
            panic!("{name}: not one mount");
        };
        assert_eq!(mount.path, MountPath::ROOT, "{name}");
        assert_eq!(s3(mount).bucket.name(), bucket, "{name}");
        assert_eq!(s3(mount).bucket.prefix().as_str(), prefix, "{name}");
        assert_eq!(s3(mount).bucket.region().as_str(), region, "{name}");
        assert_eq!(mount.gates.read.access.who(), "user ci", "{name}");
    }
}

#[test]
fn the_gate_is_left_out_only_when_asked() {
    let open =
        resolve(&["--insecure-no-auth"], &[("BASIC_AUTH", "")]).unwrap_or_else(|e| panic!("{e}"));
    assert!(open.mounts[0].gates.read.access.is_open());
    assert!(resolve(&[], &[("BASIC_AUTH", "")]).is_err());
    let colons = resolve(&[], &[("BASIC_AUTH", "ci:a:b:c")]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(colons.mounts[0].gates.read.access.who(), "user ci");
}

#[test]
fn without_keys_the_default_chain_is_used() {
    let no_keys = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    for (changes, expected) in [(&[][..], false), (&no_keys[..], true)] {
        let settings = resolve(&[], changes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(settings.sdk_chain, expected);
    }
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

#[cfg(unix)]
#[test]
fn only_variables_that_are_read_must_be_utf8() {
    use std::os::unix::ffi::OsStringExt;

    for name in ["PORT", "AWS_S3_BUCKET", "BASIC_AUTH", "AWS_SESSION_TOKEN"] {
        let variables = || {
            let working = WORKING
                .iter()
                .filter(|(other, _)| *other != name)
                .map(|(name, value)| (OsString::from(name), OsString::from(value)));
            working.chain([(
                OsString::from(name),
                OsString::from_vec(b"pa55word\xff".to_vec()),
            )])
        };
        let flags = Flags::try_parse_from(["portcullis"]).unwrap();
        let environment = variables().collect::<Environment>();
        let Err(error) = Settings::resolve(flags.serve, &environment) else {
            panic!("{name} is taken");
        };
        assert_eq!(
            error.to_string(),
            format!("{name} (environment): is not UTF-8")
        );
    }
    let flags = Flags::try_parse_from(["portcullis", "--listen", "[::1]:1"]).unwrap();
    let port = OsString::from_vec(b"\xff".to_vec());
    let working = WORKING.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let environment = working
        .into_iter()
        .chain([(OsString::from("PORT"), port)])
        .collect();
    assert!(Settings::resolve(flags.serve, &environment).is_ok());
}

#[test]
fn a_variable_turns_the_redirect_of_folders_on() {
    for (value, on) in [
        ("1", Some(true)),
        ("True", Some(true)),
        ("0", Some(false)),
        ("false", Some(false)),
        ("", None),
    ] {
        let settings = resolve(&[], &[("FOLDER_REDIRECT", value)]);
        let Ok(settings) = settings else {
            panic!("{value:?} is refused")
        };
        let given = &s3(&settings.mounts[0]).document.folder_redirect;
        assert_eq!(given.as_ref().map(|given| given.value), on, "{value:?}");
    }
    let found = problems("yes", resolve(&[], &[("FOLDER_REDIRECT", "yes")]));
    assert_eq!(
        found,
        [r#"FOLDER_REDIRECT (environment): "yes" is not true or false"#]
    );
}

#[test]
fn a_variable_lists_origins_of_scripts() {
    for (value, any) in [
        ("https://a.test, http://localhost:3000", true),
        ("*", true),
        ("", false),
        (",", false),
    ] {
        let settings = resolve(&[], &[("CORS_ORIGINS", value)]);
        let Ok(settings) = settings else {
            panic!("{value:?} is refused")
        };
        assert_eq!(!settings.mounts[0].cors.is_empty(), any, "{value:?}");
    }
    let found = problems(
        "a path",
        resolve(&[], &[("CORS_ORIGINS", "https://a.test/")]),
    );
    assert!(
        found[0].starts_with(r#"CORS_ORIGINS (environment): "https://a.test/" is not an origin"#),
        "{found:?}"
    );
}
