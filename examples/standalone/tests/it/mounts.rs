use std::net::TcpListener;

use crate::support::{Gateway, KEYS, OBJECT, Program, Store, get};

const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const LOGIN: Option<&str> = Some("ci:pa55word");

/// Two parts of one bucket: an open one at `/`, and one with a gate at `/private`.
fn two_mounts(store: &str) -> String {
    format!(
        "[health]\nlive = '/-/live'\nready = '/-/ready'\n\
         [[mounts]]\npath = '/'\ninsecure_no_auth = true\n\
         [mounts.s3]\nbucket = 'wheels'\nprefix = 'open'\nendpoint_url = '{store}'\n\
         [[mounts]]\npath = '/private'\npublic = ['/private/robots.txt']\n\
         [mounts.s3]\nbucket = 'wheels'\nprefix = 'closed'\nendpoint_url = '{store}'\n\
         health_key = 'a b'\n\
         [mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n"
    )
}

#[test]
fn mounts_of_one_bucket_are_never_confused() {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&two_mounts(&store.url));
    for (target, login, key) in [
        ("/x", None, "/wheels/open/x"),
        ("/dir/", None, "/wheels/open/dir/index.html"),
        ("/private/x", LOGIN, "/wheels/closed/x"),
        ("/%70rivate/x", LOGIN, "/wheels/closed/x"),
        ("/private%2Fx", LOGIN, "/wheels/closed/x"),
        ("/private/", LOGIN, "/wheels/closed/index.html"),
        ("/private/robots.txt", None, "/wheels/closed/robots.txt"),
        ("/private/a%20b", None, "/wheels/closed/a%20b"),
        ("/privatex", None, "/wheels/open/privatex"),
        ("//privatex", None, "/wheels/open//privatex"),
    ] {
        let answer = get(&gateway.address, target, login);
        assert_eq!((answer.status, answer.text()), (200, "wheel"), "{target}");
        assert_eq!(store.target(), key, "{target}");
    }
    for (target, login, status) in [
        ("/private/x", None, 401),
        ("/%70rivate/x", None, 401),
        ("/private%2Fx", None, 401),
        ("/private/", None, 401),
        ("/private", None, 401),
        ("/private/robots.txt/", None, 401),
        ("/private/Robots.txt", None, 401),
        ("/private", LOGIN, 302),
        ("//private/x", None, 404),
        ("/x/../private/x", None, 400),
        ("/x/%2e%2e/private/x", None, 400),
        ("/x%2F..%2Fprivate%2Fx", None, 400),
    ] {
        let answer = get(&gateway.address, target, login);
        assert_eq!(answer.status, status, "{target}");
    }
    // None of those requests reached S3: the next that it receives is this one.
    assert_eq!(get(&gateway.address, "/last", None).status, 200);
    assert_eq!(store.target(), "/wheels/open/last");
}

#[test]
fn health_reports_liveness_and_readiness() {
    for (name, answer, ready) in [("answers", OBJECT, 200), ("misses it", MISSING, 503)] {
        let store = Store::start(answer);
        let gateway = Gateway::start(&two_mounts(&store.url));
        assert_eq!(get(&gateway.address, "/-/live", None).status, 200, "{name}");
        assert_eq!(
            get(&gateway.address, "/-/ready", None).status,
            ready,
            "{name}"
        );
        assert_eq!(store.target(), "/wheels/closed/a%20b", "{name}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let gateway = Gateway::start(&two_mounts(&nowhere));
    assert_eq!(get(&gateway.address, "/-/live", None).status, 200);
    assert_eq!(get(&gateway.address, "/-/ready", None).status, 503);
}

#[test]
fn one_silent_bucket_makes_the_program_unready() {
    let (there, gone) = (Store::start(OBJECT), Store::start(MISSING));
    for (first, second, ready, named) in [
        (&there, &there, 200, None),
        (&gone, &there, 503, Some("/a")),
        (&there, &gone, 503, Some("/b")),
    ] {
        let mount = |path: &str, store: &Store| {
            let url = &store.url;
            format!(
                "[[mounts]]\npath = '{path}'\ninsecure_no_auth = true\n[mounts.s3]\n\
                 bucket = 'wheels'\nendpoint_url = '{url}'\nhealth_key = 'h'\n"
            )
        };
        let (first, second) = (mount("/a", first), mount("/b", second));
        let mut gateway = Gateway::start(&format!("[health]\nready = '/r'\n{first}{second}"));
        assert_eq!(get(&gateway.address, "/r", None).status, ready);
        let line = gateway
            .program
            .stderr_line(|line| line.contains(" GET /r "));
        let mount = line.split_once(" mount=").map(|(_, mount)| mount);
        let named = named.map(|path| format!("{path} serves=wheels/"));
        assert_eq!(mount, named.as_deref(), "{line}");
    }
}

#[test]
fn the_health_object_needs_no_login() {
    let store = Store::start(OBJECT);
    let environment = [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &*store.url),
        KEYS[0],
        KEYS[1],
        ("BASIC_AUTH", "ci:pa55word"),
        ("AWS_S3_HEALTHCHECK_KEY", "dir/x.txt"),
        ("VCAP_SERVICES", "pa55word"),
        ("SENTRY_DSN", "pa55word"),
    ];
    let mut program = Program::start(["--listen", "127.0.0.1:0"], environment);
    let line = program.stderr_line(|_| true);
    let expected =
        "portcullis: ignored, because portcullis does not use them: SENTRY_DSN, VCAP_SERVICES";
    assert_eq!(line, expected);
    let address = program.address();
    for (target, status) in [
        ("/dir/x.txt", 200),
        ("/dir%2Fx.txt", 200),
        ("/dir/x.txt/", 401),
        ("/dir/", 401),
        ("//dir/x.txt", 401),
        ("/x.txt", 401),
    ] {
        assert_eq!(get(&address, target, None).status, status, "{target}");
    }
}

#[test]
fn every_response_has_the_headers_of_its_mount() {
    let store = Store::start(OBJECT);
    let url = &store.url;
    let gateway = Gateway::start(&format!(
        "[[mounts]]\npath = '/a'\ninsecure_no_auth = true\n\
         response_headers = ['Strict-Transport-Security: max-age=9', 'ETag2: x']\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{url}'\n\
         [[mounts]]\npath = '/b'\nresponse_headers = ['X-B: b']\n\
         [mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n\
         [mounts.s3]\nbucket = 'other'\nendpoint_url = '{url}'\n"
    ));
    for (target, login, status, transport, b) in [
        ("/a/x", None, 200, Some("max-age=9"), None),
        ("/b/x", LOGIN, 200, None, Some("b")),
        ("/b/x", None, 401, None, Some("b")),
        ("/c", None, 404, None, None),
    ] {
        let answer = get(&gateway.address, target, login);
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(
            answer.header("strict-transport-security"),
            transport,
            "{target}"
        );
        assert_eq!(answer.header("x-b"), b, "{target}");
    }
    let wrong = Gateway::open_mount(url)
        .replace("[mounts.s3]", "response_headers = ['Vary: *']\n[mounts.s3]");
    let output = Gateway::check(&wrong);
    assert_eq!(output.code, Some(2), "{output:?}");
    let named = |line: &String| line.contains("response_headers") && line.contains("vary");
    assert!(output.stderr.iter().any(named), "{output:?}");
}
