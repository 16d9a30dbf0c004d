//! Settings, and how they are printed.

use std::error::Error as _;

use portcullis::jwt::jwks::JwksKeys;
use portcullis::upstream::{FetchError, FetchErrorKind};

use super::Desk;
use crate::support::fake_provider::Answer;

#[test]
fn keys_from_other_hosts_need_tls_by_default() {
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

#[tokio::test(start_paused = true)]
async fn neither_queries_nor_answers_are_printed() {
    let desk = Desk::over(JwksKeys::new("https://id.example/keys?code=s3cret").unwrap());
    assert_eq!(
        format!("{:?}", desk.keys),
        "JwksKeys { origin: KeySet(https://id.example/keys), timeout: 5s, .. }"
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
