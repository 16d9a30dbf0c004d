use super::fixture::{KEYS, problems, resolve, s3};
use crate::settings::Settings;

const BUCKET: [(&str, &str); 2] = [("AWS_S3_BUCKET", "wheels"), ("BASIC_AUTH", "ci:pa55word")];
const REGION: (&str, &str) = ("AWS_DEFAULT_REGION", "eu-west-1");
const ENDPOINT: (&str, &str) = ("S3_ENDPOINT_URL", "http://127.0.0.1:9000");

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KEYS.iter().chain(&BUCKET).chain(changes).copied().collect()
}

fn working(changes: &[(&str, &str)]) -> Settings {
    resolve(&[], &with(changes)).unwrap_or_else(|problems| panic!("{changes:?}: {problems}"))
}

#[test]
fn s3_use_local_turns_the_endpoint_off() {
    for (switch, store) in [
        ("", ENDPOINT.1),
        ("1", ENDPOINT.1),
        ("true", ENDPOINT.1),
        ("0", "AWS eu-west-1"),
        ("false", "AWS eu-west-1"),
        ("False", "AWS eu-west-1"),
    ] {
        let settings = working(&[REGION, ENDPOINT, ("S3_USE_LOCAL", switch)]);
        assert_eq!(s3(&settings.mounts[0]).store, store, "{switch:?}");
    }
    let on = resolve(&[], &with(&[REGION, ("S3_USE_LOCAL", "1")]));
    assert_eq!(
        problems("on", on),
        ["S3_USE_LOCAL (environment): needs S3_ENDPOINT_URL, which is not set"]
    );
}

#[test]
fn the_region_defaults_to_the_variables_of_sdks() {
    for (variables, region) in [
        (&[REGION][..], "eu-west-1"),
        (&[("AWS_REGION", "us-west-2")], "us-west-2"),
        (&[REGION, ("AWS_REGION", "us-west-2")], "eu-west-1"),
    ] {
        let settings = working(variables);
        assert_eq!(s3(&settings.mounts[0]).bucket.region().as_str(), region);
    }
}

#[test]
fn the_health_object_is_public_and_nothing_else() {
    for (key, path) in [
        ("health.txt", "/health.txt"),
        ("/health.txt", "/health.txt"),
        ("a b/100%.txt", "/a%20b/100%25.txt"),
        ("a%2Fb", "/a%252Fb"),
    ] {
        let settings = working(&[REGION, ("AWS_S3_HEALTHCHECK_KEY", key)]);
        assert_eq!(settings.mounts[0].health().as_deref(), Some(path));
        assert_eq!(settings.mounts[0].public, [path]);
    }
    assert!(working(&[REGION]).mounts[0].public.is_empty());
    for key in ["../x", "a\\b", "folder/", "/"] {
        let refused = resolve(&[], &with(&[REGION, ("AWS_S3_HEALTHCHECK_KEY", key)]));
        let found = problems(key, refused);
        assert!(found[0].starts_with("AWS_S3_HEALTHCHECK_KEY (environment): "));
    }
}

#[test]
fn unused_variables_are_known_by_name() {
    let settings = working(&[
        REGION,
        ("VCAP_SERVICES", "s3cr3tkey"),
        ("SSO_CLIENT_SECRET", "s3cr3tkey"),
        ("SENTRY_DSN", ""),
        ("APP_ENV", "x"),
    ]);
    assert_eq!(
        settings.without_meaning,
        ["APP_ENV", "SSO_CLIENT_SECRET", "VCAP_SERVICES"]
    );
    assert!(working(&[REGION]).without_meaning.is_empty());
}

#[test]
fn variables_of_other_proxies_name_their_replacement() {
    let settings = working(&[
        REGION,
        ("S3_BUCKET_NAME", "s3cr3tkey"),
        ("S3_SERVER", ""),
        ("ALLOW_DIRECTORY_LIST", "false"),
        ("PROXY_CACHE_VALID_OK", "1h"),
        ("PROXY_CACHED", "1h"),
        ("OAUTH2_PROXY_CLIENT_SECRET", "s3cr3tkey"),
        ("OAUTH2_PROXY_BANNER", "x"),
        ("OAUTH2_PROXY_a\nb", "x"),
        ("OAUTH2_PROXYING", "x"),
    ]);
    assert_eq!(
        settings.warnings,
        [
            "ALLOW_DIRECTORY_LIST is not read: folders are never listed",
            "S3_BUCKET_NAME is not read: use AWS_S3_BUCKET",
            "PROXY_CACHE_VALID_OK is not read: there is no cache",
            "OAUTH2_PROXY_BANNER is not read: nothing takes its place",
            "OAUTH2_PROXY_CLIENT_SECRET is not read: use OIDC_CLIENT_SECRET",
        ]
    );
    assert!(working(&[REGION]).warnings.is_empty());
}

#[test]
fn replacements_are_named_beside_what_is_missing() {
    let refused = resolve(&[], &[("S3_BUCKET_NAME", "s3cr3tkey")]);
    let problems = refused.err().unwrap();
    assert_eq!(
        problems.warnings,
        ["S3_BUCKET_NAME is not read: use AWS_S3_BUCKET"]
    );
    let line = problems.to_string();
    assert!(line.starts_with("no bucket: "), "{line}");
    assert!(line.ends_with("(2 more: see `portcullis check`)"), "{line}");
}

const README: &str = include_str!("../../../README.md");

/// What is between backticks in a cell of a table.
fn names(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn the_readme_names_the_same_replacements() {
    for (heading, begin, fewest) in [
        ("### oauth2-proxy\n", "OAUTH2_PROXY_", 40),
        ("### nginx-s3-gateway\n", "", 25),
    ] {
        let (_, page) = README.split_once(heading).unwrap();
        let (table, _) = page.split_once("\nWhat stays the same").unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        let rows = rows.map(|row| row[2..].split_once(" | ").unwrap());
        let mut seen = 0;
        for (variable, instead) in
            rows.flat_map(|(cell, instead)| names(cell).map(move |it| (it, instead)))
        {
            let variable = format!("{begin}{variable}");
            let lines = working(&[REGION, (&variable, "x")]).warnings;
            let [line] = &lines[..] else {
                panic!("{variable}: {lines:?}");
            };
            let (_, replacement) = line.split_once(" is not read: ").unwrap();
            assert_ne!(replacement, "nothing takes its place", "{variable}");
            let mut instead = names(instead).peekable();
            assert!(
                instead.peek().is_none() || instead.any(|name| replacement.contains(name)),
                "the README has something else than {line:?}"
            );
            seen += 1;
        }
        assert!(seen >= fewest, "{heading}: only {seen} variables");
    }
}

#[test]
fn old_names_are_refused_with_their_replacement() {
    for (variable, instead) in [
        (
            ("AWS_S3_ENDPOINT", "https://h/bucket/a/"),
            "AWS_S3_BUCKET=bucket/prefix",
        ),
        (("AWS_S3_REGION", "eu-west-1"), "AWS_DEFAULT_REGION"),
    ] {
        let found = problems(variable.0, resolve(&[], &with(&[REGION, variable])));
        assert!(found[0].starts_with(variable.0), "{found:?}");
        assert!(found[0].contains(instead), "{found:?}");
    }
}
