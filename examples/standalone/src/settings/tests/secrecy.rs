//! Secrets in the wrong place, and settings that expose them.

use std::fs;

use super::fixture::{KEYS, KeyFile, MOUNT, problems, read_file, resolve, working_file};

/// Secrets as people have them: they look like nothing else, or almost like a name.
const SHAPES: [&str; 7] = [
    "s3cr3tkey",
    "hunter2-pa55word",
    "redis://:pa55word@redis.test/",
    "t0ken/with+base64==",
    "AKIAIOSFODNN7EXAMPLE",
    "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "1234567890",
];

fn sso(lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '/'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n\
         [mounts.sso]\nissuer = 'https://idp.test'\nclient_id = 'files'\n\
         public_url = 'https://files.test'\nallow_everyone_signed_in = true\n{lines}"
    )
}

#[test]
fn a_secret_in_place_of_a_name_is_not_shown() {
    let cookie = "cookie_secret_env = 'COOKIE_SECRET'\n";
    let basic = |value: &str| {
        format!(
            "[[mounts]]\npath = '/'\nbasic = {{ user = 'ci', password_env = {value} }}\n\
             [mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n"
        )
    };
    let file = |setting: &str, value: &str| match setting {
        "password_env" => basic(value),
        "cookie_secret_env" => sso(&format!("{setting} = {value}\n")),
        "previous_cookie_secrets_env" => sso(&format!("{cookie}{setting} = [{value}]\n")),
        _ => sso(&format!("{cookie}{setting} = {value}\n")),
    };
    let variables = [("COOKIE_SECRET", "s3cr3tkey-of-more-than-thirty-two-bytes")];
    for setting in [
        "password_env",
        "client_secret_env",
        "cookie_secret_env",
        "previous_cookie_secrets_env",
        "redis_url_env",
    ] {
        for secret in SHAPES {
            let text = file(setting, &format!("'{secret}'"));
            let found = problems(setting, read_file(&text, &[], &variables));
            let [line] = &found[..] else {
                panic!("{setting}: not one problem: {found:?}");
            };
            assert!(line.contains(setting), "{setting}: {line}");
            assert!(line.contains("must be the name of a variable"), "{line}");
            assert!(!line.contains(secret), "{setting}: {line}");
        }
        // What looks like a name is most likely a mistyped one.
        let text = file(setting, "'MY_SECRET'");
        let found = problems(setting, read_file(&text, &[], &variables));
        let expected = format!("{setting}: the variable MY_SECRET is not set");
        assert!(found[0].ends_with(&expected), "{found:?}");
    }
    // A name of small letters is shown nowhere, and is as good as any.
    let text = basic("'ci_password'");
    let named = read_file(&text, &[], &[("ci_password", "pa55word")]);
    assert!(named.is_ok());
}

#[test]
fn errors_of_syntax_show_no_secret() {
    let table = "[mounts.sso]\nprevious_cookie_secrets_env = [\n";
    for (name, lines) in [
        ("no quotes", "password_env = s3cr3tkey"),
        ("no closing quote", "password_env = 's3cr3tkey"),
        ("a number before it", "password_env = 1s3cr3tkey"),
        ("a list over lines", &*format!("{table}'s3cr3tkey=' 5]")),
        (
            "base64 alone on a line",
            &format!("{table}t0ken/pa55word==\n]"),
        ),
        ("in place of a key", "s3cr3tkey"),
        ("as a key", "\"hunter2-pa55word\" = 1"),
        ("a key of base64", "t0ken = 1"),
        ("twice", "x = 's3cr3tkey'\nx = 's3cr3tkey'"),
        ("a text for a list", "public = 's3cr3tkey'"),
        ("a text for a number", "[limits]\nconnections = 's3cr3tkey'"),
        ("a text for a switch", "insecure_no_auth = 's3cr3tkey'"),
        ("a text for a table", "[[mounts]]\nbasic = 's3cr3tkey'"),
    ] {
        let text = format!("[[mounts]]\npath = '/'\n{lines}\n");
        // `problems` looks for the secrets.
        problems(name, read_file(&text, &[], &[]));
        problems(name, read_file(lines, &[], &[]));
    }
}

#[test]
fn urls_with_passwords_are_refused_unseen() {
    let url = "https://ana:pa55word@idp.test/";
    let oidc = [
        ("COOKIE_SECRET", "s3cr3tkey-of-more-than-thirty-two-bytes"),
        ("OIDC_CLIENT_ID", "files"),
        ("OIDC_CLIENT_SECRET", "pa55word"),
        ("PUBLIC_URL", "https://files.test"),
        ("ALLOW_EVERYONE_SIGNED_IN", "1"),
    ];
    let sso = [
        ("SSO_CLIENT_ID", "files"),
        ("SSO_CLIENT_SECRET", "pa55word"),
        ("REDIS_ENDPOINT", "redis://:pa55word@redis.test/"),
    ];
    let jwt = [
        ("REQUIRE", "a"),
        ("ISSUER", "https://idp.test"),
        ("AUDIENCE", "b"),
    ];
    let of_issuer = [
        ("REQUIRE", "a"),
        ("AUDIENCE", "b"),
        ("JWKSPATH", "https://idp.test/keys"),
    ];
    for (name, beside) in [
        ("ISSUER", &of_issuer[..]),
        ("S3_ENDPOINT_URL", &[("BASIC_AUTH", "ci:pa55word")]),
        ("OIDC_ISSUER", &oidc),
        ("PUBLIC_URL", &[("OIDC_ISSUER", "https://idp.test")]),
        ("SSO_URL", &sso),
        ("SSO_URL_INTERNAL", &[("SSO_URL", "https://idp.test")]),
        ("JWKSPATH", &jwt),
        ("REDIS_ENDPOINT", &[("OIDC_ISSUER", "https://idp.test")]),
    ] {
        let bucket = [("AWS_S3_BUCKET", "wheels"), ("AWS_REGION", "eu-west-1")];
        for url in [
            url,
            "http://ana:pa55word@idp.test",
            "ftp://ana:pa55word@x y/?#",
        ] {
            let rest = match beside[0].0 {
                "OIDC_ISSUER" => &oidc[..],
                "SSO_URL" => &sso,
                _ => &[],
            };
            let all = KEYS.iter().chain(&bucket).chain(rest).chain(beside);
            let mut all: Vec<_> = all.copied().collect();
            all.push((name, url));
            let found = problems(name, resolve(&[], &all));
            assert!(found[0].starts_with(name), "{name}: {found:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn files_that_anybody_may_change_are_named() {
    use std::os::unix::fs::PermissionsExt;

    let key = KeyFile::new();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let users = write("users", "ci:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n");
    let groups = write("groups", "a: ci\n");
    let tokens = write("tokens.json", "{\"tokens\":[]}");
    let text = format!(
        "[[mounts]]\npath = '/'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n\
         [mounts.basic]\nhtpasswd_file = '{users}'\ngroup_file = '{groups}'\n\
         [mounts.tokens]\nfile = '{tokens}'\n[mounts.jwt]\nrequire = ['a']\n[[mounts.jwt.issuers]]\n\
         issuer = 'https://idp.test'\naudience = 'a'\nkey_file = '{}'\n",
        key.path
    );
    let change = |path: &str, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let files = [&users, &groups, &tokens, &key.path];
    for (mode, expected) in [
        (0o600, false),
        (0o644, false),
        (0o664, false),
        (0o646, true),
    ] {
        for path in files {
            change(path, mode);
        }
        let warnings = working_file(&text, &[], &[]).warnings;
        assert_eq!(!warnings.is_empty(), expected, "{mode:o}: {warnings:?}");
        if expected {
            assert_eq!(warnings.len(), files.len(), "{warnings:?}");
            for (warning, file) in warnings.iter().zip(files) {
                assert!(
                    warning.ends_with(&format!(": chmod o-w {file}")),
                    "{warning}"
                );
            }
        }
    }
    let settings = write("gateway.toml", MOUNT);
    change(&settings, 0o666);
    let settings = resolve(&["--config", &settings], &KEYS);
    let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
    let [warning] = &settings.warnings[..] else {
        panic!("not one warning: {:?}", settings.warnings);
    };
    assert!(
        warning.starts_with("--config (flag): every user"),
        "{warning}"
    );
}

#[test]
fn stores_by_http_elsewhere_are_warned_of() {
    for (url, expected) in [
        ("http://127.0.0.1:9000", false),
        ("http://[::1]:9000", false),
        ("http://localhost", false),
        ("https://s3.test", false),
        ("http://minio:9000", true),
        ("http://10.0.0.7:9000", true),
        ("http://s3.eu-west-1.amazonaws.com", true),
        ("http://localhost.test", true),
    ] {
        let text = MOUNT.replace("region = 'eu-west-1'", &format!("endpoint_url = '{url}'"));
        let warnings = working_file(&text, &[], &[]).warnings;
        assert_eq!(!warnings.is_empty(), expected, "{url}: {warnings:?}");
        if let [warning] = &warnings[..] {
            assert!(
                warning.contains(":6:16: mounts.s3.endpoint_url: uses http, so "),
                "{warning}"
            );
        }
    }
}
