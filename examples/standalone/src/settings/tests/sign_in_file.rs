use super::fixture::{KeyFile, problems, read_file, working_file};

const SECRETS_OF_ISSUERS: [(&str, &str); 2] = [
    ("SHORT", "thirty-one bytes are one too fe"),
    (
        "LONG",
        "sixty-four bytes are enough for each of the three hashes of HMAC",
    ),
];

fn mount(lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '/a'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n{lines}"
    )
}

#[test]
fn a_file_may_have_several_issuers() {
    let key = KeyFile::new();
    let text = mount(&format!(
        "[mounts.jwt]\nrequire = ['a', ['b', 'c']]\nresource = 'https://packages/a'\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://one/'\naudience = 'x'\nkey_file = '{0}'\n\
         algorithms = ['EdDSA', 'RS256']\nprofile = 'at+jwt'\nleeway_seconds = 0\n\
         scope_claims = ['scope', ['realm_access', 'roles']]\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://two'\naudience = ['x', 'y']\n\
         insecure_any_audience = false\ninsecure_http = false\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://three/'\ninsecure_any_audience = true\n\
         insecure_http = true\njwks_url = 'http://three/keys'\n",
        key.path
    ));
    let settings = working_file(&text, &[], &[]);
    let mount = &settings.mounts[0];
    let who = "tokens of https://one/ and https://two and https://three/";
    assert_eq!(mount.gates.read.access.who(), who);
    // The variables of an issuer are about none of the file's.
    let settings = working_file(&text, &[], &[("ISSUER", "https://four/")]);
    assert_eq!(settings.without_meaning, ["ISSUER"]);
    // Those of a file are not fetched.
    assert_eq!(mount.gates.read.keys.len(), 2);
    let metadata = mount.gates.read.metadata.as_ref().unwrap();
    assert_eq!(
        metadata.url(),
        "https://packages/.well-known/oauth-protected-resource/a"
    );
}

#[test]
fn secrets_and_bearers_of_issuers_are_judged() {
    let issuer = |lines: &str| {
        mount(&format!(
            "[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n{lines}"
        ))
    };
    for (name, text, expected) in [
        (
            "a secret beside a file",
            issuer("key_file = '/k'\nsecret_env = 'SHORT'\n"),
            ":9:12: mounts.jwt.issuers.key_file: contradicts ",
        ),
        (
            "a secret beside a URL",
            issuer("jwks_url = 'https://idp/k'\nsecret_env = 'LONG'\n"),
            ":10:14: mounts.jwt.issuers.secret_env: contradicts ",
        ),
        (
            "a short secret",
            issuer("secret_env = 'SHORT'\n"),
            ":9:14: mounts.jwt.issuers.secret_env: a secret must be at least as long as the hash",
        ),
        (
            "a secret for two algorithms",
            issuer("secret_env = 'LONG'\nalgorithms = ['HS256', 'HS512']\n"),
            ":10:14: mounts.jwt.issuers.algorithms: must be one algorithm",
        ),
        (
            "a secret for a public key",
            issuer("secret_env = 'LONG'\nalgorithms = ['RS256']\n"),
            ":9:14: mounts.jwt.issuers.secret_env: a secret is for HS256, HS384 and HS512 alone",
        ),
        (
            "a bearer for a file",
            issuer("key_file = '/k'\njwks_bearer_env = 'LONG'\n"),
            ":9:12: mounts.jwt.issuers.key_file: contradicts ",
        ),
        (
            "a bearer in the clear",
            issuer("insecure_http = true\njwks_bearer_env = 'LONG'\n"),
            ":10:19: mounts.jwt.issuers.jwks_bearer_env: contradicts ",
        ),
        (
            "no bearer file",
            issuer("jwks_bearer_file = '/nowhere'\n"),
            ":9:20: mounts.jwt.issuers.jwks_bearer_file: /nowhere: ",
        ),
        (
            "a header with a meaning of its own",
            mount(
                "[mounts.jwt]\ntoken_header = 'cookie'\n[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n",
            ),
            ":7:16: mounts.jwt.token_header: \"cookie\" is not the name of a header for tokens",
        ),
        (
            "no header",
            mount(
                "[mounts.jwt]\ntoken_header = 'a b'\n[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\n",
            ),
            ":7:16: mounts.jwt.token_header: \"a b\" is not the name of a header for tokens",
        ),
    ] {
        let found = problems(name, read_file(&text, &[], &SECRETS_OF_ISSUERS));
        assert!(found[0].contains(expected), "{name}: {found:?}");
    }
}

#[test]
fn a_wrong_issuer_is_named_with_its_place() {
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
            ":7:10: mounts.jwt.issuers.issuer: needs an audience",
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
            "http for a file",
            issuer("insecure_http = true\nkey_file = '/k'\n"),
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
            ":9:14: mounts.jwt.issuers.algorithms: \"none\" is not one of",
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

#[test]
fn no_two_mounts_have_one_resource() {
    let resource = |path: &str, resource: &str| {
        format!(
            "[[mounts]]\npath = '{path}'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n\
             [mounts.jwt]\nresource = '{resource}'\n[[mounts.jwt.issuers]]\n\
             issuer = 'https://idp/'\naudience = 'x'\n"
        )
    };
    let one = resource("/a", "https://packages/a");
    let other = resource("/b", "https://packages/b");
    working_file(&[&*one, &*other].concat(), &[], &[]);
    let same = resource("/b", "https://packages/a");
    let found = problems("same", read_file(&[one, same].concat(), &[], &[]));
    assert!(
        found[0]
            .contains("mounts.jwt.resource: /.well-known/oauth-protected-resource/a is already "),
        "{found:?}"
    );
}

#[test]
fn no_mount_is_below_tokens_in_paths() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    std::fs::write(&file, r#"{"tokens": []}"#).unwrap();
    let file = file.to_str().unwrap();
    let mounts = |path: &str, in_path: bool| {
        format!(
            "[[mounts]]\npath = '{path}'\ninsecure_no_auth = true\n[mounts.s3]\nbucket = 'wheels'\n\
             region = 'eu-west-1'\n[[mounts]]\npath = '/conda'\n\
             tokens = {{ file = '{file}', in_path = {in_path} }}\n\
             [mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n"
        )
    };
    for path in ["/t", "/t/x", "/%74/", "/conda/t", "/conda/t/x"] {
        working_file(&mounts(path, false), &[], &[]);
        let found = problems(path, read_file(&mounts(path, true), &[], &[]));
        assert!(found[0].contains(":2:8: mounts.path: "), "{found:?}");
        assert!(found[0].ends_with("by mounts.tokens.in_path"), "{found:?}");
    }
    for path in ["/", "/team", "/x/t", "/conda/team", "/T"] {
        working_file(&mounts(path, true), &[], &[]);
    }
}

#[test]
fn issuers_whose_tokens_anybody_has_are_named() {
    let issuer = |require: &str, issuer: &str, lines: &str| {
        mount(&format!(
            "[mounts.jwt]\n{require}\n[[mounts.jwt.issuers]]\nissuer = '{issuer}'\naudience = 'x'\n{lines}\n"
        ))
    };
    let github = "https://token.actions.githubusercontent.com";
    let claims = "required_claims = [{ claim = 'repository', equals = 'octo/app' }]";
    for (text, warning) in [
        (issuer("", github, claims), None),
        (
            issuer("require = ['a']", github, ""),
            Some("everybody can get tokens of this issuer"),
        ),
        (
            issuer("", "https://gitlab.com", ""),
            Some("everybody can get tokens of this issuer"),
        ),
        (
            issuer("require = ['a']", "https://gitlab.com.example", ""),
            None,
        ),
        (
            issuer("", "https://idp.example", ""),
            Some("every token of this issuer for the audience"),
        ),
        (issuer("", "https://idp.example", claims), None),
        (issuer("require = ['a']", "https://idp.example", ""), None),
    ] {
        let warnings = working_file(&text, &[], &[]).warnings;
        assert_eq!(
            warnings.len(),
            usize::from(warning.is_some()),
            "{text}: {warnings:?}"
        );
        for found in warnings {
            assert!(found.contains(warning.unwrap()), "{found}");
            assert!(found.contains("mounts.jwt.issuers.issuer"), "{found}");
        }
    }
}

#[test]
fn a_wrong_required_claim_is_named() {
    for (claim, expected) in [
        ("{ equals = 'x' }", "required_claims: needs claim"),
        (
            "{ claim = 'a' }",
            "required_claims: needs equals or begins_with",
        ),
        (
            "{ claim = 'a', equals = [] }",
            "required_claims.equals: at least one is required",
        ),
        (
            "{ claim = 'a', begins_with = '' }",
            "required_claims.begins_with: must not be empty",
        ),
        (
            "{ claim = [], equals = 'x' }",
            "required_claims.claim: must have at least one name",
        ),
        (
            "{ claim = 'a', is = 'x' }",
            "required_claims: unknown field `is`",
        ),
    ] {
        let text = mount(&format!(
            "[[mounts.jwt.issuers]]\nissuer = 'https://idp/'\naudience = 'x'\nrequired_claims = [{claim}]\n"
        ));
        let found = problems(claim, read_file(&text, &[], &[])).join("\n");
        assert!(found.contains(expected), "{claim}: {found}");
    }
}
