//! Secrets in files of their own, and the folder to which paths of a file are relative.

use std::fs;

use tempfile::TempDir;

use super::fixture::{KEYS, problems, resolve};

const SECRET: &str = "s3cr3tkey-of-more-than-thirty-two-bytes";

/// A folder of secrets, as Docker and Kubernetes mount one.
fn secrets() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("login", "ci:pa55word\n"),
        ("password", "pa55word\n"),
        ("client", "s3cr3tkey"),
        ("cookie", SECRET),
        ("previous", &format!("{SECRET}1,{SECRET}2\n")),
        ("redis", "redis://:pa55word@redis.test/\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const BUCKET: [(&str, &str); 2] = [("AWS_S3_BUCKET", "wheels"), ("AWS_REGION", "eu-west-1")];

const OIDC: [(&str, &str); 4] = [
    ("OIDC_ISSUER", "https://idp.test"),
    ("OIDC_CLIENT_ID", "files"),
    ("PUBLIC_URL", "https://files.test"),
    ("ALLOW_EVERYONE_SIGNED_IN", "1"),
];

const STREAMING: [(&str, &str); 2] = [("SSO_URL", "https://idp.test"), ("SSO_CLIENT_ID", "files")];

#[test]
fn each_secret_variable_may_name_a_file() {
    let folder = secrets();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (name, beside, files, who) in [
        (
            "login",
            &[][..],
            &[("BASIC_AUTH_FILE", "login")][..],
            "user ci",
        ),
        (
            "sign-in",
            &OIDC,
            &[
                ("OIDC_CLIENT_SECRET_FILE", "client"),
                ("COOKIE_SECRET_FILE", "cookie"),
                ("COOKIE_SECRET_PREVIOUS_FILE", "previous"),
                ("REDIS_ENDPOINT_FILE", "redis"),
            ],
            "people of https://idp.test",
        ),
        (
            "streaming proxy",
            &STREAMING,
            &[
                ("SSO_CLIENT_SECRET_FILE", "client"),
                ("REDIS_ENDPOINT_FILE", "redis"),
            ],
            "people of https://idp.test/o/authorize/",
        ),
    ] {
        let paths: Vec<_> = files
            .iter()
            .map(|(name, file)| (*name, path(file)))
            .collect();
        let named = paths.iter().map(|(name, path)| (*name, &**path));
        let all = KEYS
            .iter()
            .chain(&BUCKET)
            .chain(beside)
            .copied()
            .chain(named);
        let all: Vec<_> = all.collect();
        let settings = resolve(&[], &all);
        let settings = settings.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert_eq!(settings.mounts[0].gates.read.access.who(), who, "{name}");
        for (variable, _) in &paths {
            let both = variable.trim_end_matches("_FILE");
            let mut twice = all.clone();
            twice.push((both, SECRET));
            let found = problems(name, resolve(&[], &twice));
            let expected =
                format!("{variable} (environment): contradicts {both} (environment), which");
            assert!(found[0].starts_with(&expected), "{found:?}");
            let mut nowhere = all.clone();
            nowhere.push((variable, "/no-such"));
            let found = problems(name, resolve(&[], &nowhere));
            let expected = format!("{variable} (environment): /no-such: ");
            assert!(found[0].starts_with(&expected), "{found:?}");
        }
    }
}

const SSO: &str = "[mounts.sso]\nissuer = 'https://idp.test'\nclient_id = 'files'\n\
    public_url = 'https://files.test'\nallow_everyone_signed_in = true\n";

#[test]
fn paths_of_a_file_are_relative_to_it() {
    let folder = secrets();
    let key = include_str!("../../../tests/it/data/issuer.pem");
    fs::write(folder.path().join("issuer.pem"), key).unwrap();
    let tokens = folder.path().join("tokens.json");
    fs::write(tokens, "{\"tokens\":[]}").unwrap();
    let users = "ci:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n";
    fs::write(folder.path().join("users"), users).unwrap();
    fs::write(folder.path().join("groups"), "a: ci\n").unwrap();
    let s3 = "[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'";
    let secrets = "client_secret_file = 'client'\ncookie_secret_file = 'cookie'\n\
                   previous_cookie_secrets_file = ['cookie']\nredis_url_file = 'redis'";
    let one = |gate: &str| format!("[[mounts]]\npath = '/'\n{s3}\n{gate}\n");
    let issuer = "[[mounts.jwt.issuers]]\nissuer = 'https://idp.test'\naudience = 'a'";
    let config = folder.path().join("gateway.toml");
    let read = |text: &str| {
        fs::write(&config, text).unwrap();
        resolve(&["--config", config.to_str().unwrap()], &KEYS)
    };
    for text in [
        one("[mounts.basic]\nuser = 'ci'\npassword_file = 'password'"),
        one("[mounts.basic]\nhtpasswd_file = './users'\ngroup_file = 'groups'"),
        one("[mounts.tokens]\nfile = 'tokens.json'"),
        one(&format!("[mounts.jwt]\n{issuer}\nkey_file = 'issuer.pem'")),
        one(&format!("{SSO}{secrets}")),
    ] {
        read(&text).unwrap_or_else(|problems| panic!("{text}: {problems}"));
    }
    let here = folder.path().to_str().unwrap();
    for (lines, named) in [
        ("password_file = 'none'", "none"),
        ("password_file = '../x/none'", "../x/none"),
    ] {
        let found = problems(
            named,
            read(&one(&format!("[mounts.basic]\nuser = 'ci'\n{lines}"))),
        );
        let expected = format!("mounts.basic.password_file: {here}/{named}: ");
        assert!(found[0].contains(&expected), "{found:?}");
    }
    let absolute = one("[mounts.basic]\nuser = 'ci'\npassword_file = '/none'");
    let found = problems("absolute", read(&absolute));
    assert!(found[0].contains("password_file: /none: "), "{found:?}");
    let tls = format!(
        "[tls]\ncertfile = 'c'\nkeyfile = 'k'\n{}",
        super::fixture::MOUNT
    );
    let found = problems("tls", read(&tls));
    assert!(
        found[0].contains(&format!("tls.certfile: {here}/c: ")),
        "{found:?}"
    );
}

#[test]
fn a_secret_is_in_one_place() {
    let folder = secrets();
    let path = folder.path().join("gateway.toml");
    let s3 = "[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'";
    let cookie = "cookie_secret_file = 'cookie'\n";
    for (setting, gate) in [
        ("password", String::from("[mounts.basic]\nuser = 'ci'\n")),
        ("cookie_secret", SSO.to_owned()),
        ("client_secret", format!("{SSO}{cookie}")),
        ("redis_url", format!("{SSO}{cookie}")),
    ] {
        let text = format!(
            "[[mounts]]\npath = '/'\n{s3}\n{gate}{setting}_env = 'X'\n{setting}_file = 'cookie'\n"
        );
        fs::write(&path, text).unwrap();
        let resolved = resolve(&["--config", path.to_str().unwrap()], &KEYS);
        let found = problems(setting, resolved);
        assert!(
            found[0].contains(&format!("{setting}_file: contradicts ")),
            "{found:?}"
        );
        assert!(
            found[0].contains(&format!("{setting}_env, which is also set")),
            "{found:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn secret_files_that_anybody_may_change_are_named() {
    use std::os::unix::fs::PermissionsExt;

    let folder = secrets();
    let path = folder.path().join("login");
    for (mode, expected) in [(0o644, 0), (0o646, 1)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let login = ("BASIC_AUTH_FILE", path.to_str().unwrap());
        let all: Vec<_> = KEYS.iter().chain(&BUCKET).copied().chain([login]).collect();
        let settings = resolve(&[], &all);
        let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(settings.warnings.len(), expected, "{:?}", settings.warnings);
    }
}
