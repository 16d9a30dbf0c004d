use std::fs;

use tempfile::TempDir;

use super::fixture::{KEYS, problems, read_file, resolve, working_file};

/// A public key by `openssl genpkey -algorithm ed25519`.
const PEM: &str = include_str!("../../../tests/it/data/issuer.pem");
const BUCKET: [(&str, &str); 2] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
];
const ISSUER: [(&str, &str); 2] = [("ISSUER", "https://idp/"), ("AUDIENCE", "wheels")];
const BASIC: (&str, &str) = ("BASIC_AUTH", "ci:pa55word");
const REQUIRE: (&str, &str) = ("REQUIRE", "a,b");
const URL: (&str, &str) = ("JWKSPATH", "https://idp/keys");

struct KeyFile {
    _folder: TempDir,
    path: String,
}

impl KeyFile {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("issuer.pem");
        fs::write(&path, PEM).unwrap();
        let path = path.to_str().unwrap().to_owned();
        Self {
            _folder: folder,
            path,
        }
    }
}

#[test]
fn require_makes_a_gate_of_the_variables_beside_it() {
    let key = KeyFile::new();
    let file = ("SIGNATUREKEYPATH", &*key.path);
    for (name, flags, variables, who, without_meaning) in [
        (
            "a URL",
            &[][..],
            vec![ISSUER[0], ISSUER[1], URL, REQUIRE],
            "tokens of https://idp/",
            &[][..],
        ),
        (
            "a file",
            &[],
            vec![ISSUER[0], ISSUER[1], file, REQUIRE],
            "tokens of https://idp/",
            &[],
        ),
        (
            "blanks",
            &[],
            vec![ISSUER[0], ISSUER[1], file, ("REQUIRE", " a , ,b,")],
            "tokens of https://idp/",
            &[],
        ),
        (
            "beside a user",
            &[],
            vec![ISSUER[0], ISSUER[1], file, REQUIRE, BASIC],
            "tokens of https://idp/, user ci",
            &[],
        ),
        (
            "no scope",
            &[],
            vec![ISSUER[0], ISSUER[1], file, BASIC],
            "user ci",
            &["AUDIENCE", "ISSUER", "SIGNATUREKEYPATH"],
        ),
        (
            "blanks alone",
            &["--insecure-no-auth"],
            vec![ISSUER[1], URL, ("REQUIRE", " , ")],
            "everyone (insecure_no_auth)",
            &["AUDIENCE", "JWKSPATH"],
        ),
        (
            "http on this machine",
            &[],
            vec![
                ISSUER[0],
                ISSUER[1],
                ("JWKSPATH", "http://127.0.0.1:1/"),
                REQUIRE,
            ],
            "tokens of https://idp/",
            &[],
        ),
        (
            "http",
            &["--insecure-http-keys"],
            vec![
                ISSUER[0],
                ISSUER[1],
                ("JWKSPATH", "http://idp/keys"),
                REQUIRE,
            ],
            "tokens of https://idp/",
            &[],
        ),
    ] {
        let variables: Vec<_> = KEYS
            .iter()
            .chain(&BUCKET)
            .copied()
            .chain(variables)
            .collect();
        let settings = resolve(flags, &variables);
        let settings = settings.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert_eq!(settings.mounts[0].access.who(), who, "{name}");
        assert_eq!(settings.without_meaning, without_meaning, "{name}");
    }
}

type Row<'a> = (&'a str, &'a [&'a str], Vec<(&'a str, &'a str)>, &'a str);

/// Rows of a name, flags and variables, and how the first problem of these begins.
fn assert_refused(table: &[Row<'_>]) {
    for (name, flags, variables, expected) in table {
        let variables = KEYS.iter().chain(&BUCKET).chain(variables).copied();
        let found = problems(name, resolve(flags, &variables.collect::<Vec<_>>()));
        assert!(found[0].starts_with(expected), "{name}: {found:?}");
    }
}

#[test]
fn variables_of_an_issuer_that_contradict_or_lack_one_another_are_named() {
    let key = KeyFile::new();
    let file = ("SIGNATUREKEYPATH", &*key.path);
    let nothing =
        "BASIC_AUTH is not set in the environment, nor HTPASSWD_FILE, TOKEN_FILE or REQUIRE, and";
    assert_refused(&[
        (
            "two keys",
            &[][..],
            vec![ISSUER[0], ISSUER[1], file, URL, REQUIRE, BASIC],
            "SIGNATUREKEYPATH (environment): contradicts JWKSPATH (environment)",
        ),
        (
            "two keys that nothing needs",
            &[],
            vec![file, URL, BASIC],
            "SIGNATUREKEYPATH (environment): contradicts JWKSPATH (environment)",
        ),
        (
            "no issuer",
            &[],
            vec![ISSUER[1], file, REQUIRE, BASIC],
            "REQUIRE (environment): needs ISSUER, which is not set",
        ),
        (
            "no audience",
            &[],
            vec![ISSUER[0], file, REQUIRE, BASIC],
            "REQUIRE (environment): needs AUDIENCE, which is not set",
        ),
        (
            "no key",
            &[],
            vec![ISSUER[0], ISSUER[1], REQUIRE, BASIC],
            "REQUIRE (environment): needs JWKSPATH or SIGNATUREKEYPATH, which are not set",
        ),
        ("no gate", &[], vec![ISSUER[0], ISSUER[1], file], nothing),
        (
            "no gate, by blanks",
            &[],
            vec![ISSUER[0], ISSUER[1], file, ("REQUIRE", " ,")],
            nothing,
        ),
        (
            "a gate and none",
            &["--insecure-no-auth"],
            vec![ISSUER[0], ISSUER[1], file, REQUIRE],
            "--insecure-no-auth (flag): contradicts REQUIRE (environment)",
        ),
        (
            "no scope token",
            &[],
            vec![ISSUER[0], ISSUER[1], file, ("REQUIRE", "a b")],
            "REQUIRE (environment): ",
        ),
        (
            "http",
            &[],
            vec![
                ISSUER[0],
                ISSUER[1],
                ("JWKSPATH", "http://idp/keys"),
                REQUIRE,
            ],
            "JWKSPATH (environment): ",
        ),
    ]);
}

#[test]
fn files_and_urls_of_keys_and_tokens_that_are_no_good_are_named() {
    assert_refused(&[
        (
            "no file",
            &[],
            vec![
                ISSUER[0],
                ISSUER[1],
                ("SIGNATUREKEYPATH", "/nowhere"),
                REQUIRE,
            ],
            "SIGNATUREKEYPATH (environment): /nowhere: ",
        ),
        (
            "no PEM",
            &[],
            vec![
                ISSUER[0],
                ISSUER[1],
                ("SIGNATUREKEYPATH", "Cargo.toml"),
                REQUIRE,
            ],
            "SIGNATUREKEYPATH (environment): Cargo.toml: ",
        ),
        (
            "tokens in paths without tokens",
            &["--token-in-path"],
            vec![BASIC],
            "--token-in-path (flag): needs --token-file or TOKEN_FILE",
        ),
        (
            "no file of tokens",
            &["--token-file", "/nowhere"],
            vec![],
            "--token-file (flag): /nowhere: ",
        ),
    ]);
}

fn mount(lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '/a'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n{lines}"
    )
}

#[test]
fn a_file_may_name_several_issuers_each_with_its_rules() {
    let key = KeyFile::new();
    let text = mount(&format!(
        "[mounts.jwt]\nrequire = ['a', ['b', 'c']]\nresource = 'https://packages/a'\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://one/'\naudience = 'x'\nkey_file = '{0}'\n\
         algorithms = ['EdDSA', 'RS256']\nprofile = 'at+jwt'\nleeway_seconds = 0\n\
         scope_claims = ['scope', ['realm_access', 'roles']]\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://two'\naudience = ['x', 'y']\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://three/'\ninsecure_any_audience = true\n\
         insecure_http = true\njwks_url = 'http://three/keys'\n",
        key.path
    ));
    let settings = working_file(&text, &[], &[]);
    let mount = &settings.mounts[0];
    let who = "tokens of https://one/ and https://two and https://three/";
    assert_eq!(mount.access.who(), who);
    // Those of a file are not fetched.
    assert_eq!(mount.keys.len(), 2);
    let metadata = mount.metadata.as_ref().unwrap();
    assert_eq!(
        metadata.url(),
        "https://packages/.well-known/oauth-protected-resource/a"
    );
}

#[test]
fn what_is_wrong_with_an_issuer_in_a_file_is_named_with_its_place() {
    let issuer = |lines: &str| {
        mount(&format!(
            "[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n{lines}"
        ))
    };
    for (name, text, expected) in [
        (
            "no issuers",
            mount("[mounts.jwt]\nrequire = ['a']\n"),
            "mounts.jwt: needs [[mounts.jwt.issuers]]",
        ),
        (
            "no audience",
            mount("[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\n"),
            ":7:10: mounts.jwt.issuers.issuer: needs an audience beside it",
        ),
        (
            "an audience and any",
            issuer("insecure_any_audience = true\n"),
            ":9:25: mounts.jwt.issuers.insecure_any_audience: contradicts ",
        ),
        (
            "two keys",
            issuer("jwks_url = 'https://idp/k'\nkey_file = '/k'\n"),
            ":10:12: mounts.jwt.issuers.key_file: contradicts ",
        ),
        (
            "http",
            issuer("jwks_url = 'http://idp/k'\n"),
            ":9:12: mounts.jwt.issuers.jwks_url: ",
        ),
        (
            "no algorithm",
            issuer("algorithms = ['none']\n"),
            ":9:14: mounts.jwt.issuers.algorithms: \"none\" is none of",
        ),
        (
            "no profile",
            issuer("profile = 'jwt'\n"),
            ":9:11: mounts.jwt.issuers.profile: \"jwt\" is not at+jwt",
        ),
        (
            "too much leeway",
            issuer("leeway_seconds = 301\n"),
            ":9:18: mounts.jwt.issuers.leeway_seconds: 301 is not a number from 0 to 300",
        ),
        (
            "no path",
            issuer("scope_claims = [[]]\n"),
            ":9:16: mounts.jwt.issuers.scope_claims: ",
        ),
        (
            "no scope",
            mount(
                "[mounts.jwt]\nrequire = []\n[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n",
            ),
            ":7:11: mounts.jwt.require: names no scope",
        ),
        (
            "a resource by http",
            mount(
                "[mounts.jwt]\nresource = 'http://packages/a'\n[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n",
            ),
            ":7:12: mounts.jwt.resource: ",
        ),
        (
            "an issuer twice",
            issuer("[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n"),
            "mounts.jwt: ",
        ),
        (
            "no file of tokens",
            mount("[mounts.tokens]\nfile = '/nowhere'\n"),
            ":7:8: mounts.tokens.file: /nowhere: ",
        ),
    ] {
        let found = problems(name, read_file(&text, &[], &[]));
        assert!(found[0].contains(expected), "{name}: {found:?}");
    }
}
