use std::fs;

use crate::support::{
    Authorization, Connection, Gateway, ISSUER_KEY, KEYS, OBJECT, Program, Store, address_in, now,
    signed, signed_by_secret, token, token_for, token_until,
};

#[test]
fn jwt_variables_guard_a_bucket() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("issuer.pem");
    fs::write(&key, ISSUER_KEY).unwrap();
    let environment = [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &*store.url),
        KEYS[0],
        KEYS[1],
        ("ISSUER", "https://idp.test/"),
        ("AUDIENCE", "wheels"),
        ("SIGNATUREKEYPATH", key.to_str().unwrap()),
        ("REQUIRE", "treasure:read, treasure:count"),
    ];
    let mut program = Program::start(["--listen", "127.0.0.1:0"], environment);
    let address = program.address();
    let all = "treasure:count treasure:read";
    let lacking = r#"Bearer realm="portcullis", error="insufficient_scope", scope="treasure:read treasure:count""#;
    let wrong = r#"Bearer realm="portcullis", error="invalid_token""#;
    for (name, token, status, challenge) in [
        ("all scopes", token(all), 200, None),
        ("one is lacking", token("treasure:read"), 403, Some(lacking)),
        (
            "a longer name",
            token("treasure:readonly treasure:count"),
            403,
            Some(lacking),
        ),
        (
            "another audience",
            token_for("wheels2", all),
            401,
            Some(wrong),
        ),
        (
            "another signature",
            format!("{}A", token(all)),
            401,
            Some(wrong),
        ),
    ] {
        for scheme in ["Bearer", "bearer"] {
            let login = Authorization(format!("{scheme} {token}"));
            let answer = Connection::open_with(&address, "GET", "/x", Some(&login)).finish();
            assert_eq!(answer.status, status, "{name}");
            assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
            let line = program.stderr_line(|line| line.contains("GET /x"));
            assert!(!line.contains("eyJ"), "{name}: {line}");
            assert_eq!(line.contains(" robot"), status == 200, "{name}: {line}");
        }
        // The form that pip can send, with any user name.
        let answer = crate::support::get(&address, "/x", Some(&format!("__token__:{token}")));
        assert_eq!(answer.status, status, "{name}");
        program.stderr_line(|line| line.contains("GET /x"));
    }
}

#[test]
fn a_mount_admits_both_tokens_and_users() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("issuer.pem"), ISSUER_KEY).unwrap();
    let text = format!(
        "[[mounts]]\npath = '/simple'\n\
         basic = {{ user = 'ci', password_env = 'CI_PASSWORD' }}\n\
         [mounts.jwt]\nrequire = ['wheels:read', ['a', 'b']]\n\
         resource = 'https://packages.test/simple'\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://idp.test/'\naudience = ['other', 'wheels']\n\
         key_file = '{{folder}}/issuer.pem'\nalgorithms = ['EdDSA']\nleeway_seconds = 5\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n",
        store.url
    );
    let gateway = Gateway::start_in(folder, &text);
    let address = &*gateway.address;
    let status = |login: &str| crate::support::get(address, "/simple/x", Some(login)).status;
    for (login, expected) in [
        ("ci:pa55word".to_owned(), 200),
        ("ci:pa55w0rd".to_owned(), 401),
        (format!("ci:{}", token("wheels:read b")), 200),
        (format!("ci:{}", token("a b")), 403),
        (format!("ci:{}", token("wheels:read c")), 403),
    ] {
        assert_eq!(status(&login), expected, "{login}");
    }
    let answer = crate::support::get(address, "/simple/x", None);
    let challenges = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "www-authenticate");
    let challenges: Vec<_> = challenges.map(|(_, line)| line.as_str()).collect();
    let metadata = "https://packages.test/.well-known/oauth-protected-resource/simple";
    assert_eq!(
        challenges,
        [
            &*format!(r#"Bearer realm="portcullis", resource_metadata="{metadata}""#),
            r#"Basic realm="portcullis", charset="UTF-8""#,
        ]
    );
    let path = "/.well-known/oauth-protected-resource/simple";
    let answer = crate::support::get(address, path, None);
    assert_eq!(answer.status, 200);
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(document["resource"], "https://packages.test/simple");
    assert_eq!(document["authorization_servers"][0], "https://idp.test/");
    assert_eq!(
        document["scopes_supported"],
        serde_json::json!(["wheels:read", "a", "b"])
    );
}

#[test]
fn the_options_of_an_issuer_apply() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("issuer.pem"), ISSUER_KEY).unwrap();
    let rows = [
        ("plain", "", 200, 401),
        ("profile", "profile = 'at+jwt'", 401, 401),
        ("algorithms", "algorithms = ['RS256']", 401, 401),
        ("claims", "scope_claims = ['scp']", 403, 401),
        (
            "required",
            "required_claims = [{ claim = 'sub', equals = ['x', 'robot'] }, { claim = 'scope', begins_with = 'a' }]",
            200,
            401,
        ),
        (
            "others",
            "required_claims = [{ claim = 'sub', equals = 'robots', begins_with = 'robots' }]",
            403,
            401,
        ),
        ("subject", "subject_claim = 'aud'", 200, 401),
        ("no_subject", "subject_claim = ['sub', 'name']", 401, 401),
        ("leeway", "leeway_seconds = 300", 200, 200),
    ];
    let mounts = rows.iter().map(|(name, line, ..)| {
        format!(
            "[[mounts]]\npath = '/{name}'\n\
             [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n\
             [mounts.jwt]\nrequire = ['a']\n\
             [[mounts.jwt.issuers]]\nissuer = 'https://idp.test/'\naudience = 'wheels'\n\
             key_file = '{{folder}}/issuer.pem'\n{line}\n",
            store.url
        )
    });
    let text: String = mounts.collect();
    let gateway = Gateway::start_in(folder, &text);
    for (name, _, good, expired) in rows {
        // Expired for longer than the default leeway, and for less than 300 seconds.
        for (token, expected) in [
            (token("a"), good),
            (token_until("wheels", "a", -100), expired),
        ] {
            let login = Authorization(format!("Bearer {token}"));
            let path = format!("/{name}/x");
            let answer = Connection::open_with(&gateway.address, "GET", &path, Some(&login));
            assert_eq!(answer.status(), expected, "{name}");
        }
    }
}

/// A mount at `/` for users and for the tokens of two issuers, one of which shares a secret.
fn gateway_of_two(lines: &str, store: &Store) -> Gateway {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("issuer.pem"), ISSUER_KEY).unwrap();
    fs::write(folder.path().join("secret"), format!("{SHARED}\n")).unwrap();
    let text = format!(
        "[[mounts]]\npath = '/'\npublic = ['/public/*']\n\
         basic = {{ user = 'ci', password_env = 'CI_PASSWORD' }}\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n\
         [mounts.jwt]\n{lines}\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://idp.test/'\naudience = 'wheels'\n\
         key_file = 'issuer.pem'\n\
         [[mounts.jwt.issuers]]\nissuer = 'https://shared.test/'\naudience = 'wheels'\n\
         secret_file = 'secret'\n",
        store.url
    );
    Gateway::start_in(folder, &text)
}

const SHARED: &str = "a secret of thirty-two bytes, or more";

#[test]
fn a_secret_verifies_tokens_of_its_issuer_alone() {
    let store = Store::start(OBJECT);
    let gateway = gateway_of_two("", &store);
    let claims = |issuer: &str| {
        let exp = now() + 3600;
        format!(r#"{{"iss":"https://{issuer}.test/","aud":"wheels","sub":"robot","exp":{exp}}}"#)
    };
    let (of_key, of_secret) = (claims("idp"), claims("shared"));
    for (name, token, status) in [
        ("by the key", signed(&of_key), 200),
        ("by the secret", signed_by_secret(&of_secret, SHARED), 200),
        (
            "by another secret",
            signed_by_secret(&of_secret, &SHARED.to_uppercase()),
            401,
        ),
        (
            "by the public key as a secret",
            signed_by_secret(&of_key, ISSUER_KEY),
            401,
        ),
        (
            "by the other issuer's secret",
            signed_by_secret(&of_key, SHARED),
            401,
        ),
        ("by the other issuer's key", signed(&of_secret), 401),
    ] {
        let login = Authorization(format!("Bearer {token}"));
        let answer = Connection::open_with(&gateway.address, "GET", "/x", Some(&login));
        assert_eq!(answer.status(), status, "{name}");
    }
}

#[test]
fn a_token_comes_in_the_named_header_alone() {
    let store = Store::start(OBJECT);
    let gateway = gateway_of_two("token_header = 'Cf-Access-Jwt-Assertion'", &store);
    let header = |token: &str| format!("Cf-Access-Jwt-Assertion: {token}\r\n");
    let good = header(&token("a"));
    let expired = header(&token_until("wheels", "a", -100));
    let user = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n";
    let bearer = format!("Authorization: Bearer {}\r\n", token("a"));
    for (name, target, headers, status) in [
        ("the header", "/x", good.clone(), 200),
        ("an expired token", "/x", expired.clone(), 401),
        ("a bearer token", "/x", bearer, 401),
        ("twice", "/x", [&*good, &good].concat(), 400),
        ("a user", "/x", user.to_owned(), 200),
        ("both", "/x", [&*good, user].concat(), 200),
        (
            "an expired one, and a user",
            "/x",
            [&*expired, user].concat(),
            401,
        ),
        ("an expired one in public", "/public/x", expired, 200),
        (
            "twice in public",
            "/public/x",
            [&*good, &good].concat(),
            200,
        ),
        ("twice beside it", "/publicx", [&*good, &good].concat(), 400),
    ] {
        let headers = format!("Host: a.test\r\n{headers}");
        let answer = Connection::open_raw(&gateway.address, "GET", target, &headers);
        assert_eq!(answer.status(), status, "{name}");
    }
}

#[test]
fn an_unreachable_issuer_is_503_not_401() {
    let store = Store::start(OBJECT);
    let environment = [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &*store.url),
        KEYS[0],
        KEYS[1],
        ("BASIC_AUTH", "ci:pa55word"),
        ("ISSUER", "https://idp.test/"),
        ("AUDIENCE", "wheels"),
        // Nobody listens at port 1.
        ("JWKSPATH", "http://127.0.0.1:1/keys"),
        ("REQUIRE", "a"),
    ];
    let mut program = Program::start(["--listen", "127.0.0.1:0"], environment);
    let address = address_and_problem(
        &mut program,
        "cannot fetch the keys of http://127.0.0.1:1/keys: ",
    );
    let address = &*address;
    for login in ["ci", "__token__"] {
        let answer = crate::support::get(address, "/x", Some(&format!("{login}:{}", token("a"))));
        assert_eq!(answer.status, 503);
        assert!(answer.header("retry-after").is_some());
        assert_eq!(answer.header("www-authenticate"), None);
        let line = program.stderr_line(|line| line.contains("GET /x"));
        assert!(!line.contains("eyJ"), "{line}");
    }
    let answer = crate::support::get(address, "/x", Some("ci:pa55word"));
    assert_eq!(answer.status, 200);
}

#[test]
fn an_issuer_without_configured_keys_is_discovered() {
    let text = "[[mounts]]\npath = '/'\n\
                [mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n\
                [[mounts.jwt.issuers]]\nissuer = 'http://127.0.0.1:1'\naudience = 'wheels'\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--config", file];
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let mut program = Program::start(arguments, keys);
    let asked =
        "cannot fetch the keys of http://127.0.0.1:1: the issuer's metadata could not be fetched";
    address_and_problem(&mut program, asked);
}

/// The address of the program, once it has also logged `problem`, before any token was sent.
fn address_and_problem(program: &mut Program, problem: &str) -> String {
    let mut lines = Vec::new();
    // Keys are fetched while the program starts, so either line may be first.
    loop {
        lines.push(program.stderr_line(|_| true));
        let find = |part| lines.iter().find(|line| line.contains(part));
        if let (Some(line), Some(_)) = (find("serving"), find(problem)) {
            return address_in(line);
        }
    }
}
