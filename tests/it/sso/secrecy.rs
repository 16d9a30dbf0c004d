//! No `Debug`, error or reason contains a code, state, token or cookie.

use portcullis::gate::RefusalReason;
use serde_json::json;

use super::callback::{about_to_come_back, coming_back};
use super::{Fixture, KEY, ask};
use crate::support::fake_provider::Answer;
use crate::support::fake_sso::CLIENT_SECRET;

#[test]
fn debug_of_a_layer_has_no_secret() {
    let fixture = Fixture::new();
    let printed = format!("{:?}", fixture.layer());
    assert!(printed.starts_with("SsoLayer { challenge: \"Cookie realm=\\\"files\\\"\", "));
    for part in [
        "https://id.example",
        "files.example.com",
        "/oauth2/callback",
        "__Host-portcullis",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    for secret in [KEY, CLIENT_SECRET, "s3cret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn reasons_and_pages_have_no_secret() {
    for (name, changes, token_answer) in [
        ("a bad ID token", json!({"nonce": "x"}), None),
        (
            "garbage",
            json!({}),
            Some(Answer::ok(
                "{\"access_token\": 1, \"code\": \"code-token.1~s3cret\"}",
            )),
        ),
        ("an error", json!({}), Some(Answer::status(400))),
        ("down", json!({}), Some(Answer::Breaks)),
    ] {
        let fixture = Fixture::new();
        fixture.provider.switches().id_token = changes;
        if let Some(answer) = token_answer {
            fixture.provider.publish("/token", answer);
        }
        let layer = fixture.layer();
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let cookies = browser.cookie_header();
        let answer = ask(&layer, coming_back(&url, &cookies)).await;
        assert!(answer.status == 403 || answer.status == 503, "{name}");
        let reason = answer.extensions.get::<RefusalReason>().unwrap();
        let forms = fixture.provider.asked();
        let form = &forms
            .iter()
            .find(|asked| asked.path == "/token")
            .unwrap()
            .form;
        let told = format!("{reason:?} {reason} {} {:?}", answer.body, answer.headers);
        let query = url.split_once('?').unwrap().1;
        let mut secrets: Vec<String> = form_urlencoded::parse(form.as_bytes())
            .chain(form_urlencoded::parse(query.as_bytes()))
            .filter(|(name, _)| ["code", "state", "code_verifier"].contains(&&**name))
            .map(|(_, value)| value.into_owned())
            .collect();
        secrets.push(cookies.split_once('=').unwrap().1.to_owned());
        secrets.extend([KEY, CLIENT_SECRET, "~s3cret"].map(str::to_owned));
        assert_eq!(secrets.len(), 8, "{name}: {form}");
        for secret in secrets {
            assert!(!told.contains(&secret), "{name}: {secret} in {told}");
        }
    }
}
