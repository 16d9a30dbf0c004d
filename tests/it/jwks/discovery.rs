//! The metadata of an issuer, and the URL of keys in it.

use portcullis::jwt::jwks::{JwksErrorKind, JwksKeys};

use super::{Desk, Newer};
use crate::support::fake_provider::Answer;

const ISSUER: &str = "https://id.example/tenant";
const OPENID: &str = "/tenant/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server/tenant";

fn metadata(issuer: &str, keys: &str) -> Answer {
    Answer::ok(format!(
        r#"{{"issuer":"{issuer}","jwks_uri":"{keys}","response_types_supported":["code"]}}"#
    ))
}

fn desk() -> Desk {
    let desk = Desk::over(JwksKeys::discover(ISSUER).unwrap());
    desk.publish(Answer::keys(&["a"]));
    desk
}

#[tokio::test(start_paused = true)]
async fn the_metadata_is_where_both_standards_say() {
    // The issuer, and the paths that are asked, as both standards have them in their examples.
    for (issuer, openid, oauth) in [
        (
            "https://id.example",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://id.example/",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://id.example/issuer1",
            "/issuer1/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/issuer1",
        ),
        (
            "https://id.example/realms/a%20b/",
            "/realms/a%20b/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/realms/a%20b",
        ),
        (
            "http://127.0.0.1:8080/x",
            "/x/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/x",
        ),
    ] {
        for (name, at, asked) in [
            ("OpenID", openid, vec![openid, "/keys"]),
            ("OAuth", oauth, vec![openid, oauth, "/keys"]),
        ] {
            let desk = Desk::over(JwksKeys::discover(issuer).unwrap());
            desk.publish(Answer::keys(&["a"]));
            let answer = metadata(issuer, "https://keys.example/keys");
            desk.provider.publish(at, answer);
            desk.keys.fetch().await.unwrap();
            assert_eq!(desk.provider.asked(), asked, "{name} at {issuer}");
        }
    }
}

/// Keys are fetched if the metadata is right. Otherwise nothing but the metadata is fetched.
async fn check(name: &str, answer: Answer, expected: Option<JwksErrorKind>) {
    let desk = desk();
    desk.provider.publish(OPENID, answer);
    let kind = desk.keys.fetch().await.err().map(|error| error.kind());
    assert_eq!(kind, expected, "{name}");
    let is_right = expected.is_none();
    assert_eq!(desk.at_hand().await, is_right.then_some(1), "{name}");
    let asked = desk.provider.asked();
    let fetched = asked.iter().any(|path| path.starts_with("/keys"));
    assert_eq!(fetched, is_right, "{name}");
}

#[tokio::test(start_paused = true)]
async fn the_issuer_in_metadata_must_match_exactly() {
    for (name, issuer, expected) in [
        ("itself", ISSUER, true),
        ("a slash more", "https://id.example/tenant/", false),
        ("in capitals", "https://ID.example/tenant", false),
        ("with a port", "https://id.example:443/tenant", false),
        ("off TLS", "http://id.example/tenant", false),
        ("the parent", "https://id.example", false),
        ("another", "https://evil.example", false),
        ("none", "", false),
    ] {
        let expected = (!expected).then_some(JwksErrorKind::Metadata);
        check(name, metadata(issuer, "https://id.example/keys"), expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn jwks_uri_must_be_fetchable() {
    for (name, keys, expected) in [
        ("beside it", "https://id.example/keys", true),
        ("elsewhere", "https://keys.example/keys?v=2", true),
        ("off TLS", "http://id.example/keys", false),
        ("on the machine itself", "http://127.0.0.1/keys", false),
        ("in a file", "file:///keys", false),
        ("at a path", "/keys", false),
        ("at a user's", "https://u@id.example/keys", false),
        ("nowhere", "", false),
    ] {
        let expected = (!expected).then_some(JwksErrorKind::Metadata);
        check(name, metadata(ISSUER, keys), expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_metadata_leads_nowhere() {
    use JwksErrorKind::{Fetch, Metadata, TimedOut, Withdrawn};
    let keys = r#""jwks_uri":"https://id.example/keys""#;
    let twice = format!(r#"{{"issuer":"https://evil.example","issuer":"{ISSUER}",{keys}}}"#);
    let list = format!(r#"{{"issuer":["{ISSUER}"],{keys}}}"#);
    let mut bytes = format!(r#"{{"issuer":"{ISSUER}",{keys},"x":"?"}}"#).into_bytes();
    let at = bytes.len() - 3;
    bytes[at] = 0xff;
    let list_of_two = format!(r#"["{ISSUER}","https://id.example/keys"]"#);
    let only_issuer = format!(r#"{{"issuer":"{ISSUER}"}}"#);
    let redirect = Answer::redirect(302, "http://id.example/metadata");
    for (name, answer, kind) in [
        ("two issuers", Answer::ok(twice), Metadata),
        ("an issuer in a list", Answer::ok(list), Metadata),
        ("a list of the two", Answer::ok(list_of_two), Metadata),
        ("no issuer", Answer::ok(format!("{{{keys}}}")), Metadata),
        ("no keys", Answer::ok(only_issuer), Metadata),
        ("bytes", Answer::ok(bytes), Metadata),
        ("HTML", Answer::ok("<html>"), Metadata),
        ("a key set", Answer::keys(&["a"]), Metadata),
        ("an error", Answer::status(500), Fetch),
        ("nobody there", Answer::Breaks, Fetch),
        ("no answer", Answer::Hangs, TimedOut),
        ("a redirect off TLS", redirect, Fetch),
        // Nor is there anything at the other address.
        ("nothing", Answer::status(404), Withdrawn),
    ] {
        check(name, answer, Some(kind)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_address_needs_a_client_error() {
    let keys = "https://id.example/keys";
    for (name, first, expected) in [
        ("not found", Answer::status(404), true),
        ("forbidden", Answer::status(403), true),
        ("not understood", Answer::status(400), true),
        ("out of order", Answer::status(503), false),
        (
            "another issuer's",
            metadata("https://evil.example", keys),
            false,
        ),
        ("malformed", Answer::ok("<html>"), false),
        ("nobody there", Answer::Breaks, false),
    ] {
        let desk = desk();
        desk.provider.publish(OPENID, first);
        desk.provider.publish(OAUTH, metadata(ISSUER, keys));
        assert_eq!(desk.keys.fetch().await.is_ok(), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_may_move_and_outlive_lost_metadata() {
    let desk = desk();
    desk.provider
        .publish(OPENID, metadata(ISSUER, "https://id.example/keys"));
    assert_eq!(desk.unknown().await, Newer::Keys(1));
    desk.provider
        .publish(OPENID, metadata(ISSUER, "https://id.example/moved"));
    desk.provider.publish("/moved", Answer::keys(&["b", "c"]));
    desk.pass(600);
    desk.at_hand().await;
    assert_eq!(desk.at_hand().await, Some(2));
    assert_eq!(desk.provider.asked(), [OPENID, "/keys", OPENID, "/moved"]);
    desk.provider.publish(OPENID, Answer::status(503));
    desk.pass(600);
    desk.at_hand().await;
    assert_eq!(desk.at_hand().await, Some(2));
    assert_eq!(
        desk.failures(),
        ["the issuer's metadata could not be fetched"]
    );
}

#[tokio::test(start_paused = true)]
async fn metadata_that_is_gone_withdraws_the_keys() {
    use JwksErrorKind::{Fetch, Metadata, Withdrawn};
    let elsewhere = metadata(ISSUER, "https://id.example/elsewhere");
    for (name, openid, oauth, kind) in [
        ("both gone", Answer::status(404), 410, Withdrawn),
        ("no keys where they moved", elsewhere, 404, Withdrawn),
        // Most servers have nothing at the second URL.
        ("a refusal", Answer::status(403), 404, Fetch),
        ("an outage", Answer::status(503), 404, Fetch),
        ("an outage of the second", Answer::status(404), 503, Fetch),
        ("a page", Answer::ok("<html>"), 404, Metadata),
    ] {
        let desk = desk();
        let keys = metadata(ISSUER, "https://id.example/keys");
        desk.provider.publish(OPENID, keys);
        desk.keys.fetch().await.unwrap();
        desk.provider.publish(OPENID, openid);
        desk.provider.publish(OAUTH, Answer::status(oauth));
        let error = desk.keys.fetch().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        let left = (kind != Withdrawn).then_some(1);
        assert_eq!(desk.at_hand().await, left, "{name}");
    }
}

#[test]
fn a_wrong_issuer_is_refused_at_build() {
    for issuer in [
        "https://id.example/?tenant=a",
        "https://id.example?",
        "https://id.example/#a",
        "https://user@id.example",
        "http://id.example",
        "id.example",
        "urn:example:issuer",
        "",
    ] {
        let error = JwksKeys::discover(issuer).unwrap_err();
        assert_eq!(error.setting(), "issuer", "{issuer}");
    }
    assert!(JwksKeys::insecure_discover_over_http("http://id.example").is_ok());
}
