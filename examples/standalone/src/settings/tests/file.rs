use super::fixture::{MOUNT, s3, working_file};
use crate::server::Proxies;
use crate::settings::Settings;

#[test]
fn mounts_have_their_buckets_and_gates() {
    let text = "
        [[mounts]]
        path = '/%61/'
        public = ['/a/%78.txt', '/%61/docs/*', '/a/%2A']
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
        folder_redirect = true
    ";
    let settings = working_file(text, &[], &[("AWS_REGION", "us-west-2")]);
    let [a, root] = &settings.mounts[..] else {
        panic!("not two mounts");
    };
    assert_eq!(a.path.to_string(), "/a");
    let bucket = &s3(a).bucket;
    assert_eq!(
        (bucket.name(), bucket.prefix().as_str()),
        ("wheels", "p/q/")
    );
    assert_eq!(s3(a).store, "http://127.0.0.1:9000");
    assert_eq!(a.gates.read.access.who(), "user ci");
    assert_eq!(a.public, ["/a/x.txt", "/a/docs/*", "/a/%2A", "/a/h"]);
    assert!(!a.gates.read.access.is_open());
    let document = &s3(a).document;
    assert!(document.index.as_ref().is_some_and(|given| !given.value));
    for (name, given, expected) in [
        ("content_types", &document.content_types, "packages"),
        ("html", &document.html, "sandbox"),
        ("not_found", &document.not_found, "/404.html"),
    ] {
        let value = given.as_ref().map(|given| &*given.value);
        assert_eq!(value, Some(expected), "{name}");
    }
    for (name, given, expected) in [
        ("query", &document.query_parameters, "versionId"),
        ("headers", &document.response_headers, "x-amz-version-id"),
    ] {
        assert_eq!(given.as_ref().unwrap().value, [expected], "{name}");
    }
    for (name, given, expected) in [
        ("connect", &document.connect_seconds, 1),
        ("first byte", &document.first_byte_seconds, 2),
        ("idle", &document.idle_seconds, 3),
    ] {
        let value = given.as_ref().map(|given| given.value);
        assert_eq!(value, Some(expected), "{name}");
    }
    assert_eq!(root.path.to_string(), "/");
    assert_eq!(s3(root).store, "AWS us-west-2");
    assert!(s3(root).document.index.is_none());
    assert!(s3(a).document.folder_redirect.is_none());
    assert!(s3(root).document.folder_redirect.as_ref().unwrap().value);
    assert!(root.gates.read.access.is_open() && root.public.is_empty());
}

#[test]
fn flag_overrides_file_and_file_overrides_port() {
    let listen = |value: &str| format!("listen = '{value}'\n{MOUNT}");
    let [all, local] = [":4", "localhost:5"].map(listen);
    let [unix, systemd] = ["unix:/run/p.sock", "systemd"].map(listen);
    let listen = listen("127.0.0.1:1");
    for (name, text, flags, address) in [
        ("the file", &*listen, &[][..], "127.0.0.1:1"),
        (
            "the flag",
            &listen,
            &["--listen", "127.0.0.1:2"],
            "127.0.0.1:2",
        ),
        ("PORT", MOUNT, &[], "[::]:3"),
        ("all interfaces", &all, &[], "[::]:4"),
        ("this machine", &local, &[], "127.0.0.1:5"),
        ("a Unix socket", &unix, &[], "unix:/run/p.sock"),
        ("systemd", &systemd, &[], "systemd"),
    ] {
        let settings = working_file(text, flags, &[("PORT", "3")]);
        assert_eq!(settings.listen.to_string(), address, "{name}");
    }
}

#[test]
fn trusted_proxies_are_one_setting_for_all() {
    for (setting, variable) in [
        ("trusted_proxies", "TRUSTED_PROXIES"),
        ("proxy_protocol", "PROXY_PROTOCOL"),
    ] {
        networks_are_taken(setting, variable);
    }
}

fn networks_are_taken(setting: &str, variable: &str) {
    let networks = |settings: Settings| {
        let Proxies {
            trusted,
            proxy_protocol,
        } = settings.proxies;
        let (one, other) = if setting == "trusted_proxies" {
            (trusted, proxy_protocol)
        } else {
            (proxy_protocol, trusted)
        };
        assert!(other.is_none());
        one
    };
    let text = format!("{setting} = ['10.0.0.0/8', '::1']\n{MOUNT}");
    let variable = (variable, "192.0.2.1, 10.0.0.1");
    for (name, text, variable, trusted, not) in [
        ("the file", &*text, ("", ""), "10.0.0.1", "192.0.2.1"),
        ("the variable", MOUNT, variable, "192.0.2.1", "10.0.0.2"),
        ("the file first", &text, variable, "10.0.0.2", "192.0.2.1"),
    ] {
        let settings = working_file(text, &[], &[variable]);
        let proxies = networks(settings).unwrap();
        assert!(proxies.contains(trusted.parse().unwrap()), "{name}");
        assert!(!proxies.contains(not.parse().unwrap()), "{name}");
    }
    assert!(networks(working_file(MOUNT, &[], &[])).is_none());
}

#[test]
fn limits_and_times_are_taken() {
    let text = format!(
        "[limits]\nheader_bytes = 8192\nheader_seconds = 1\nidle_seconds = 2\nconnections = 3\n\
         [shutdown]\ngrace_seconds = 4\ndeadline_seconds = 4\n[log]\nformat = 'json'\nqueue_bytes = 65536\n{MOUNT}"
    );
    // A file wins over a variable.
    let settings = working_file(&text, &[], &[("IDLE_SECONDS", "400")]);
    let limits = &settings.limits;
    assert_eq!((limits.header_bytes, limits.connections), (8192, 3));
    assert_eq!(
        (limits.header_time.as_secs(), limits.idle_time.as_secs()),
        (1, 2)
    );
    assert_eq!(settings.log_queue, 65536);
    let shutdown = &settings.shutdown;
    assert_eq!(
        (shutdown.grace.as_secs(), shutdown.deadline.as_secs()),
        (4, 4)
    );
}
