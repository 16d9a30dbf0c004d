//! The URL of Redis on Cloud Foundry.

use portcullis::session::{RedisSessions, vcap_services_url};

/// As an app sees it, shortened.
const BOUND: &str = r#"{
  "postgres": [{"name": "db", "credentials": {"uri": "postgres://db.example"}}],
  "redis": [
    {
      "binding_name": null,
      "credentials": {
        "host": "master.redis.example",
        "name": "cf-0",
        "password": "s3cret",
        "port": 6379,
        "tls_enabled": true,
        "uri": "rediss://:s3cret@master.redis.example:6379"
      },
      "instance_name": "sessions",
      "label": "redis",
      "plan": "tiny-6.x",
      "tags": ["elasticache", "redis"]
    },
    {"credentials": {"uri": "redis://second.example"}}
  ]
}"#;

#[test]
fn the_first_redis_service_has_the_url() {
    let url = vcap_services_url(BOUND).unwrap();
    assert_eq!(url.expose(), "rediss://:s3cret@master.redis.example:6379");
    let sessions = RedisSessions::new(url).unwrap();
    let printed = format!("{sessions:?}");
    assert!(printed.contains("master.redis.example:6379"), "{printed}");
    assert!(!printed.contains("s3cret"), "{printed}");
}

#[test]
fn errors_do_not_repeat_the_json() {
    let malformed = "is not JSON";
    let none = "has no service `redis`";
    let without = "has no `credentials.uri` in its first service `redis`";
    for (json, problem) in [
        ("", malformed),
        ("s3cret", malformed),
        (
            r#"{"redis": [{"credentials": {"uri": "s3cret"}}]"#,
            malformed,
        ),
        (
            r#"{"redis": [{"credentials": {"uri": "s3cret"}}]} x"#,
            malformed,
        ),
        (&"[".repeat(1_000_000), malformed),
        ("null", none),
        ("[]", none),
        (r#"[{"credentials": {"uri": "s3cret"}}]"#, none),
        (r#""s3cret""#, none),
        ("{}", none),
        (r#"{"redis": []}"#, none),
        (r#"{"redis": "s3cret"}"#, none),
        (
            r#"{"redis": {"0": {"credentials": {"uri": "s3cret"}}}}"#,
            none,
        ),
        (r#"{"Redis": [{"credentials": {"uri": "s3cret"}}]}"#, none),
        (
            r#"{"user-provided": [{"credentials": {"uri": "s3cret"}}]}"#,
            none,
        ),
        (r#"{"redis": ["s3cret"]}"#, without),
        (
            r#"{"redis": [null, {"credentials": {"uri": "s3cret"}}]}"#,
            without,
        ),
        (r#"{"redis": [{}]}"#, without),
        (r#"{"redis": [{"uri": "s3cret"}]}"#, without),
        (r#"{"redis": [{"credentials": "s3cret"}]}"#, without),
        (r#"{"redis": [{"credentials": ["s3cret"]}]}"#, without),
        (r#"{"redis": [{"credentials": {}}]}"#, without),
        (r#"{"redis": [{"credentials": {"uri": null}}]}"#, without),
        (
            r#"{"redis": [{"credentials": {"uri": ["s3cret"]}}]}"#,
            without,
        ),
    ] {
        let error = vcap_services_url(json).unwrap_err();
        let start: String = json.chars().take(80).collect();
        assert_eq!(error.setting(), "VCAP_SERVICES", "{start}");
        assert_eq!(error.problem(), problem, "{start}");
    }
}
