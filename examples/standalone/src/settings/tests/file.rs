use portcullis::s3::HtmlPolicy;

use super::fixture::{MOUNT, working_file};
use crate::mount::Timeouts;

#[test]
fn mounts_have_their_buckets_and_gates() {
    let text = "
        [[mounts]]
        path = '/%61/'
        public = ['/a/%78.txt']
        [mounts.s3]
        bucket = 'wheels/p'
        prefix = 'q'
        endpoint_url = 'http://127.0.0.1:9000'
        connect_seconds = 1
        first_byte_seconds = 2
        idle_seconds = 3
        index = false
        content_types = 'packages'
        html = 'sandbox'
        not_found = '/404.html'
        query_parameters = ['versionId']
        response_headers = ['x-amz-version-id']
        health_key = 'h'
        [mounts.basic]
        user = 'ci'
        password_env = 'CI_PASSWORD'
        [[mounts]]
        path = '/'
        insecure_no_auth = true
        [mounts.s3]
        bucket = 'site'
    ";
    let settings = working_file(text, &[], &[("AWS_REGION", "us-west-2")]);
    let [a, root] = &settings.mounts[..] else {
        panic!("not two mounts");
    };
    assert_eq!(a.path.to_string(), "/a");
    assert_eq!(
        (a.bucket.name(), a.bucket.prefix().as_str()),
        ("wheels", "p/q/")
    );
    assert_eq!(a.store, "http://127.0.0.1:9000");
    assert_eq!(a.access.who(), "user ci");
    assert_eq!(a.public, ["/a/x.txt", "/a/h"]);
    assert!(!a.index && !a.access.is_open());
    let options = &a.options;
    assert!(options.package_types && options.html == HtmlPolicy::Sandbox);
    assert_eq!(options.not_found.as_deref(), Some("/404.html"));
    assert_eq!(options.query_parameters, ["versionId"]);
    assert_eq!(options.response_headers, ["x-amz-version-id"]);
    let Timeouts {
        connect,
        first_byte,
        idle,
    } = a.timeouts;
    let seconds = [connect, first_byte, idle].map(|time| time.as_secs());
    assert_eq!(seconds, [1, 2, 3]);
    assert_eq!(root.timeouts, Timeouts::default());
    assert_eq!(root.path.to_string(), "/");
    assert_eq!(root.store, "AWS us-west-2");
    assert!(root.index && root.access.is_open() && root.public.is_empty());
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_port() {
    let listen = format!("listen = '127.0.0.1:1'\n{MOUNT}");
    for (name, text, flags, address) in [
        ("the file", &*listen, &[][..], "127.0.0.1:1"),
        (
            "the flag",
            &listen,
            &["--listen", "127.0.0.1:2"],
            "127.0.0.1:2",
        ),
        ("PORT", MOUNT, &[], "0.0.0.0:3"),
    ] {
        let settings = working_file(text, flags, &[("PORT", "3")]);
        assert_eq!(settings.listen.to_string(), address, "{name}");
    }
}

#[test]
fn limits_and_times_are_taken() {
    let text = format!(
        "[limits]\nheader_bytes = 8192\nheader_seconds = 1\nidle_seconds = 2\nconnections = 3\n\
         [shutdown]\ngrace_seconds = 4\ndeadline_seconds = 4\n[log]\nformat = 'json'\n{MOUNT}"
    );
    let settings = working_file(&text, &[], &[]);
    let limits = &settings.limits;
    assert_eq!((limits.header_bytes, limits.connections), (8192, 3));
    assert_eq!(
        (limits.header_time.as_secs(), limits.idle_time.as_secs()),
        (1, 2)
    );
    let shutdown = &settings.shutdown;
    assert_eq!(
        (shutdown.grace.as_secs(), shutdown.deadline.as_secs()),
        (4, 4)
    );
}
