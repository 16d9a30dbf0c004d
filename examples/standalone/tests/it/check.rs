use crate::support::{Gateway, KEYS, Program};

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
fn check_warns_when_an_open_mount_exposes_another() {
    let mount = |path: &str, prefix: &str, gate: &str| {
        format!(
            "[[mounts]]\npath = '{path}'\n{gate}\n[mounts.s3]\nbucket = 'wheels'\n\
             prefix = '{prefix}'\nendpoint_url = 'http://127.0.0.1:9000'\n"
        )
    };
    let open = |path, prefix| mount(path, prefix, "insecure_no_auth = true");
    let gate = "basic = { user = 'ci', password_env = 'CI_PASSWORD' }";
    let gated = |path, prefix| mount(path, prefix, gate);
    for (name, text, at) in [
        (
            "whole bucket",
            open("/", "") + &gated("/a", "p"),
            Some("/p/"),
        ),
        (
            "same prefix",
            open("/o", "p") + &gated("/a", "p"),
            Some("/o/"),
        ),
        (
            "below it",
            open("/o", "p") + &gated("/a", "p/100% é"),
            Some("/o/100%25%20%C3%A9/"),
        ),
        ("led to the gate", open("/", "") + &gated("/p", "p"), None),
        ("another part", open("/", "q") + &gated("/a", "p"), None),
        (
            "a part that is open",
            open("/o", "p/q") + &gated("/a", "p"),
            None,
        ),
        ("two gates", gated("/", "") + &gated("/a", "p"), None),
        (
            "another bucket",
            open("/", "").replace("wheels", "site") + &gated("/a", "p"),
            None,
        ),
        (
            "another store",
            open("/", "").replace("9000", "9001") + &gated("/a", "p"),
            None,
        ),
    ] {
        let output = Gateway::check(&text);
        assert_eq!(output.code, Some(0), "{name}: {output:?}");
        let said = at.map(|at| {
            format!(
                "portcullis: insecure_no_auth: everyone can read at {at} what needs a login at /a"
            )
        });
        assert_eq!(output.stderr, Vec::from_iter(said), "{name}");
    }
}
