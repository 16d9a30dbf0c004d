use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::Value;

use crate::support::{DEADLINE, Gateway, OBJECT, Store, get, request};

const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 35\r\nConnection: close\r\n\r\n\
                       <Error><Code>NoSuchKey</Code></Error>";

const ADMIN: &str = "[admin]\nlisten = '127.0.0.1:0'\n";

/// A mount with the password of `ENVIRONMENT`, and an open one whose bucket is empty.
fn mounts(full: &Store, empty: &Store) -> String {
    let mount = |path: &str, gate: &str, store: &Store| {
        let url = &store.url;
        format!(
            "[[mounts]]\npath = '{path}'\n{gate}\n[mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{url}'\n"
        )
    };
    let closed = mount(
        "/closed",
        "[mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'",
        full,
    );
    let open = mount("/open", "insecure_no_auth = true", empty);
    format!("{ADMIN}{closed}{open}")
}

/// The address for operators.
fn admin(gateway: &mut Gateway) -> String {
    let line = gateway
        .program
        .stderr_line(|line| line.contains("metrics on"));
    let address = line.rsplit_once("http://").unwrap().1;
    address.trim_end_matches('/').to_owned()
}

/// Each sample: its name with its labels in order, and its value.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
            let mut labels: Vec<_> = labels.trim_end_matches('}').split(',').collect();
            labels.sort_unstable();
            let sample = format!("{name}{{{}}}", labels.join(","));
            (sample, value.parse().unwrap())
        })
        .collect()
}

#[test]
fn requests_are_counted_by_mount_and_class() {
    let (full, empty) = (Store::start(OBJECT), Store::start(MISSING));
    let mut gateway = Gateway::start(&mounts(&full, &empty));
    let admin = admin(&mut gateway);
    let login = Some("ci:pa55word");
    for (method, target, login, status) in [
        ("GET", "/closed/a", login, 200),
        ("GET", "/closed/b", login, 200),
        ("HEAD", "/closed/a", None, 401),
        ("GET", "/closed/a", Some("mallory:x"), 401),
        ("GET", "/open/a", None, 404),
        ("BREW", "/open/a", None, 405),
        ("GET", "/nowhere", None, 404),
        // Not at the address for clients.
        ("GET", "/metrics", None, 404),
    ] {
        let answer = request(&gateway.address, method, target, login);
        assert_eq!(answer.status, status, "{method} {target}");
        // The line is written when the request has ended, as it is counted.
        gateway
            .program
            .stderr_line(|line| line.contains(&format!(" {method} {target} ")));
    }
    // The trials of both buckets are answered too.
    let tried = r#"portcullis_s3_requests_total{outcome="answered"}"#;
    let tried = |text: &str| samples(text).get(tried) == Some(&4.0);
    let deadline = Instant::now() + DEADLINE;
    while !tried(get(&admin, "/metrics", None).text()) {
        assert!(Instant::now() < deadline, "the trials did not end");
    }
    let answer = get(&admin, "/metrics", None);
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = answer.text();
    let samples = samples(text);
    for (sample, value) in [
        (
            r#"portcullis_requests_total{method="GET",mount="/closed",status="2xx"}"#,
            2.0,
        ),
        (
            r#"portcullis_requests_total{method="HEAD",mount="/closed",status="4xx"}"#,
            1.0,
        ),
        (
            r#"portcullis_requests_total{method="GET",mount="/closed",status="4xx"}"#,
            1.0,
        ),
        (
            r#"portcullis_requests_total{method="GET",mount="/open",status="4xx"}"#,
            1.0,
        ),
        (
            r#"portcullis_requests_total{method="other",mount="/open",status="4xx"}"#,
            1.0,
        ),
        (
            r#"portcullis_requests_total{method="GET",mount="",status="4xx"}"#,
            2.0,
        ),
        (
            r#"portcullis_refusals_total{mount="/closed",reason="missing"}"#,
            1.0,
        ),
        (
            r#"portcullis_refusals_total{mount="/closed",reason="invalid"}"#,
            1.0,
        ),
        (r#"portcullis_request_seconds_count{mount="/closed"}"#, 4.0),
        (r#"portcullis_s3_requests_total{outcome="answered"}"#, 4.0),
        (r#"portcullis_s3_requests_total{outcome="missing"}"#, 1.0),
        ("portcullis_requests_in_flight{}", 0.0),
    ] {
        assert_eq!(samples.get(sample), Some(&value), "{sample}\n{text}");
    }
    for sample in samples.keys() {
        let name = sample.split('{').next().unwrap();
        let of_histogram = ["_bucket", "_sum", "_count"];
        let parts = of_histogram.iter().filter_map(|end| name.strip_suffix(end));
        let mut names = parts.chain([name]);
        let is_described = |name: &str| text.contains(&format!("# HELP {name} "));
        assert!(names.any(is_described), "{sample} has no HELP line\n{text}");
    }
    for secret in ["mallory", "BREW", "nowhere", "pa55"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn the_dashboard_asks_for_exported_names() {
    let (full, empty) = (Store::start(OBJECT), Store::start(MISSING));
    let mut gateway = Gateway::start(&mounts(&full, &empty));
    let admin = admin(&mut gateway);
    get(&gateway.address, "/closed/a", Some("ci:pa55word"));
    get(&gateway.address, "/closed/a", None);
    let text = get(&admin, "/metrics", None).text().to_owned();
    let exported = samples(&text).into_keys();
    let mut names: BTreeSet<_> = exported
        .map(|sample| sample.split('{').next().unwrap().to_owned())
        .collect();
    // These need credentials or keys that are fetched. A test of the library shows them.
    let fetched = include_str!("../../../../src/metrics.rs").lines();
    names.extend(fetched.filter_map(|line| {
        let (_, name) = line.split_once("!(\"")?;
        Some(name.split('"').next()?.to_owned())
    }));
    let dashboard: Value = serde_json::from_str(include_str!("../../deploy/grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut asked = 0;
    for target in targets {
        let query = target["expr"].as_str().unwrap();
        let words = query.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        for name in words.filter(|word| word.starts_with("portcullis_")) {
            assert!(names.contains(name), "{name}: {names:?}");
            asked += 1;
        }
    }
    assert!(asked >= panels.len(), "{asked}");
}

#[test]
fn a_health_path_cannot_be_that_of_metrics() {
    for (path, refused) in [("/metrics", true), ("/metrics/live", false)] {
        let store = Store::start(OBJECT);
        let text = format!(
            "{ADMIN}[health]\nlive = '{path}'\n{}",
            Gateway::open_mount(&store.url)
        );
        let output = Gateway::check(&text);
        assert_eq!(
            output.code,
            Some(if refused { 2 } else { 0 }),
            "{path}: {output:?}"
        );
        let named = output
            .stderr
            .iter()
            .any(|line| line.contains("health.live"));
        assert_eq!(named, refused, "{path}: {output:?}");
    }
}
