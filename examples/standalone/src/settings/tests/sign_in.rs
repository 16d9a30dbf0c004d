use super::fixture::{KEYS, KeyFile, problems, resolve};

const BUCKET: [(&str, &str); 2] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
];
const ISSUER: [(&str, &str); 2] = [("ISSUER", "https://idp/"), ("AUDIENCE", "wheels")];
const BASIC: (&str, &str) = ("BASIC_AUTH", "ci:pa55word");
const REQUIRE: (&str, &str) = ("REQUIRE", "a,b");
const URL: (&str, &str) = ("JWKSPATH", "https://idp/keys");

#[test]
fn require_and_its_variables_make_a_gate() {
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
            vec![ISSUER[0], ISSUER[1], file, ("REQUIRE", "a , ,b,")],
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
            vec![ISSUER[1], URL, ("REQUIRE", ",")],
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
        assert_eq!(settings.mounts[0].gates.read.access.who(), who, "{name}");
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
fn inconsistent_variables_of_an_issuer_are_named() {
    let key = KeyFile::new();
    let file = ("SIGNATUREKEYPATH", &*key.path);
    let nothing = "no gate: set BASIC_AUTH, HTPASSWD_FILE, TOKEN_FILE, REQUIRE, OIDC_ISSUER";
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
            vec![ISSUER[0], ISSUER[1], file, ("REQUIRE", ",,")],
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
fn unusable_files_and_urls_are_named() {
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
            "keys by http that are not fetched",
            &["--insecure-http-keys"],
            vec![BASIC],
            "--insecure-http-keys (flag): needs JWKSPATH, which is not set",
        ),
        (
            "no file of tokens",
            &["--token-file", "/nowhere"],
            vec![],
            "--token-file (flag): /nowhere: ",
        ),
    ]);
}

#[test]
fn each_wrong_way_to_sign_in_is_named() {
    let variables = [
        ("TOKEN_FILE", "/no/tokens"),
        ("HTPASSWD_FILE", "/no/users"),
        ("SIGNATUREKEYPATH", "/no/key"),
        ISSUER[0],
        ISSUER[1],
        REQUIRE,
    ];
    let variables: Vec<_> = KEYS
        .iter()
        .chain(&BUCKET)
        .chain(&variables)
        .copied()
        .collect();
    let found = problems("all", resolve(&[], &variables));
    for (line, name) in found
        .iter()
        .zip(["TOKEN_FILE", "SIGNATUREKEYPATH", "HTPASSWD_FILE"])
    {
        assert!(line.starts_with(name), "{found:?}");
    }
    assert_eq!(found.len(), 3, "{found:?}");
}
