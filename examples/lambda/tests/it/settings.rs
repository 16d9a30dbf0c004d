use crate::support::Program;

const WORKING: [(&str, &str); 5] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "s3cr3tkey"),
    ("BASIC_AUTH", "ci:pa55word"),
];

#[tokio::test]
async fn a_wrong_setting_is_named_and_exits_2() {
    for (name, value, expected) in [
        ("AWS_S3_BUCKET", "", "AWS_S3_BUCKET: is not set"),
        ("BASIC_AUTH", "", "BASIC_AUTH: is not set, nor is REQUIRE:"),
        (
            "AWS_LAMBDA_RUNTIME_API",
            "",
            "AWS_LAMBDA_RUNTIME_API: is not set: this program must",
        ),
        (
            "BASIC_AUTH",
            "pa55word",
            "BASIC_AUTH: must be user:password",
        ),
    ] {
        // Nothing listens there: the program ends before it requests an event.
        let mut environment = WORKING.to_vec();
        environment.push((name, value));
        let ended = Program::start("127.0.0.1:1", &environment).end().await;
        assert_eq!(ended.code, Some(2), "{name}: {}", ended.stderr);
        let line = format!("portcullis: {expected}");
        assert!(ended.stderr.starts_with(&line), "{name}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{name}: {}", ended.stderr);
        assert!(!ended.stderr.contains("pa55word"), "{name}");
    }
    // With valid settings it gets that far.
    let ended = Program::start("127.0.0.1:1", &WORKING).end().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
}

#[tokio::test]
async fn a_key_of_a_file_left_out_is_reported() {
    const GOOD: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const SECRET: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#;
    for (keys, code, lines) in [
        (vec![GOOD], 1, [false, false]),
        (vec![GOOD, SECRET], 1, [true, false]),
        (vec![SECRET], 2, [true, true]),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let set = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        std::fs::write(file.path(), set).unwrap();
        let mut environment = WORKING.to_vec();
        environment.extend([
            ("REQUIRE", "read"),
            ("ISSUER", "https://idp.example/"),
            ("AUDIENCE", "packages"),
            ("SIGNATUREKEYPATH", file.path().to_str().unwrap()),
        ]);
        let ended = Program::start("127.0.0.1:1", &environment).end().await;
        assert_eq!(ended.code, Some(code), "{keys:?}: {}", ended.stderr);
        let said = ["is left out: kty is oct", "has no usable key"];
        let said = said.map(|words| ended.stderr.contains(words));
        assert_eq!(said, lines, "{keys:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("AyM1Sys"), "{}", ended.stderr);
    }
}
