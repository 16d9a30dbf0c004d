//! Keys of a set that cannot be used, as they are reported.

use std::sync::{Arc, Mutex};

use portcullis::jwt::jwks::JwksKeys;

use super::{Desk, URL};
use crate::support::fake_provider::Answer;

const GOOD: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"good","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const SHORT: &str = r#"{"kty":"RSA","kid":"short","n":"rJBIp6T1YK-RtPyvYqFFlQ","e":"AQAB"}"#;

#[tokio::test(start_paused = true)]
async fn a_key_left_out_is_reported_once() {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&reports);
    let observer = move |key: &_| seen.lock().unwrap().push(ToString::to_string(key));
    let desk = Desk::over(JwksKeys::new(URL).unwrap().with_left_out_observer(observer));
    let reported = || std::mem::take(&mut *reports.lock().unwrap());
    let short = r#"the key "short" is left out: an RSA key must have 2048 to 8192 bits, and this one has 128"#;
    let entry = "a key without kid is left out: the entry is not a JSON object";
    for (name, keys, is_usable, expected) in [
        ("a good key", GOOD.to_owned(), true, &[][..]),
        (
            "a bad one beside it",
            format!("{GOOD},{SHORT}"),
            true,
            &[short],
        ),
        ("in another order", format!("{SHORT},{GOOD}"), true, &[]),
        (
            "another bad one",
            format!("7,{SHORT},{GOOD}"),
            true,
            &[entry],
        ),
        ("no good one", format!("7,{SHORT}"), false, &[]),
        ("none left out", GOOD.to_owned(), true, &[]),
        ("only the bad one", SHORT.to_owned(), false, &[short]),
    ] {
        desk.publish(Answer::ok(format!("{{\"keys\":[{keys}]}}")));
        assert_eq!(desk.keys.fetch().await.is_ok(), is_usable, "{name}");
        assert_eq!(reported(), expected, "{name}");
    }
}
