//! What may be configured, and what of it is printed.

use std::error::Error as _;
use std::time::Duration;

use portcullis::jwt::jwks::JwksKeys;
use portcullis::upstream::{FetchError, FetchErrorKind};

use super::Desk;
use crate::support::fake_provider::Answer;

#[test]
fn keys_come_over_tls_from_elsewhere_unless_told_otherwise() {
    for (url, secure, insecure) in [
        ("https://id.example/keys", true, true),
        ("https://id.example/keys?appid=1", true, true),
        ("http://localhost:8080/keys", true, true),
        ("http://[::1]/keys", true, true),
        ("http://keycloak:8080/keys", false, true),
        ("https://user:s3cret@id.example/keys", false, false),
        ("https://id.example/keys#a", false, false),
        ("file:///keys", false, false),
        ("/keys", false, false),
    ] {
        for (made, expected) in [
            (JwksKeys::new(url), secure),
            (JwksKeys::insecure_new_over_http(url), insecure),
        ] {
            let error = made.err();
            assert_eq!(error.is_none(), expected, "{url}");
            if let Some(error) = error {
                assert_eq!(error.setting(), "key set URL", "{url}");
                assert!(!error.to_string().contains("s3cret"), "{error}");
            }
        }
    }
}

#[test]
fn what_would_fetch_all_the_time_is_refused() {
    let keys = || JwksKeys::new("https://id.example/keys").unwrap();
    let second = Duration::from_secs(1);
    let less = Duration::from_millis(999);
    assert!(keys().with_cooldown(second).is_ok());
    assert_eq!(
        keys().with_cooldown(less).unwrap_err().setting(),
        "cooldown"
    );
    assert!(keys().with_refresh_after(second..=second).is_ok());
    for bounds in [less..=second, 2 * second..=second] {
        let error = keys().with_refresh_after(bounds).unwrap_err();
        assert_eq!(error.setting(), "refresh after");
    }
}

#[tokio::test(start_paused = true)]
async fn neither_the_keys_nor_their_errors_print_a_query_or_what_was_answered() {
    let desk = Desk::over(JwksKeys::new("https://id.example/keys?code=s3cret").unwrap());
    assert_eq!(
        format!("{:?}", desk.keys),
        "JwksKeys { origin: KeySet(https://id.example/keys), cooldown: 30s, max_stale: 86400s, \
         timeout: 5s, .. }"
    );
    for answer in [
        Answer::ok("s3cret"),
        Answer::ok(r#"{"keys":[{"kty":"s3cret"}]}"#),
        Answer::redirect(302, "http://id.example/s3cret"),
        Answer::status(500).with("x-debug", "s3cret"),
    ] {
        desk.publish(answer);
        let error = desk.keys.fetch().await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
    let asked = desk.provider.asked();
    assert!(
        asked.iter().all(|target| target == "/keys?code=s3cret"),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_cause_of_a_failure_is_its_source() {
    let desk = Desk::new();
    desk.publish(Answer::status(418));
    let error = desk.keys.fetch().await.unwrap_err();
    assert_eq!(error.to_string(), "the key set could not be fetched");
    let source = error
        .source()
        .unwrap()
        .downcast_ref::<FetchError>()
        .unwrap();
    let status = http::StatusCode::IM_A_TEAPOT;
    assert_eq!(source.kind(), FetchErrorKind::Status(status));
    assert_eq!(source.to_string(), "the server answered 418");
}
