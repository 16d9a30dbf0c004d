use portcullis::token::InsecureSaltedToken;

use super::judge;

/// Of `mysecuretoken`, by Python's hashlib.
const HASH: &str = "f4e7b109e7aaef9a56f019d83fba027513ee8f63faf73fbb3c993071089eeb81";

/// Asks again with a value of its own, since the verifier is not to be cloned.
async fn answer(token: &str) -> Result<String, (u16, String)> {
    let verifier = InsecureSaltedToken::new(HASH, "uploader").unwrap();
    let verifier = std::sync::Arc::new(verifier.with_scopes(["upload"]));
    let verify = move |token: &str| portcullis::gate::TokenVerifier::verify(&*verifier, token);
    let identity = judge(&verify, token).await?;
    assert_eq!(identity.method(), "token");
    assert!(identity.has_scope("upload"));
    Ok(identity.subject().to_owned())
}

#[tokio::test]
async fn only_the_token_of_the_hash_is_admitted() {
    assert_eq!(answer("mysecuretoken").await, Ok("uploader".into()));
    for token in [
        "mysecuretoke",
        "mysecuretoken1",
        "Mysecuretoken",
        HASH,
        "a.b.c",
    ] {
        assert_eq!(
            answer(token).await,
            Err((401, "wrong token".into())),
            "{token}"
        );
    }
}

#[test]
fn a_malformed_or_empty_tokens_hash_is_refused() {
    for (name, hash, good) in [
        ("right", HASH.to_owned(), true),
        ("capitals, which never matched", HASH.to_uppercase(), false),
        ("short", HASH[..62].into(), false),
        ("long", format!("{HASH}00"), false),
        ("empty", String::new(), false),
        ("not hexadecimal", HASH.replace('f', "g"), false),
        (
            "of the empty token",
            "36234b6fd46fb00f29d587c0fd5b89a382cf4ebf3b584f56287aa95fff81de0a".into(),
            false,
        ),
    ] {
        let token = InsecureSaltedToken::new(&hash, "uploader");
        assert_eq!(token.is_ok(), good, "{name}");
        if let Err(error) = token {
            assert_eq!(error.setting(), "token hash");
            assert!(
                hash.is_empty() || !error.to_string().contains(&hash),
                "{name}"
            );
        }
    }
}
