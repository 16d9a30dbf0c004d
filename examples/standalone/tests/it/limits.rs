use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use crate::support::{Gateway, KeepAlive, OBJECT, Stalled, Store, get};

/// A gateway with some limits, in front of a store with one answer.
fn limited(limits: &str) -> (Gateway, Store) {
    let store = Store::start(OBJECT);
    let text = format!("[limits]\n{limits}\n{}", Gateway::open_mount(&store.url));
    (Gateway::start(&text), store)
}

#[test]
fn a_head_is_taken_up_to_its_limit() {
    let (mut gateway, _store) = limited("header_bytes = 8192");
    for (bytes, status) in [
        (7000, "200 OK"),
        (9000, "431 Request Header Fields Too Large"),
    ] {
        let mut client = KeepAlive::open(&gateway.address);
        let cookie = "c".repeat(bytes);
        client.write(&format!(
            "GET /x HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ));
        let answer = client.rest();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{bytes}: {answer}"
        );
    }
    let line = gateway
        .program
        .stderr_line(|line| line.contains("refused a request"));
    let begin = "portcullis: refused a request of 127.0.0.1:";
    assert!(line.starts_with(begin), "{line}");
    let limit = "is longer than 8192 bytes, the value of limits.header_bytes or HEADER_BYTES";
    assert!(line.contains(limit), "{line}");
}

#[test]
fn an_unfinished_head_times_out() {
    let (gateway, _store) = limited("header_seconds = 1");
    let begun = Instant::now();
    let mut client = KeepAlive::open(&gateway.address);
    client.write("GET /x HTTP/1.1\r\nHost: h\r\n");
    assert_eq!(client.rest(), "");
    // The default is 30.
    assert!((1..20).contains(&begun.elapsed().as_secs()));
}

#[test]
fn an_idle_connection_outlives_a_slow_head() {
    let (gateway, _store) = limited("header_seconds = 1\nidle_seconds = 3");
    let mut client = KeepAlive::open(&gateway.address);
    assert_eq!(client.get("/a").status, 200);
    let begun = Instant::now();
    assert_eq!(client.rest(), "");
    assert!(begun.elapsed() > Duration::from_millis(2900), "{begun:?}");

    let (gateway, _store) = limited("header_seconds = 1\nidle_seconds = 30");
    let mut client = KeepAlive::open(&gateway.address);
    assert_eq!(client.get("/a").status, 200);
    let begun = Instant::now();
    client.write("GET /b HTTP/1.1\r\n");
    assert_eq!(client.rest(), "");
    assert!((1..20).contains(&begun.elapsed().as_secs()));
}

#[test]
fn a_connection_on_which_nothing_moves_is_closed() {
    for (name, first) in [
        ("nothing sent", ""),
        ("a part of a head", "GET /x HTTP/1.1\r\n"),
    ] {
        let (gateway, _store) = limited("idle_seconds = 1");
        let begun = Instant::now();
        let mut client = KeepAlive::open(&gateway.address);
        client.write(first);
        assert_eq!(client.rest(), "", "{name}");
        assert!(begun.elapsed().as_secs() >= 1, "{name}");
    }
}

#[test]
fn a_client_that_reads_nothing_is_cut_off() {
    let stalled = Stalled::endless();
    let text = Gateway::open_mount(&stalled.url);
    let mut gateway = Gateway::start(&format!("[limits]\nidle_seconds = 1\n{text}"));
    let mut client = KeepAlive::open(&gateway.address);
    client.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    let line = gateway
        .program
        .stderr_line(|line| line.contains(" GET /x 200 "));
    assert!(line.contains(" aborted mount="), "{line}");
    drop(client);
}

#[test]
fn a_new_connection_displaces_the_longest_idle() {
    let (gateway, _store) = limited("connections = 2");
    let mut first = KeepAlive::open(&gateway.address);
    assert_eq!(first.get("/a").status, 200);
    let mut second = KeepAlive::open(&gateway.address);
    assert_eq!(second.get("/b").status, 200);
    let mut third = KeepAlive::open(&gateway.address);
    assert_eq!(third.get("/c").status, 200);
    assert_eq!(first.rest(), "");
    assert_eq!(second.get("/b").status, 200);
    assert_eq!(third.get("/c").status, 200);
}

#[test]
fn a_network_has_a_share_of_the_connections() {
    let (gateway, _store) = limited("connections_per_network = 1");
    let mut first = KeepAlive::open(&gateway.address);
    assert_eq!(first.get("/a").status, 200);
    let mut other = KeepAlive::open_from(Ipv4Addr::new(127, 0, 0, 2), &gateway.address);
    assert_eq!(other.get("/b").status, 200);
    let mut second = KeepAlive::open(&gateway.address);
    assert_eq!(second.get("/c").status, 200);
    assert_eq!(first.rest(), "");
    assert_eq!(other.get("/b").status, 200);
}

#[test]
fn requests_beyond_a_share_get_429() {
    let stalled = Stalled::endless();
    let limits = "requests_per_network = 1\nwaiting_requests = 0\n";
    let mount = Gateway::open_mount(&stalled.url);
    let mut gateway = Gateway::start(&format!("[limits]\n{limits}{mount}"));
    let mut first = KeepAlive::open(&gateway.address);
    first.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    first.read_some();
    let refused = get(&gateway.address, "/y", None);
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    let line = gateway
        .program
        .stderr_line(|line| line.contains(" GET /y "));
    let reason = "reason=\"1 requests of this client network are under way\"";
    assert!(line.contains(reason), "{line}");
    let mut other = KeepAlive::open_from(Ipv4Addr::new(127, 0, 0, 2), &gateway.address);
    other.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    other.read_some();
}

#[test]
fn health_has_an_address_of_its_own() {
    let store = Store::start(OBJECT);
    let health = "[admin]\nlisten = '127.0.0.1:0'\n[health]\nlive = '/-/live'\n";
    let mut gateway = Gateway::start(&format!("{health}{}", Gateway::open_mount(&store.url)));
    let line = gateway
        .program
        .stderr_line(|line| line.contains("metrics on"));
    let admin = line.trim_start_matches("portcullis: health checks and metrics on http://");
    let admin = admin.trim_end_matches('/').to_owned();
    assert_eq!(get(&admin, "/-/live", None).status, 200);
    assert_eq!(get(&admin, "/x", None).status, 404);
    // There it is an object like any other.
    let object = get(&gateway.address, "/-/live", None);
    assert_eq!((object.status, object.text()), (200, "wheel"));
}

/// The program after the shell's `ulimit`, and its log up to the line with its address.
#[cfg(target_os = "linux")]
fn with_open_files(ulimit: &str) -> (crate::support::Program, Vec<String>) {
    let mut command = std::process::Command::new("/bin/sh");
    let script = format!("ulimit {ulimit} && exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_portcullis")]);
    command.args(["--listen", "127.0.0.1:0", "--insecure-no-auth"]);
    command.env_clear().envs([
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    let mut program = crate::support::Program::spawn(command);
    let mut lines = Vec::new();
    while lines
        .last()
        .is_none_or(|line: &String| !line.contains("serving"))
    {
        lines.push(program.stderr_line(|_| true));
    }
    (program, lines)
}

#[cfg(target_os = "linux")]
#[test]
fn the_open_files_limit_is_raised_if_allowed() {
    let soft = |program: &crate::support::Program| -> String {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.id())).unwrap();
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"));
        line.unwrap().split_whitespace().next().unwrap().to_owned()
    };
    for (ulimit, files, warns) in [
        ("-Sn 128 && ulimit -Hn 4096", "1600", false),
        ("-n 300", "300", true),
        ("-n 3000", "3000", false),
    ] {
        let (program, lines) = with_open_files(ulimit);
        assert_eq!(soft(&program), files, "{ulimit}");
        let warning = lines.iter().any(|line| line.contains("300 open files"));
        assert_eq!(warning, warns, "{ulimit}: {lines:#?}");
    }
}
