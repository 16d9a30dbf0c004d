//! Callbacks with missing, repeated or malformed parameters.

use http::Method;
use portcullis::gate::RefusalKind;

use super::callback::{about_to_come_back, assert_no_session, coming_back, parameter};
use super::{Fixture, ORIGIN, ask, reason};

#[tokio::test]
async fn an_incomplete_or_repeated_parameter_is_malformed() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    let code = parameter(&url, "code");
    let state = parameter(&url, "state");
    let long = format!("&more={}", "x".repeat(16 * 1024));
    let twice = "a parameter occurs twice";
    let neither = "the query has neither a code nor an error";
    let letters = "a parameter is not printable ASCII";
    let no_state = "the query has no state";
    for (name, url, why) in [
        ("nothing", format!("{ORIGIN}/oauth2/callback"), neither),
        ("no state", url.replace("state=", "other="), no_state),
        ("an empty state", url.replace(&state, "state="), no_state),
        ("no code", url.replace("code=", "other="), neither),
        ("an empty code", url.replace(&code, "code="), neither),
        ("two codes", format!("{url}&code=x"), twice),
        ("the code again", format!("{url}&{code}"), twice),
        ("an empty one more", format!("{url}&code"), twice),
        ("by another spelling", format!("{url}&c%6Fde=x"), twice),
        ("two states", format!("{url}&{state}"), twice),
        ("two issuers", format!("{url}&iss=x"), twice),
        ("two errors", format!("{url}&error=a&error=b"), twice),
        ("two texts", format!("{url}&error_uri=a&error_uri=b"), twice),
        ("a line feed", format!("{url}&error=a%0Ab"), letters),
        ("a letter", format!("{url}&error=%C3%A9"), letters),
        ("no UTF-8", format!("{url}&error=%FF"), letters),
        ("too much", format!("{url}{long}"), "the query is too long"),
    ] {
        let answer = ask(&layer, coming_back(&url, &cookies)).await;
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(
            reason(&answer),
            (RefusalKind::Malformed, why.into()),
            "{name}"
        );
        assert_no_session(name, &fixture, &answer);
        assert!(answer.all("set-cookie").is_empty(), "{name}");
    }
    // None of them has spent the sign-in, and unknown parameters are ignored.
    let answer = ask(&layer, coming_back(&format!("{url}&x=1&x=%FF"), &cookies)).await;
    assert_eq!(
        answer.header("location"),
        Some("https://files.example.com/a?b")
    );
}

#[tokio::test]
async fn an_error_beside_a_code_counts() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    let denied = format!("{url}&error=access_denied");
    let answer = ask(&layer, coming_back(&denied, &cookies)).await;
    assert_eq!(answer.status, 403);
    assert_no_session("denied", &fixture, &answer);
    // It has ended the sign-in.
    assert_eq!(ask(&layer, coming_back(&url, &cookies)).await.status, 403);
}

#[tokio::test]
async fn a_callback_must_be_a_get() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    for method in [Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
        let mut request = coming_back(&url, &cookies);
        *request.method_mut() = method.clone();
        let answer = ask(&layer, request).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
        assert_no_session(method.as_str(), &fixture, &answer);
    }
    assert_eq!(ask(&layer, coming_back(&url, &cookies)).await.status, 302);
}
