use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Connection, KEYS, OBJECT, Program, Store, address_in, get};

/// Starts the program in front of `store`, and waits for its address.
fn serve(arguments: &[&str], environment: &[(&str, &str)], store: &Store) -> (Program, String) {
    let working = [
        ("AWS_S3_BUCKET", "wheels/a"),
        ("S3_ENDPOINT_URL", store.url.as_str()),
        KEYS[0],
        KEYS[1],
        ("BASIC_AUTH", "ci:pa55word"),
    ];
    let environment = working.into_iter().chain(environment.iter().copied());
    let mut program = Program::start(arguments, environment);
    let line = program.stderr_line(|line| line.contains("serving"));
    assert!(line.contains("serving "), "{line}");
    assert!(line.contains("wheels/a/"), "{line}");
    let address = address_in(&line);
    (program, address)
}

const LOGIN: Option<&str> = Some("ci:pa55word");

#[test]
fn objects_are_read_below_both_prefixes() {
    let store = Store::start(OBJECT);
    let flags = ["--listen", "127.0.0.1:0", "--key-prefix", "b"];
    // An empty variable is unset, and the flag wins over its own.
    let variables = [("KEY_PREFIX", "other"), ("AWS_DEFAULT_REGION", "")];
    let (mut program, address) = serve(&flags, &variables, &store);

    let answer = get(&address, "/pkg/?page=1", LOGIN);
    assert_eq!((answer.status, answer.text()), (200, "wheel"));
    assert_eq!(store.target(), "/wheels/a/b/pkg/index.html");
    let line = program.stderr_line(|line| line.contains(" GET "));
    assert!(line.contains(" GET /pkg/ 200 5B "), "{line}");
    assert!(line.contains(" ci mount="), "{line}");

    assert_eq!(get(&address, "/pkg/", None).status, 401);
    let line = program.stderr_line(|line| line.contains(" GET "));
    assert!(
        line.contains(r#"ms - - reason="no credential" mount="#),
        "{line}"
    );
}

#[test]
fn the_store_refuses_what_another_key_signed() {
    let store = Store::start(OBJECT);
    let denied = "S3 denied the request, status 403";
    for (name, key, status, reason) in [
        ("its key", KEYS[1], 200, ""),
        (
            "another key",
            (KEYS[1].0, "s3cr3tkez"),
            502,
            "code SignatureDoesNotMatch",
        ),
        ("another id", (KEYS[0].0, "AKIE"), 502, "code NotSignedUp"),
    ] {
        let (mut program, address) = serve(&["--listen", "127.0.0.1:0"], &[key], &store);
        assert_eq!(get(&address, "/x", LOGIN).status, status, "{name}");
        let line = program.stderr_line(|line| line.contains(" GET "));
        assert!(line.contains(reason), "{name}: {line}");
        assert_eq!(line.contains(denied), status == 502, "{name}: {line}");
    }
}

#[test]
fn listen_wins_over_port() {
    let store = Store::start(OBJECT);
    let (mut program, address) = serve(&[], &[("PORT", "0")], &store);
    // By IPv4 alone on a machine without IPv6.
    let (_, port) = address.rsplit_once(':').unwrap();
    assert_eq!(get(&format!("127.0.0.1:{port}"), "/x", LOGIN).status, 200);
    // The socket of both families reports it as ::ffff:127.0.0.1.
    program.stderr_line(|line| line.contains(" 127.0.0.1:"));

    let flags = ["--listen", "127.0.0.1:0", "--workers", "1"];
    let (_program, address) = serve(&flags, &[("PORT", "1")], &store);
    assert_eq!(get(&address, "/x", LOGIN).status, 200);
}

#[test]
fn a_long_token_needs_longer_heads() {
    let store = Store::start(OBJECT);
    let login = format!("ci:{}", "t".repeat(12 * 1024));
    for (bytes, status) in [("", 431), ("32768", 401)] {
        let flags = ["--listen", "127.0.0.1:0"];
        let (mut program, address) = serve(&flags, &[("HEADER_BYTES", bytes)], &store);
        assert_eq!(get(&address, "/x", Some(&login)).status, status, "{bytes}");
        if status == 431 {
            program.stderr_line(|line| line.contains("limits.header_bytes or HEADER_BYTES"));
        }
    }
}

#[test]
fn an_open_bucket_serves_everyone_and_warns() {
    let store = Store::start(OBJECT);
    let flags = ["--listen", "127.0.0.1:0", "--insecure-no-auth"];
    let (mut program, address) = serve(&flags, &[("BASIC_AUTH", "")], &store);
    assert_eq!(get(&address, "/x", None).status, 200);
    assert_eq!(get(&address, "/x/%2e%2e/y", None).status, 400);
    let line = program.stderr_line(|line| line.contains(" GET /x "));
    assert!(line.contains(" - mount="), "{line}");
    drop(store);
    program.signal(Signal::TERM);
    let output = program.output();
    assert!(output.stderr[0].contains("insecure_no_auth"), "{output:?}");
}

#[test]
fn s3_failures_are_logged_but_hidden_from_clients() {
    let denied = "HTTP/1.1 403 Forbidden\r\nx-amz-request-id: R1\r\nContent-Length: 35\r\n\
                  Connection: close\r\n\r\n<Error><Code>Nope\n</Code></Error>  ";
    let store = Store::start(denied);
    let (mut program, address) = serve(&["--listen", "127.0.0.1:0"], &[], &store);
    let answer = get(&address, "/x", LOGIN);
    assert_eq!((answer.status, answer.text()), (502, "502 Bad Gateway\n"));
    let line = program.stderr_line(|line| line.contains(" GET "));
    assert!(
        line.contains(r#" ci reason="S3 denied the request, status 403"#),
        "{line}"
    );
    assert!(line.contains("request id R1"), "{line}");
    assert!(line.ends_with(" mount=/ serves=wheels/a/"), "{line}");

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nowhere = [("S3_ENDPOINT_URL", &*format!("http://{closed}"))];
    let (mut program, address) = serve(&["--listen", "127.0.0.1:0"], &nowhere, &store);
    assert_eq!(get(&address, "/x", LOGIN).status, 502);
    let line = program.stderr_line(|line| line.contains(" GET "));
    assert!(line.contains(r#"reason="S3 cannot be reached: "#), "{line}");
    assert!(line.contains("refused"), "{line}");
}

#[test]
fn the_json_log_has_an_object_a_request() {
    let store = Store::start(OBJECT);
    let flags = ["--listen", "127.0.0.1:0", "--log-format", "json"];
    let (mut program, address) = serve(&flags, &[], &store);
    assert_eq!(get(&address, "/x?y", LOGIN).status, 200);
    let line = program.stderr_line(|line| line.contains("request_id"));
    let log: Value = serde_json::from_str(&line).unwrap();
    for (name, expected) in [
        ("method", json!("GET")),
        ("path", json!("/x")),
        ("status", json!(200)),
        ("bytes", json!(5)),
        ("identity", json!("ci")),
        ("mount", json!("/")),
        ("serves", json!("wheels/a/")),
        ("aborted", json!(false)),
        ("reason", json!(null)),
    ] {
        assert_eq!(log[name], expected, "{line}");
    }
    assert!(
        log["upstream_ms"].is_u64() && log["duration_ms"].is_u64(),
        "{line}"
    );
    assert!(
        log["client"].as_str().unwrap().starts_with("127.0.0.1:"),
        "{line}"
    );
    assert!(log["time"].as_str().unwrap().ends_with('Z'), "{line}");

    // A refused request does not reach S3.
    let refused = get(&address, "/x", None);
    let line = program.stderr_line(|line| line.contains("401"));
    let log: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&log["upstream_ms"], &log["identity"]),
        (&json!(null), &json!(null))
    );
    let id = refused.header("x-request-id").unwrap();
    assert_eq!(log["request_id"], id);
}

#[test]
fn every_line_of_a_json_log_is_json() {
    let store = Store::start(OBJECT);
    let json = ["--log-format", "json"];
    let flags = ["--listen", "127.0.0.1:0", "--insecure-no-auth"];
    let flags = [&flags[..], &json].concat();
    let variables = [("BASIC_AUTH", ""), ("SENTRY_DSN", "https://x")];
    let (mut program, address) = serve(&flags, &variables, &store);
    assert_eq!(get(&address, "/x", None).status, 200);
    let path = format!("/{}", "x".repeat(17_000));
    assert_eq!(get(&address, &path, None).status, 431);
    program.signal(Signal::HUP);
    program.stderr_line(|line| line.contains("SIGHUP"));
    program.signal(Signal::TERM);
    let ran = program.output();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let taken = [&["--listen", &*address, "--bukket"][..], &json].concat();
    let wrong = ["--listen", "nowhere", "--log-format=json"];
    let mut outputs = vec![ran];
    for arguments in [&taken[..], &wrong, &json] {
        let output = Program::start(arguments.iter(), [("", ""); 0]).output();
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        outputs.push(output);
    }
    for line in outputs.iter().flat_map(|output| &output.stderr) {
        let log: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(log["time"].as_str().unwrap().ends_with('Z'), "{line}");
        assert_eq!(
            log["message"].is_string(),
            log["status"].is_null(),
            "{line}"
        );
    }
    let number: Vec<_> = outputs.iter().map(|it| it.stderr.len()).collect();
    assert!(number[0] >= 7 && number[1..] == [1, 1, 1], "{outputs:#?}");
}

#[test]
fn a_broken_off_object_is_logged_as_aborted() {
    let broken =
        "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\nConnection: close\r\n\r\nwheel";
    let store = Store::start(broken);
    let (mut program, address) = serve(&["--listen", "127.0.0.1:0"], &[], &store);
    let answer = get(&address, "/x", LOGIN);
    assert_eq!(answer.header("content-length"), Some("10"));
    assert!(answer.body.len() < 10);
    let line = program.stderr_line(|line| line.contains(" GET "));
    assert!(line.contains(" GET /x 200 5B "), "{line}");
    assert!(line.contains(" ci aborted reason=\""), "{line}");
}

#[test]
fn what_stores_get_wrong_is_mended() {
    use std::fmt::Write;

    let mut answer = String::from(
        "HTTP/1.1 200 OK\r\nETag: v1\r\nContent-Encoding: gzip,aws-chunked\r\n\
         Content-Length: 5\r\nConnection: close\r\n",
    );
    // S3 allows 2 KB of metadata, whatever the number of its headers.
    for i in 0..400 {
        write!(answer, "x-amz-meta-{i}: v\r\n").unwrap();
    }
    answer.push_str("\r\nwheel");
    let store = Store::start(answer.leak());
    let (_program, address) = serve(&["--listen", "127.0.0.1:0"], &[], &store);
    let login = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\nHost: h\r\n";
    for precondition in [
        "",
        "If-None-Match: v2\r\n",
        "If-None-Match: \"v\r\n",
        "If-Match: v1\r\n",
    ] {
        let headers = format!("{login}{precondition}");
        let answer = Connection::open_raw(&address, "GET", "/x", &headers).finish();
        assert_eq!(
            (answer.status, answer.text()),
            (200, "wheel"),
            "{precondition}"
        );
        assert_eq!(answer.header("etag"), Some("\"v1\""));
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
    }
}

#[test]
fn the_log_may_have_errors_alone() {
    let store = Store::start(OBJECT);
    for (which, lines) in [("all", 3), ("errors", 1), ("off", 0)] {
        let flags = ["--listen", "127.0.0.1:0", "--log-requests", which];
        let (program, address) = serve(&flags, &[], &store);
        for (login, status) in [(LOGIN, 200), (None, 401), (LOGIN, 200)] {
            assert_eq!(get(&address, "/x", login).status, status, "{which}");
        }
        program.signal(Signal::TERM);
        let output = program.output();
        let logged = output
            .stderr
            .iter()
            .filter(|line| line.contains(" GET /x "));
        assert_eq!(logged.count(), lines, "{which}: {output:?}");
        assert!(
            output.stderr.iter().any(|line| line.contains("stopping")),
            "{output:?}"
        );
    }
}
