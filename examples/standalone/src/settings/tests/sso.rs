use super::fixture::{KEYS, problems, resolve};
use crate::gates::Profile;

const SECRET: &str = "s3cr3tkey-of-more-than-thirty-two-bytes";

const ENVIRONMENT: [(&str, &str); 8] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    ("OIDC_ISSUER", "https://idp.test"),
    ("OIDC_CLIENT_ID", "files"),
    ("OIDC_CLIENT_SECRET", "pa55word"),
    ("PUBLIC_URL", "https://files.test"),
    ("COOKIE_SECRET", SECRET),
    ("ALLOWED_DOMAINS", "files.test"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = KEYS.iter().chain(&ENVIRONMENT).chain(changes);
    all.copied().collect()
}

#[test]
fn oidc_issuer_and_its_variables_make_a_gate() {
    for (name, changes, redirect_uri, has_redis) in [
        (
            "as it is",
            &[][..],
            "https://files.test/oauth2/callback",
            false,
        ),
        (
            "all lists",
            &[
                ("ALLOWED_EMAILS", "ana@x.test, bo@x.test"),
                ("ALLOWED_GROUPS", "a,b"),
            ],
            "https://files.test/oauth2/callback",
            false,
        ),
        (
            "everyone",
            &[("ALLOWED_DOMAINS", ""), ("ALLOW_EVERYONE_SIGNED_IN", "1")],
            "https://files.test/oauth2/callback",
            false,
        ),
        (
            "proxies alone",
            &[("PUBLIC_URL", ""), ("TRUSTED_PROXIES", "10.0.0.0/8")],
            "https://…/oauth2/callback",
            false,
        ),
        (
            "scopes",
            &[("OIDC_SCOPES", "openid  email groups")],
            "https://files.test/oauth2/callback",
            false,
        ),
        (
            "an address inside",
            &[
                ("OIDC_METADATA_URL", "http://idp:8080/metadata"),
                ("OIDC_AUTHORIZE_URL", "https://idp.test/authorize"),
                ("OIDC_TOKEN_URL", "https://idp.internal/token"),
                ("OIDC_USER_URL", "https://idp.internal/user"),
                ("OIDC_JWKS_URL", "https://idp.internal/keys"),
                ("OIDC_INSECURE_HTTP", "1"),
                ("OIDC_AUTHORIZE_PARAMETERS", "prompt=login, audience=files"),
                ("OIDC_TOKEN_ENDPOINT_AUTH_METHOD", "client_secret_post"),
            ],
            "https://files.test/oauth2/callback",
            false,
        ),
        (
            "sessions in Redis",
            &[("REDIS_ENDPOINT", "rediss://:pa55word@redis.test/")],
            "https://files.test/oauth2/callback",
            true,
        ),
        (
            "another secret before",
            &[("COOKIE_SECRET_PREVIOUS", SECRET)],
            "https://files.test/oauth2/callback",
            false,
        ),
    ] {
        let settings = resolve(&[], &with(changes));
        let settings = settings.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let mount = &settings.mounts[0];
        assert_eq!(
            mount.gates.read.access.who(),
            "people of https://idp.test",
            "{name}"
        );
        let people = mount.people.as_ref().unwrap();
        assert_eq!(people.redirect_uri, redirect_uri, "{name}");
        assert_eq!(people.redis.is_some(), has_redis, "{name}");
        assert!(people.profile == Profile::Portcullis, "{name}");
        let warns = name == "an address inside";
        assert_eq!(settings.warnings.is_empty(), !warns, "{name}");
        assert!(settings.without_meaning.is_empty(), "{name}");
    }
}

#[test]
fn wrong_variables_of_an_oidc_issuer_are_named() {
    for (name, changes, expected) in [
        (
            "nothing beside it",
            &[
                ("OIDC_CLIENT_ID", ""),
                ("OIDC_CLIENT_SECRET", ""),
                ("COOKIE_SECRET", ""),
                ("PUBLIC_URL", ""),
                ("ALLOWED_DOMAINS", ""),
            ][..],
            &[
                "OIDC_ISSUER (environment): needs OIDC_CLIENT_ID, which is not set",
                "OIDC_ISSUER (environment): needs OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE, which are not set",
                "OIDC_ISSUER (environment): needs COOKIE_SECRET or COOKIE_SECRET_FILE, which are not set",
                "OIDC_ISSUER (environment): needs PUBLIC_URL, ",
                "OIDC_ISSUER (environment): needs ALLOWED_EMAILS, ALLOWED_DOMAINS or ",
            ][..],
        ),
        (
            "all of it wrong",
            &[
                ("OIDC_ISSUER", "http://idp.test"),
                ("PUBLIC_URL", "https://files.test/x"),
                ("COOKIE_SECRET", "pa55word"),
                ("ALLOWED_DOMAINS", "@files.test"),
                ("REDIS_ENDPOINT", "redis.test:6379"),
            ],
            &[
                "OIDC_ISSUER (environment): ",
                "PUBLIC_URL (environment): ",
                "COOKIE_SECRET (environment): ",
                "ALLOWED_DOMAINS (environment): ",
                "REDIS_ENDPOINT (environment): does not begin with redis:// ",
            ],
        ),
        (
            "nobody is let in",
            &[("ALLOWED_DOMAINS", "")],
            &["OIDC_ISSUER (environment): needs ALLOWED_EMAILS, ALLOWED_DOMAINS or "],
        ),
        (
            "a list of nobody",
            &[("ALLOWED_DOMAINS", ",")],
            &["ALLOWED_DOMAINS (environment): "],
        ),
        (
            "everyone and some",
            &[("ALLOW_EVERYONE_SIGNED_IN", "true")],
            &["ALLOW_EVERYONE_SIGNED_IN (environment): contradicts ALLOWED_DOMAINS (environment)"],
        ),
        (
            "neither everyone nor not",
            &[("ALLOW_EVERYONE_SIGNED_IN", "yes")],
            &["ALLOW_EVERYONE_SIGNED_IN (environment): \"yes\" is neither 1 nor 0"],
        ),
        (
            "no address",
            &[("ALLOWED_EMAILS", "ana")],
            &["ALLOWED_EMAILS (environment): "],
        ),
        (
            "http",
            &[("OIDC_ISSUER", "http://idp.test")],
            &["OIDC_ISSUER (environment): "],
        ),
        (
            "a document of the issuer",
            &[(
                "OIDC_ISSUER",
                "https://idp.test/.well-known/openid-configuration",
            )],
            &["OIDC_ISSUER (environment): is the URL of a document: "],
        ),
        (
            "a public URL of http",
            &[("PUBLIC_URL", "http://files.test")],
            &["PUBLIC_URL (environment): "],
        ),
        (
            "a short secret",
            &[("COOKIE_SECRET", "pa55word")],
            &["COOKIE_SECRET (environment): "],
        ),
        (
            "no scope",
            &[("OIDC_SCOPES", "\"openid\"")],
            &["OIDC_SCOPES (environment): "],
        ),
        (
            "a malformed binding",
            &[("VCAP_SERVICES", "[\"pa55word\"]")],
            &["VCAP_SERVICES (environment): "],
        ),
    ] {
        let found = problems(name, resolve(&[], &with(changes)));
        assert_eq!(found.len(), expected.len(), "{name}: {found:#?}");
        for (line, expected) in found.iter().zip(expected) {
            assert!(line.starts_with(expected), "{name}: {line:?}");
        }
    }
}
