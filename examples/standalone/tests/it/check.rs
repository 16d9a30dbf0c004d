use std::net::TcpListener;

use crate::support::{Gateway, KEYS, OBJECT, Program, Store};

#[test]
fn the_example_passes_check() {
    let example = Program::start(["config", "example"], [("", ""); 0]).output();
    assert_eq!(example.code, Some(0));
    let output = Gateway::check(&example.stdout.join("\n"));
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(
        output.stdout,
        [
            "http://127.0.0.1:8080/",
            "PATH                FROM                                  READ BY",
            "/simple             my-bucket/packages/ at AWS eu-west-1  user ci",
            "/simple/robots.txt  the mount /simple                     everyone (public)",
            "/simple/public/*    the mount /simple                     everyone (public)",
            "/simple/health.txt  the mount /simple                     everyone (health_key)",
            "/docs               my-bucket/site/ at AWS eu-west-1      everyone (insecure_no_auth)",
            "/-/live             the program runs                      everyone (health)",
            "/-/ready            S3 answers                            everyone (health)",
        ]
    );
}

#[test]
fn check_reads_flags_and_variables_as_serving_does() {
    let environment = [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9000"),
        KEYS[0],
        KEYS[1],
        ("BASIC_AUTH", "ci:pa55word"),
        ("SENTRY_DSN", "https://sentry/"),
    ];
    let output = Program::start(["check", "--key-prefix", "a"], environment).output();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        output.stdout,
        [
            "http://127.0.0.1:8080/",
            "PATH  FROM                                READ BY",
            "/     wheels/a/ at http://127.0.0.1:9000  user ci",
        ]
    );
    assert_eq!(
        output.stderr,
        ["portcullis: ignored, because portcullis does not use them: SENTRY_DSN"]
    );
}

#[test]
fn check_online_asks_the_store() {
    let store = Store::start(OBJECT);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let health = ("AWS_S3_HEALTHCHECK_KEY", "health.txt");
    for (name, url, key, health, code, line) in [
        (
            "right",
            &store.url,
            KEYS[1],
            ("", ""),
            0,
            "answers as it should",
        ),
        (
            "an object",
            &store.url,
            KEYS[1],
            health,
            0,
            "answers as it should",
        ),
        (
            "a wrong key",
            &store.url,
            ("AWS_SECRET_ACCESS_KEY", "other"),
            ("", ""),
            1,
            "code SignatureDoesNotMatch",
        ),
        (
            "nobody there",
            &nowhere,
            KEYS[1],
            ("", ""),
            1,
            "S3 cannot be reached",
        ),
    ] {
        let environment = [
            ("AWS_S3_BUCKET", "wheels"),
            ("S3_ENDPOINT_URL", url),
            KEYS[0],
            key,
            ("BASIC_AUTH", "ci:pa55word"),
            health,
        ];
        let output = Program::start(["check", "--online"], environment).output();
        assert_eq!(output.code, Some(code), "{name}: {output:?}");
        let lines = if code == 0 {
            &output.stdout
        } else {
            &output.stderr
        };
        let last = lines.last().map_or("", |last| last);
        let what = format!("wheels/ at {url}: ");
        assert!(
            last.contains(&what) && last.contains(line),
            "{name}: {output:?}"
        );
        // Without the flag nothing is asked.
        let output = Program::start(["check"], environment).output();
        assert_eq!(output.code, Some(0), "{name}: {output:?}");
    }
}

#[test]
fn check_names_all_that_is_wrong() {
    let text = "listen = 'x'\n[[mounts]]\npath = '/a'\n[mounts.s3]\nbucket = 'w'\n";
    let output = Gateway::check(text);
    assert_eq!(output.code, Some(2));
    assert!(output.stdout.is_empty(), "{output:?}");
    let [listen, bucket, gate] = &output.stderr[..] else {
        panic!("not three lines: {output:?}");
    };
    assert!(listen.contains("gateway.toml:1:10: listen: "), "{listen}");
    assert!(
        bucket.contains("gateway.toml:5:10: mounts.s3.bucket: "),
        "{bucket}"
    );
    assert!(
        gate.contains("gateway.toml:3:8: mounts.path: has no gate"),
        "{gate}"
    );
}

#[test]
fn check_names_replacements_after_what_is_missing() {
    let output = Program::start(["check"], [("S3_BUCKET_NAME", "wheels")]).output();
    assert_eq!(output.code, Some(2));
    let [bucket, gate, replaced] = &output.stderr[..] else {
        panic!("not three lines: {output:?}");
    };
    assert!(bucket.contains("no bucket: "), "{bucket}");
    assert!(gate.contains("no gate: "), "{gate}");
    assert_eq!(
        replaced,
        "portcullis: S3_BUCKET_NAME is not read: use AWS_S3_BUCKET"
    );
}

const STORE: &str = "http://127.0.0.1:9000";

fn mount_at(path: &str, prefix: &str, gate: &str) -> String {
    format!(
        "[[mounts]]\npath = '{path}'\n{gate}\n[mounts.s3]\nbucket = 'wheels'\n\
         prefix = '{prefix}'\nendpoint_url = '{STORE}'\n"
    )
}

fn open(path: &str, prefix: &str) -> String {
    mount_at(path, prefix, "insecure_no_auth = true")
}

fn gated(path: &str, prefix: &str) -> String {
    let gate = "basic = { user = 'ci', password_env = 'CI_PASSWORD' }";
    mount_at(path, prefix, gate)
}

fn warned(name: &str, text: &str, paths: Option<(&str, &str)>, doubt: &str) {
    warned_by("insecure_no_auth", name, text, paths, doubt);
}

/// The warning of the check about what is read at the first path by a setting, and needs a login at the second.
fn warned_by(by: &str, name: &str, text: &str, paths: Option<(&str, &str)>, doubt: &str) {
    let output = Gateway::check(text);
    assert_eq!(output.code, Some(0), "{name}: {output:?}");
    let said = paths.map(|(open, gated)| {
        format!(
            "portcullis: {by}: everyone can read at {open} what needs a login at {gated}{doubt}"
        )
    });
    let found: Vec<_> = output
        .stderr
        .iter()
        .filter(|it| !it.contains("uses http"))
        .collect();
    assert_eq!(found, Vec::from_iter(&said), "{name}");
}

#[test]
fn check_warns_when_an_open_mount_exposes_another() {
    for (name, text, paths) in [
        (
            "the whole bucket is open",
            open("/", "") + &gated("/a", "p"),
            Some(("/p/", "/a/")),
        ),
        (
            "the same prefix",
            open("/o", "p") + &gated("/a", "p"),
            Some(("/o/", "/a/")),
        ),
        (
            "a gate below the open prefix",
            open("/o", "p") + &gated("/a", "p/100% é"),
            Some(("/o/100%25%20%C3%A9/", "/a/")),
        ),
        (
            "an open prefix below the gate",
            open("/o", "p/100% é") + &gated("/a", "p"),
            Some(("/o/", "/a/100%25%20%C3%A9/")),
        ),
        (
            "an open mount within the gated one",
            gated("/", "") + &open("/docs", "private"),
            Some(("/docs/", "/private/")),
        ),
        (
            "the other order",
            open("/docs", "private") + &gated("/", ""),
            Some(("/docs/", "/private/")),
        ),
        (
            "open at the very path that the gate would have",
            gated("/", "") + &open("/docs", "docs"),
            None,
        ),
        ("led to the gate", open("/", "") + &gated("/p", "p"), None),
        ("another part", open("/", "q") + &gated("/a", "p"), None),
        ("a longer name", open("/", "p2") + &gated("/a", "p"), None),
        ("two gates", gated("/", "") + &gated("/a", "p"), None),
        ("two open ones", open("/", "") + &open("/a", "p"), None),
        (
            "another bucket",
            open("/", "").replace("wheels", "site") + &gated("/a", "p"),
            None,
        ),
    ] {
        warned(name, &text, paths, "");
    }
}

#[test]
fn check_warns_when_a_public_folder_exposes_another_mount() {
    let with = |public: &str| {
        let gate = "basic = { user = 'ci', password_env = 'CI_PASSWORD' }";
        mount_at("/a", "p", &format!("public = ['{public}']\n{gate}"))
    };
    for (name, public, other, paths) in [
        (
            "a gate below the folder",
            "/a/shared/*",
            gated("/b", "p/shared/x"),
            Some(("/a/shared/x/", "/b/")),
        ),
        (
            "the very folder",
            "/a/%73hared%20%C3%A9/*",
            gated("/b", "p/shared é"),
            Some(("/a/shared%20%C3%A9/", "/b/")),
        ),
        (
            "a gate around the folder",
            "/a/shared/*",
            gated("/b", ""),
            Some(("/a/shared/", "/b/p/shared/")),
        ),
        ("another folder", "/a/shared/*", gated("/b", "p/x"), None),
        (
            "a longer name",
            "/a/shared/*",
            gated("/b", "p/shared2"),
            None,
        ),
        ("one object", "/a/shared", gated("/b", "p/shared"), None),
        (
            "led to the gate",
            "/a/shared/*",
            gated("/a/shared/x", "p/shared/x"),
            None,
        ),
        ("an open mount", "/a/shared/*", open("/b", "q"), None),
    ] {
        warned_by("public", name, &(with(public) + &other), paths, "");
        warned_by("public", name, &(other + &with(public)), paths, "");
    }
}

#[test]
fn check_compares_stores_in_all_spellings() {
    let paths = Some(("/p/", "/a/"));
    for (name, one, other, paths, doubt) in [
        ("a slash", STORE, "http://127.0.0.1:9000/", paths, ""),
        (
            "capitals",
            "http://minio:9000",
            "http://MinIO:9000",
            paths,
            "",
        ),
        (
            "the default port",
            "http://minio",
            "http://minio:80",
            paths,
            "",
        ),
        ("two ports", STORE, "http://127.0.0.1:9001", None, ""),
        (
            "a name and its address",
            STORE,
            "http://localhost:9000",
            paths,
            ", if http://127.0.0.1:9000 and http://localhost:9000 are one store",
        ),
        (
            "a proxy before it",
            STORE,
            "https://s3.internal",
            paths,
            ", if http://127.0.0.1:9000 and https://s3.internal:443 are one store",
        ),
        (
            "AWS in two regions",
            "https://s3.eu-west-1.amazonaws.com",
            "https://s3.us-east-1.amazonaws.com",
            paths,
            "",
        ),
    ] {
        let text = open("/", "").replace(STORE, one) + &gated("/a", "p").replace(STORE, other);
        warned(name, &text, paths, doubt);
        let text = gated("/a", "p").replace(STORE, other) + &open("/", "").replace(STORE, one);
        warned(name, &text, paths, doubt);
    }
    // AWS by its region, and by its URL.
    let line = format!("endpoint_url = '{STORE}'");
    let by_region = open("/", "").replace(&line, "region = 'eu-west-1'");
    let by_url = gated("/a", "p").replace(STORE, "https://s3.eu-west-1.amazonaws.com");
    warned("region and URL", &(by_region + &by_url), paths, "");
    // The bucket in the host: the first part of the path is then a part of the key.
    let by_host = open("/", "p").replace(STORE, "https://wheels.s3.eu-west-1.amazonaws.com");
    let by_host = by_host.replace("bucket = 'wheels'", "bucket = 'private'");
    let text = by_host + &gated("/a", "private/p").replace(&line, "region = 'eu-west-1'");
    warned("host and path", &text, Some(("/", "/a/")), "");
}
