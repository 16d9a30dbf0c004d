//! Several gateways with one Redis and one provider.

use crate::support::{Browser, OBJECT, Program, Redis, StreamingSite as Site};

const FIRST: &str = "f1rst-of-more-than-thirty-two-bytes";
const SECOND: &str = "sec0nd-of-more-than-thirty-two-bytes";

/// Starts a gateway beside `first`, and returns its answer to a person who signed in there.
fn status_beside(first: &Site, browser: &Browser<'_>, changes: &[(&str, &str)]) -> u16 {
    let shared = [
        ("SSO_URL", &*first.idp.url),
        ("REDIS_ENDPOINT", &*first.redis.url),
    ];
    let changes: Vec<_> = shared.iter().chain(changes).copied().collect();
    let second = Site::start(OBJECT, &changes);
    let mut there = second.browser();
    there.cookies.clone_from(&browser.cookies);
    there.get("/x").status
}

#[test]
fn gateways_with_equal_settings_share_sessions() {
    let first = Site::start(OBJECT, &[]);
    let mut browser = first.browser();
    assert_eq!(browser.sign_in(&first.idp, "/x").status, 302);
    let url = &first.redis.url;
    let services = format!(r#"{{"redis":[{{"credentials":{{"uri":"{url}"}}}}]}}"#);
    // Nothing listens on port 1: the service that Cloud Foundry binds takes precedence.
    let bound = [
        ("REDIS_ENDPOINT", "redis://127.0.0.1:1"),
        ("VCAP_SERVICES", &*services),
    ];
    // Nothing listens there either.
    let within = [
        ("SSO_URL_INTERNAL", "http://127.0.0.1:1/"),
        ("SSO_TOKEN_CHECK_GRACE_PERIOD", "0"),
    ];
    for (name, changes, status) in [
        ("one environment", &[][..], 200),
        ("a token that is asked about within a network", &within, 500),
        ("by what is bound", &bound, 200),
        ("another secret", &[("COOKIE_SECRET", FIRST)], 302),
    ] {
        assert_eq!(status_beside(&first, &browser, changes), status, "{name}");
    }
}

#[test]
fn sessions_survive_a_changed_cookie_secret() {
    let first = Site::start(OBJECT, &[("COOKIE_SECRET", FIRST)]);
    let mut browser = first.browser();
    assert_eq!(browser.sign_in(&first.idp, "/x").status, 302);
    let changed = ("COOKIE_SECRET", SECOND);
    for (name, changes, status) in [
        (
            "changed",
            &[changed, ("COOKIE_SECRET_PREVIOUS", FIRST)][..],
            200,
        ),
        ("forgotten", &[changed], 302),
    ] {
        assert_eq!(status_beside(&first, &browser, changes), status, "{name}");
    }
}

#[test]
fn a_redis_cluster_is_refused_at_the_start() {
    let cluster = Redis::start_cluster();
    let program = Program::start(
        ["--listen", "127.0.0.1:0"],
        [
            ("AWS_S3_BUCKET", "wheels"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "s3cret"),
            ("OIDC_ISSUER", "http://127.0.0.1:1"),
            ("OIDC_CLIENT_ID", "files"),
            ("OIDC_CLIENT_SECRET", "s3cret"),
            ("COOKIE_SECRET", FIRST),
            ("PUBLIC_URL", "https://files.test"),
            ("ALLOW_EVERYONE_SIGNED_IN", "1"),
            ("REDIS_ENDPOINT", &cluster.url),
        ],
    );
    let output = program.output();
    assert_eq!(output.code, Some(2), "{output:?}");
    let told = output.stderr.join("\n");
    let expected = "Redis for /: is in cluster mode, which is not supported: ";
    assert!(told.contains(expected), "{told}");
}
