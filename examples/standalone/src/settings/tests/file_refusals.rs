use clap::{Args, Command};

use super::fixture::{KEYS, MOUNT, problems, read_file, resolve};
use crate::mount::Flags;
use crate::settings::resolve::variables_of_mount;

/// The problems, without the folder of the file.
fn refused(name: &str, text: &str, flags: &[&str], changes: &[(&str, &str)]) -> Vec<String> {
    let found = problems(name, read_file(text, flags, changes)).into_iter();
    found
        .map(|line| match line.split_once("gateway.toml") {
            Some((begin, end)) if begin.starts_with('/') => format!("gateway.toml{end}"),
            _ => line,
        })
        .collect()
}

#[test]
fn flags_and_variables_of_mounts_contradict_a_file() {
    let contradicts = |name: &str, source: &str, flags: &[&str], variable| {
        assert_eq!(
            refused(name, MOUNT, flags, &[variable]),
            [format!(
                "{name} ({source}): contradicts --config (flag), which is also set"
            )]
        );
    };
    let flags = Flags::augment_args(Command::new("portcullis"));
    let flags: Vec<_> = flags.get_arguments().collect();
    for flag in &flags {
        let name = format!("--{}", flag.get_long().unwrap());
        let takes_value = flag.get_action().takes_values();
        let given = if takes_value {
            &[&*name, "x"][..]
        } else {
            &[&*name]
        };
        contradicts(&name, "flag", given, ("", ""));
    }
    let variables = variables_of_mount();
    for name in &variables {
        contradicts(name, "environment", &[], (name, "pa55word"));
    }
    // The lists are those that the program reads.
    assert_eq!((flags.len(), variables.len()), (9, 19), "{variables:?}");
}

/// Rows of a name, a text, and how the one problem of it begins.
fn assert_refused(table: &[(&str, String, &str)]) {
    for (name, text, expected) in table {
        let found = refused(name, text, &[], &[]);
        let [problem] = &found[..] else {
            panic!("{name}: not one problem: {found:#?}");
        };
        let problem = problem.replace(&problem_folder(problem), "");
        assert!(problem.starts_with(expected), "{name}: {problem:?}");
    }
}

#[test]
fn wrong_process_settings_are_named_with_their_place() {
    assert_refused(&[
        (
            "no mounts",
            String::new(),
            "gateway.toml: has no [[mounts]]: `portcullis config example`",
        ),
        ("no TOML", "listen = ".into(), "gateway.toml:1:10: listen: "),
        (
            "proxies by name",
            format!("trusted_proxies = ['10.0.0.1', 'proxy.test']\n{MOUNT}"),
            "gateway.toml:1:19: trusted_proxies: \"proxy.test\" is not an IP address",
        ),
        (
            "every address a proxy",
            format!("trusted_proxies = ['0.0.0.0/0']\n{MOUNT}"),
            "gateway.toml:1:19: trusted_proxies: \"0.0.0.0/0\" contains every address",
        ),
        (
            "systemd for operators",
            format!("[admin]\nlisten = 'systemd'\n{MOUNT}"),
            "gateway.toml:2:10: admin.listen: only the listen at the top can be a socket of systemd",
        ),
        (
            "unknown",
            format!("colour = 1\n{MOUNT}"),
            "gateway.toml:1:1: colour: unknown field `colour`",
        ),
        (
            "type",
            format!("listen = 1\n{MOUNT}"),
            "gateway.toml:1:10: listen: expected a string",
        ),
        (
            "one bracket",
            MOUNT.replace("[[mounts]]", "[mounts]"),
            "gateway.toml:1:1: mounts: expected a list, or [[ ]] around a table",
        ),
        (
            "listen",
            format!("listen = '8080'\n{MOUNT}"),
            r#"gateway.toml:1:10: listen: "8080" is not an address"#,
        ),
        (
            "workers",
            format!("workers = 0\n{MOUNT}"),
            r#"gateway.toml:1:11: workers: "0" is not a number"#,
        ),
        (
            "format",
            format!("[log]\nformat = 'xml'\n{MOUNT}"),
            "gateway.toml:2:10: log.format: ",
        ),
        (
            "queue",
            format!("[log]\nqueue_bytes = 100\n{MOUNT}"),
            "gateway.toml:2:15: log.queue_bytes: 100 is not a number from 65536 to 1073741824",
        ),
        (
            "bytes",
            format!("[limits]\nheader_bytes = 1\n{MOUNT}"),
            "gateway.toml:2:16: limits.header_bytes: 1 is not a number from 8192 to 65536",
        ),
        (
            "threads",
            format!("[limits]\npassword_checks = 0\n{MOUNT}"),
            "gateway.toml:2:19: limits.password_checks: 0 is not a number from 1 to 1024",
        ),
        (
            "seconds",
            format!("[limits]\nidle_seconds = 0\n{MOUNT}"),
            "gateway.toml:2:16: limits.idle_seconds: 0 is not a number from 1 to 3600",
        ),
        (
            "deadline",
            format!("[shutdown]\ndeadline_seconds = 2\n{MOUNT}"),
            "gateway.toml:2:20: shutdown.deadline_seconds: the deadline, 2s, must not be shorter",
        ),
        (
            "tls",
            format!("[tls]\ncertfile = 'x'\n{MOUNT}"),
            "gateway.toml:2:12: tls.certfile: needs a keyfile",
        ),
        (
            "ready",
            format!("[health]\nready = '/r'\n{MOUNT}"),
            "gateway.toml:2:9: health.ready: needs health_key",
        ),
        (
            "live",
            format!("[health]\nlive = 'r'\n{MOUNT}"),
            "gateway.toml:2:8: health.live: the path",
        ),
    ]);
}

#[test]
fn wrong_mounts_are_named_with_their_place() {
    let in_mount = |line: &str| MOUNT.replace("insecure", &format!("{line}\ninsecure"));
    let inner = MOUNT.replace("/a", "/a/b");
    let in_inner = format!("{}{inner}", in_mount("public = ['/a/x', '/a/b', '/a/b/x']"));
    let twice = format!("{MOUNT}{}", MOUNT.replace("/a", "/%61/"));
    assert_refused(&[
        (
            "path",
            MOUNT.replace("/a", "/a/../b"),
            "gateway.toml:2:8: mounts.path: the path has a dot segment",
        ),
        (
            "two mounts",
            twice,
            "gateway.toml:8:8: mounts.path: /a is mounted twice",
        ),
        (
            "public",
            in_mount("public = ['/b/x']"),
            r#"gateway.toml:3:11: mounts.public: "/b/x" is not below the mount /a"#,
        ),
        (
            "the mount itself",
            in_mount("public = ['/a']"),
            r#"gateway.toml:3:11: mounts.public: "/a" is not below the mount /a"#,
        ),
        (
            "everything of the mount",
            in_mount("public = ['/a/*']"),
            r#"gateway.toml:3:11: mounts.public: "/a/*" is everything in the mount /a: set insecure"#,
        ),
        (
            "a folder elsewhere",
            in_mount("public = ['/ab/*']"),
            r#"gateway.toml:3:11: mounts.public: "/ab/" is not below the mount /a"#,
        ),
        (
            "a star within",
            in_mount("public = ['/a/*.html']"),
            r#"gateway.toml:3:11: mounts.public: "/a/*.html": a * can only be the last segment"#,
        ),
        (
            "a public folder in another mount",
            format!("{}{inner}", in_mount("public = ['/a/b/*']")),
            r#"gateway.toml:3:11: mounts.public: "/a/b/" is in the mount /a/b"#,
        ),
        (
            "public in another mount",
            in_inner,
            r#"gateway.toml:3:19: mounts.public: "/a/b" is in the mount /a/b"#,
        ),
        (
            "bucket",
            MOUNT.replace("wheels", "w"),
            r#"gateway.toml:5:10: mounts.s3.bucket: "w" is not the name"#,
        ),
        (
            "region",
            MOUNT.replace("eu-west-1", "EU"),
            "gateway.toml:6:10: mounts.s3.region: ",
        ),
        (
            "connect",
            MOUNT.replace("region", "connect_seconds = 0\nregion"),
            "gateway.toml:6:19: mounts.s3.connect_seconds: 0 is not a number from 1 to 3600",
        ),
        (
            "first byte",
            MOUNT.replace("region", "first_byte_seconds = 3601\nregion"),
            "gateway.toml:6:22: mounts.s3.first_byte_seconds: 3601 is not a number",
        ),
        (
            "idle",
            MOUNT.replace("region", "idle_seconds = -1\nregion"),
            "gateway.toml:6:16: mounts.s3.idle_seconds: -1 is not a number",
        ),
        (
            "types",
            MOUNT.replace("region", "content_types = 'x'\nregion"),
            r#"gateway.toml:6:17: mounts.s3.content_types: "x" is not one of: packages, stored"#,
        ),
        (
            "folder_redirect",
            MOUNT.replace("region", "index = false\nfolder_redirect = true\nregion"),
            "gateway.toml:7:19: mounts.s3.folder_redirect: needs index = true",
        ),
        (
            "html",
            MOUNT.replace("region", "html = 'x'\nregion"),
            r#"gateway.toml:6:8: mounts.s3.html: "x" is not one of: stored, sandbox, attachment"#,
        ),
        (
            "not found",
            MOUNT.replace("region", "not_found = 'x'\nregion"),
            "gateway.toml:6:13: mounts.s3.not_found: ",
        ),
        (
            "query",
            MOUNT.replace("region", "query_parameters = ['acl']\nregion"),
            "gateway.toml:6:20: mounts.s3.query_parameters: ",
        ),
        (
            "headers",
            MOUNT.replace("region", "response_headers = ['Keep-Alive']\nregion"),
            "gateway.toml:6:20: mounts.s3.response_headers: ",
        ),
        (
            "no region",
            MOUNT.replace("region", "# region"),
            "gateway.toml:2:8: mounts.path: has no region",
        ),
        (
            "no gate",
            MOUNT.replace("= true", "= false"),
            "gateway.toml:2:8: mounts.path: has no gate: add [mounts.basic]",
        ),
    ]);
}

#[test]
fn wrong_gates_are_named_without_secrets() {
    let basic = |table: &str| {
        let s3 = "[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'";
        format!("[[mounts]]\npath = '/a'\n{table}\n{s3}")
    };
    assert_refused(&[
        (
            "password",
            basic("basic.password = 'pa55word'"),
            "gateway.toml:3:7: basic.password: unknown field",
        ),
        (
            "secret of a type",
            basic("basic = 'pa55word'"),
            "gateway.toml:3:9: basic: expected a table",
        ),
        (
            "both",
            format!("{MOUNT}[mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'"),
            "gateway.toml:3:20: mounts.insecure_no_auth: contradicts gateway.toml:8:8",
        ),
        (
            "two tables",
            basic("basic = { user = 'ci', password_env = 'CI_PASSWORD', htpasswd_file = '/x' }"),
            "gateway.toml:3:70: mounts.basic.htpasswd_file: contradicts",
        ),
        (
            "empty",
            basic("[mounts.basic]"),
            "gateway.toml:3:1: mounts.basic: needs user with password_env or password_file, or",
        ),
        (
            "no password",
            basic("basic.user = 'ci'"),
            "gateway.toml:3:14: mounts.basic.user: needs password_env or password_file",
        ),
        (
            "no user",
            basic("basic.password_env = 'CI_PASSWORD'"),
            "gateway.toml:3:22: mounts.basic.password_env: needs user",
        ),
        (
            "groups without users",
            basic("basic = { user = 'ci', password_env = 'CI_PASSWORD', group_file = '/x' }"),
            "gateway.toml:3:67: mounts.basic.group_file: needs htpasswd_file",
        ),
        (
            "scopes without groups",
            basic("basic = { htpasswd_file = '/x', require = ['a'] }"),
            "gateway.toml:3:43: mounts.basic.require: needs group_file",
        ),
        (
            "not set",
            basic("basic = { user = 'ci', password_env = 'OTHER' }"),
            "gateway.toml:3:39: mounts.basic.password_env: the variable OTHER is not set",
        ),
        (
            "colon",
            basic("basic = { user = 'c:i', password_env = 'CI_PASSWORD' }"),
            "gateway.toml:3:18: mounts.basic.user: must not be empty or have a colon",
        ),
    ]);
}

#[test]
fn what_is_left_at_the_ends_of_texts_is_named() {
    let padded = "begins or ends with white space, a control character or";
    for (name, text, place) in [
        (
            "blank",
            MOUNT.replace("wheels", "wheels "),
            "5:10: mounts.s3.bucket: ",
        ),
        (
            "mark",
            MOUNT.replace("wheels", "\u{feff}wheels"),
            "5:10: mounts.s3.bucket: ",
        ),
        (
            "in a list",
            MOUNT.replace("insecure", "public = ['/a/x', '/a/y\t']\ninsecure"),
            "3:19: mounts.public: ",
        ),
        (
            "in a table",
            format!("{MOUNT}not_found = ' /404.html'\n"),
            "7:13: mounts.s3.not_found: ",
        ),
    ] {
        let found = refused(name, &text, &[], &[]);
        let expected = format!("gateway.toml:{place}{padded}");
        assert!(found[0].starts_with(&expected), "{name}: {found:?}");
    }
    let quoted = refused(
        "quotes",
        &MOUNT.replace("'wheels'", "\"'wheels'\""),
        &[],
        &[],
    );
    let expected = "gateway.toml:5:10: mounts.s3.bucket: is within quotes";
    assert!(quoted[0].starts_with(expected), "{quoted:?}");
    // The name of no setting is not repeated.
    let unknown = refused("name", &format!("'pa55word ' = ' x'\n{MOUNT}"), &[], &[]);
    assert!(
        unknown[0].starts_with(&format!("gateway.toml:1:15: {padded}")),
        "{unknown:?}"
    );
    // Claims are compared byte for byte with what others chose.
    let claims = "[mounts.jwt]\n[[mounts.jwt.issuers]]\nissuer = 'https://idp.test'\naudience = 'a'\n\
                  required_claims = [{ claim = 'name', equals = ' a', begins_with = ['b '] }]\n";
    let text = MOUNT.replace("insecure_no_auth = true\n", "") + claims;
    assert!(read_file(&text, &[], &[]).is_ok());
}

#[test]
fn all_problems_of_a_file_are_found() {
    let all = format!(
        "listen = 'x'\n{}",
        MOUNT.replace("wheels", "w").replace("'/a'", "'a'")
    );
    assert_eq!(refused("all", &all, &[], &[]).len(), 3);
    let words =
        format!("colour = 1\nlisten = 1\n{MOUNT}buckets = 'x'\n[mounts.basic]\nusers = 'ci'\n");
    let found = refused("words", &words, &[], &[]);
    for expected in [
        "gateway.toml:1:1: colour: unknown field `colour`, expected one of `listen`, ",
        "gateway.toml:2:10: listen: expected a string",
        "gateway.toml:9:1: buckets: unknown field `buckets`, expected one of `bucket`, ",
        "gateway.toml:11:1: users: unknown field `users`, expected one of `user`, ",
    ] {
        let is_expected = |line: &String| line.starts_with(expected);
        assert!(found.iter().any(is_expected), "{expected}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
    let nowhere = resolve(&["--config", "/no-such.toml"], &KEYS);
    let found = problems("nowhere", nowhere);
    assert!(
        found[0].starts_with("--config (flag): /no-such.toml: "),
        "{found:?}"
    );
}

/// The folder before the second name of the file in a line, if there is one.
fn problem_folder(line: &str) -> String {
    let end = line.rfind("gateway.toml").unwrap_or(0);
    let start = line[..end].rfind(' ').map_or(0, |space| space + 1);
    line[start..end].to_owned()
}
