use super::fixture::{KEYS, problems, resolve};
use crate::gates::Profile;
use crate::settings::Settings;

const SECRET: &str = "s3cr3tkey-of-more-than-thirty-two-bytes";

/// The whole environment of the OAuth streaming proxy.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    ("AWS_S3_HEALTHCHECK_KEY", "health.txt"),
    ("SSO_URL", "https://sso.test/"),
    ("SSO_CLIENT_ID", "files"),
    ("SSO_CLIENT_SECRET", SECRET),
    ("REDIS_ENDPOINT", "redis://:pa55word@redis.test:6379/1"),
    ("KEY_PREFIX", ""),
];

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let all = KEYS.iter().chain(&ENVIRONMENT).chain(changes);
    all.copied().collect()
}

fn working(changes: &[(&'static str, &'static str)]) -> Settings {
    resolve(&[], &with(changes)).unwrap_or_else(|problems| panic!("{changes:?}: {problems}"))
}

const NO_PUBLIC_URL: &str = "PUBLIC_URL is not set: the site is taken from Host and X-Forwarded-Proto, which any client can set";
const BY_HTTP: &str = "SSO_URL (environment): uses http, so others on the network can read what is sent to \
     the provider";
const GUESSABLE: &str = "SSO_CLIENT_SECRET (environment): is short, and the key that seals cookies is derived \
     from it: set COOKIE_SECRET";
const BY_HTTP_WITHIN: &str = "SSO_URL_INTERNAL (environment): uses http, so others on the network can read what is sent \
     to the provider";

#[test]
fn the_environment_of_the_streaming_proxy_is_enough() {
    for (name, changes, warnings) in [
        ("as it is", &[][..], &[NO_PUBLIC_URL][..]),
        (
            "no slash",
            &[("SSO_URL", "https://sso.test")],
            &[NO_PUBLIC_URL],
        ),
        ("a public URL", &[("PUBLIC_URL", "https://files.test")], &[]),
        ("proxies", &[("TRUSTED_PROXIES", "10.0.0.0/8, ::1")], &[]),
        (
            "within a network",
            &[("SSO_URL_INTERNAL", "http://sso.internal/")],
            &[BY_HTTP_WITHIN, NO_PUBLIC_URL],
        ),
        (
            "http",
            &[
                ("SSO_URL", "http://sso.test/"),
                ("PUBLIC_URL", "http://files.test"),
            ],
            &[BY_HTTP],
        ),
        (
            "this machine",
            &[
                ("SSO_URL", "http://127.0.0.1:1/"),
                ("PUBLIC_URL", "http://127.0.0.1:2"),
            ],
            &[],
        ),
        (
            "every request asks",
            &[("SSO_TOKEN_CHECK_GRACE_PERIOD", "0")],
            &[NO_PUBLIC_URL],
        ),
        (
            "a secret that can be guessed",
            &[("SSO_CLIENT_SECRET", "s3cr3tkey")],
            &[NO_PUBLIC_URL, GUESSABLE],
        ),
        (
            "a secret of its own",
            &[
                ("SSO_CLIENT_SECRET", "s3cr3tkey"),
                ("COOKIE_SECRET", SECRET),
                (
                    "COOKIE_SECRET_PREVIOUS",
                    "pa55word-of-more-than-thirty-two-bytes,",
                ),
            ],
            &[NO_PUBLIC_URL],
        ),
        (
            "Cloud Foundry",
            &[
                ("REDIS_ENDPOINT", ""),
                (
                    "VCAP_SERVICES",
                    r#"{"redis": [{"credentials": {"uri": "rediss://:pa55word@redis.test"}}]}"#,
                ),
            ],
            &[NO_PUBLIC_URL],
        ),
        (
            "Cloud Foundry with nothing bound",
            &[("VCAP_SERVICES", r#"{"postgres": [{}]}"#)],
            &[NO_PUBLIC_URL],
        ),
    ] {
        let settings = working(changes);
        let [mount] = &settings.mounts[..] else {
            panic!("{name}: not one mount");
        };
        assert!(
            mount.gates.read.access.who().starts_with("people of http"),
            "{name}"
        );
        assert_eq!(mount.public, ["/health.txt"], "{name}");
        let people = mount.people.as_ref().unwrap();
        assert!(
            people.profile == Profile::StreamingProxy && people.redis.is_some(),
            "{name}"
        );
        assert_eq!(people.callback, "/__redirect_from_sso", "{name}");
        assert_eq!(settings.warnings, warnings, "{name}");
        assert!(settings.without_meaning.is_empty(), "{name}");
    }
    let settings = working(&[("SENTRY_DSN", "s3cr3tkey"), ("OIDC_CLIENT_ID", "x")]);
    assert_eq!(settings.without_meaning, ["SENTRY_DSN", "OIDC_CLIENT_ID"]);
}

#[test]
fn other_ways_to_sign_in_are_added() {
    let settings = working(&[("BASIC_AUTH", "ci:pa55word")]);
    let who = "people of https://sso.test/o/authorize/, user ci";
    assert_eq!(settings.mounts[0].gates.read.access.who(), who);
}

/// Rows of a name, changes to the environment, and how the one problem begins.
type Rows<'a> = &'a [(&'a str, &'a [(&'static str, &'static str)], &'a str)];

fn assert_refused(table: Rows<'_>) {
    for (name, changes, expected) in table {
        let found = problems(name, resolve(&[], &with(changes)));
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        assert!(found[0].starts_with(expected), "{name}: {found:?}");
    }
}

#[test]
fn its_missing_variables_are_named() {
    let none = ["SSO_CLIENT_ID", "SSO_CLIENT_SECRET", "REDIS_ENDPOINT"].map(|name| (name, ""));
    let found = problems("none", resolve(&[], &with(&none)));
    assert_eq!(
        found,
        [
            "SSO_URL (environment): needs SSO_CLIENT_ID, which is not set",
            "SSO_URL (environment): needs SSO_CLIENT_SECRET or SSO_CLIENT_SECRET_FILE, which are not set",
            "SSO_URL (environment): needs REDIS_ENDPOINT, REDIS_ENDPOINT_FILE or VCAP_SERVICES, which are not set",
        ]
    );
}

#[test]
fn its_wrong_variables_are_named() {
    assert_refused(&[
        (
            "no URL",
            &[("SSO_URL", "sso.test")],
            "SSO_URL (environment): ",
        ),
        (
            "a password in the URL",
            &[("SSO_URL", "https://u:pa55word@sso.test/")],
            "SSO_URL (environment): ",
        ),
        (
            "a query",
            &[("SSO_URL", "https://sso.test/?next=/")],
            "SSO_URL (environment): has a query or a fragment",
        ),
        (
            "a fragment within a network",
            &[("SSO_URL_INTERNAL", "https://sso.test/#")],
            "SSO_URL_INTERNAL (environment): has a query or a fragment",
        ),
        (
            "no internal URL",
            &[("SSO_URL_INTERNAL", "ftp://sso.test/")],
            "SSO_URL_INTERNAL (environment): ",
        ),
        (
            "no seconds",
            &[("SSO_TOKEN_CHECK_GRACE_PERIOD", "1h")],
            "SSO_TOKEN_CHECK_GRACE_PERIOD (environment): \"1h\" is not a number of seconds",
        ),
        (
            "too few seconds",
            &[("SSO_TOKEN_CHECK_GRACE_PERIOD", "-1")],
            "SSO_TOKEN_CHECK_GRACE_PERIOD (environment): -1 is not a number from 0 to ",
        ),
        (
            "no Redis",
            &[("REDIS_ENDPOINT", "https://:pa55word@redis.test")],
            "REDIS_ENDPOINT (environment): ",
        ),
        (
            "no JSON",
            &[("VCAP_SERVICES", "pa55word")],
            "VCAP_SERVICES (environment): ",
        ),
        (
            "no URL in it",
            &[(
                "VCAP_SERVICES",
                r#"{"redis": [{"credentials": {"uri": "pa55word"}}]}"#,
            )],
            "VCAP_SERVICES (environment): its `credentials.uri` of `redis` is not a URL",
        ),
        (
            "no URI in it",
            &[(
                "VCAP_SERVICES",
                r#"{"redis": [{"credentials": {"uri": ["pa55word"]}}]}"#,
            )],
            "VCAP_SERVICES (environment): ",
        ),
    ]);
}

#[test]
fn wrong_variables_beside_its_own_are_named() {
    assert_refused(&[
        (
            "a short secret",
            &[("COOKIE_SECRET", "pa55word")],
            "COOKIE_SECRET (environment): ",
        ),
        (
            "a short previous secret",
            &[("COOKIE_SECRET_PREVIOUS", "pa55word")],
            "COOKIE_SECRET_PREVIOUS (environment): ",
        ),
        (
            "a public URL with a path",
            &[("PUBLIC_URL", "https://files.test/x")],
            "PUBLIC_URL (environment): ",
        ),
        (
            "no proxies",
            &[("TRUSTED_PROXIES", "proxy.test")],
            "TRUSTED_PROXIES (environment): ",
        ),
        (
            "the health of a route",
            &[("AWS_S3_HEALTHCHECK_KEY", "__redirect_from_sso")],
            "AWS_S3_HEALTHCHECK_KEY (environment): /__redirect_from_sso is a route of ",
        ),
        (
            "a list that nobody is on",
            &[("ALLOWED_DOMAINS", "test")],
            "ALLOWED_DOMAINS (environment): contradicts SSO_URL (environment)",
        ),
        (
            "two providers",
            &[("OIDC_ISSUER", "https://idp.test")],
            "OIDC_ISSUER (environment): contradicts SSO_URL (environment)",
        ),
    ]);
    let open = resolve(&["--insecure-no-auth"], &with(&[]));
    let found = problems("open", open);
    assert!(
        found[0].starts_with("--insecure-no-auth (flag): contradicts SSO_URL (environment)"),
        "{found:?}"
    );
}
