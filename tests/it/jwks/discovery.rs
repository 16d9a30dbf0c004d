//! The metadata of an issuer, and where it says that the keys are.

use portcullis::jwt::jwks::{JwksErrorKind, JwksKeys};

use super::{Desk, Told};
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
async fn the_metadata_is_where_the_two_standards_put_it() {
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

#[tokio::test(start_paused = true)]
async fn only_metadata_of_the_very_issuer_is_taken() {
    let keys = "https://id.example/keys";
    let twice =
        format!(r#"{{"issuer":"https://evil.example","issuer":"{ISSUER}","jwks_uri":"{keys}"}}"#);
    for (name, answer, expected) in [
        ("the issuer", metadata(ISSUER, keys), None),
        (
            "keys elsewhere",
            metadata(ISSUER, "https://keys.example/keys?v=2"),
            None,
        ),
        (
            "a slash more",
            metadata("https://id.example/tenant/", keys),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "in capitals",
            metadata("https://ID.example/tenant", keys),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "with a port",
            metadata("https://id.example:443/tenant", keys),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "the parent",
            metadata("https://id.example", keys),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "another",
            metadata("https://evil.example", keys),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "two issuers",
            Answer::ok(twice),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "no issuer",
            Answer::ok(format!(r#"{{"jwks_uri":"{keys}"}}"#)),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "an issuer in a list",
            Answer::ok(format!(r#"{{"issuer":["{ISSUER}"],"jwks_uri":"{keys}"}}"#)),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "no keys",
            Answer::ok(format!(r#"{{"issuer":"{ISSUER}"}}"#)),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "keys off TLS",
            metadata(ISSUER, "http://id.example/keys"),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "keys on the machine itself",
            metadata(ISSUER, "http://127.0.0.1/keys"),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "keys in a file",
            metadata(ISSUER, "file:///keys"),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "keys at a path",
            metadata(ISSUER, "/keys"),
            Some(JwksErrorKind::Metadata),
        ),
        (
            "keys at a user's",
            metadata(ISSUER, "https://u@id.example/keys"),
            Some(JwksErrorKind::Metadata),
        ),
        ("HTML", Answer::ok("<html>"), Some(JwksErrorKind::Metadata)),
        ("an error", Answer::status(500), Some(JwksErrorKind::Fetch)),
        ("nobody there", Answer::Breaks, Some(JwksErrorKind::Fetch)),
        ("no answer", Answer::Hangs, Some(JwksErrorKind::TimedOut)),
        (
            "a redirect off TLS",
            Answer::redirect(302, "http://id.example/"),
            Some(JwksErrorKind::Fetch),
        ),
        // The other address is asked, where nothing is.
        ("nothing", Answer::status(404), Some(JwksErrorKind::Fetch)),
    ] {
        let desk = desk();
        desk.provider.publish(OPENID, answer);
        let kind = desk.keys.fetch().await.err().map(|error| error.kind());
        assert_eq!(kind, expected, "{name}");
        assert_eq!(
            desk.at_hand().await,
            expected.is_none().then_some(1),
            "{name}"
        );
        let fetched = desk
            .provider
            .asked()
            .iter()
            .any(|path| path.starts_with("/keys"));
        assert_eq!(fetched, expected.is_none(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_address_counts_only_where_there_is_nothing_at_the_first() {
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
async fn keys_may_move_and_while_the_metadata_is_away_the_last_ones_serve() {
    let desk = desk();
    desk.provider
        .publish(OPENID, metadata(ISSUER, "https://id.example/keys"));
    assert_eq!(desk.unknown().await, Told::Keys(1));
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

#[test]
fn what_is_no_issuer_is_refused_when_it_is_configured() {
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
