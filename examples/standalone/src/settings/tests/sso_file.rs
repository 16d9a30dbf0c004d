use super::fixture::{problems, read_file, working_file};

const SECRETS: [(&str, &str); 4] = [
    ("CLIENT_SECRET", "pa55word"),
    ("COOKIE_SECRET", "s3cr3tkey-of-more-than-thirty-two-bytes"),
    ("OLD_SECRET", "t0ken-of-more-than-thirty-two-bytes"),
    ("REDIS_ENDPOINT", "redis://:pa55word@redis.test"),
];

fn mount(path: &str, lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '{path}'\n[mounts.s3]\nbucket = 'wheels'\nregion = 'eu-west-1'\n{lines}"
    )
}

/// What a working one has, from line 6 on.
fn sso(path: &str, lines: &str) -> String {
    mount(
        path,
        &format!(
            "[mounts.sso]\nclient_id = 'files'\nclient_secret_env = 'CLIENT_SECRET'\n\
             cookie_secret_env = 'COOKIE_SECRET'\n{lines}"
        ),
    )
}

const ISSUER: &str = "issuer = 'https://idp.test'\npublic_url = 'https://files.test'\n\
                      allowed_domains = ['files.test']\n";

#[test]
fn people_may_sign_in_at_several_mounts() {
    let text = String::from("trusted_proxies = ['10.0.0.0/8']\n")
        + &sso("/docs", ISSUER)
        + &sso(
            "/",
            "authorize_url = 'https://sso.test/authorize'\ntoken_url = 'https://sso.test/token'\n\
             user_url = 'https://sso.test/user'\nrecheck_seconds = 0\nscopes = ['a', 'b']\n\
             allowed_scopes = ['a']\n\
             allowed_emails = ['ana@files.test']\nallowed_groups = ['x']\n\
             insecure_unverified_emails = true\n\
             groups_claim = ['realm', 'groups']\nlifetime_seconds = 60\n\
             max_redemptions = 9\nmax_redemptions_per_network = 2\n\
             recorded_sign_ins_per_network = 3\nidle_lifetime_seconds = 30\nredis_url_env = 'REDIS_ENDPOINT'\n\
             previous_cookie_secrets_env = ['OLD_SECRET']\n",
        )
        + &sso(
            "/open",
            "issuer = 'https://idp.test'\nmetadata_url = 'http://idp.internal/metadata'\n\
             authorize_url = 'https://idp.test/a'\ntoken_url = 'http://idp.internal/t'\n\
             user_url = 'http://idp.internal/u'\njwks_url = 'http://idp.internal/k'\n\
             authorize_parameters = ['prompt=login', 'hint=a=b']\ninsecure_http = true\nsame_site = 'lax'\n\
             public_url = 'http://files.test'\nallow_everyone_signed_in = true\n",
        )
        + &sso("/none", &format!("{ISSUER}same_site = 'none'\n"));
    let settings = working_file(&text, &[], &SECRETS);
    let people = settings.mounts.iter().map(|mount| {
        let people = mount.people.as_ref().unwrap();
        (&*people.redirect_uri, people.redis.is_some())
    });
    assert_eq!(
        people.collect::<Vec<_>>(),
        [
            ("https://files.test/docs/oauth2/callback", false),
            ("https://…/oauth2/callback", true),
            ("http://files.test/open/oauth2/callback", false),
            ("https://files.test/none/oauth2/callback", false),
        ]
    );
    let [warning] = &settings.warnings[..] else {
        panic!("not one warning: {:?}", settings.warnings);
    };
    assert!(warning.contains("metadata_url: uses http, "), "{warning}");
    // What the file names has a meaning.
    assert!(settings.without_meaning.is_empty());
}

#[test]
fn wrong_requests_to_a_provider_are_named() {
    let docs = |lines: &str| sso("/docs", lines);
    let more = |line: &str| sso("/docs", &format!("{ISSUER}{line}\n"));
    for (name, text, expected) in [
        (
            "metadata of no issuer",
            docs("metadata_url = 'https://idp.test/m'\n"),
            "mounts.sso.metadata_url: needs issuer",
        ),
        (
            "keys of no issuer",
            docs("jwks_url = 'https://idp.test/keys'\n"),
            "mounts.sso.jwks_url: needs issuer",
        ),
        (
            "a URL inside, by http",
            more("token_url = 'http://idp.internal/token'"),
            "mounts.sso.token_url: must be https, or http to a loopback address",
        ),
        (
            "keys by http",
            more("jwks_url = 'http://idp.internal/keys'"),
            "mounts.sso.jwks_url: must be https, or http to a loopback address",
        ),
        (
            "another place for the secret",
            more("token_endpoint_auth_method = 'private_key_jwt'"),
            "mounts.sso.token_endpoint_auth_method: \"private_key_jwt\" is not one of: \
             client_secret_basic, client_secret_post",
        ),
        (
            "a parameter without a value",
            more("authorize_parameters = ['prompt=login', 'audience']"),
            "mounts.sso.authorize_parameters: must be name=value, ",
        ),
        (
            "a parameter of the protocol",
            more("authorize_parameters = ['state=x']"),
            "mounts.sso.authorize_parameters: \"state\" is set by the sign-in itself",
        ),
    ] {
        let found = problems(name, read_file(&text, &[], &SECRETS));
        assert!(found[0].contains(expected), "{name}: {found:?}");
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn wrong_sign_in_is_named_with_its_place() {
    let docs = |lines: &str| sso("/docs", lines);
    let more = |line: &str| sso("/docs", &format!("{ISSUER}{line}\n"));
    for (name, text, expected) in [
        (
            "no provider",
            docs("public_url = 'https://files.test'\n"),
            "mounts.sso: needs issuer, or authorize_url and token_url",
        ),
        (
            "half a provider",
            docs("authorize_url = 'https://sso.test/'\n"),
            "mounts.sso: needs issuer, or authorize_url and token_url",
        ),
        (
            "rechecks beside an issuer",
            more("recheck_seconds = 60"),
            ":10:10: mounts.sso.issuer: contradicts ",
        ),
        (
            "a look at nothing",
            docs(
                "authorize_url = 'https://s.test/a'\ntoken_url = 'https://s.test/t'\n\
                 recheck_seconds = 0\npublic_url = 'https://files.test'\n\
                 allow_everyone_signed_in = true\n",
            ),
            ":12:19: mounts.sso.recheck_seconds: needs user_url",
        ),
        (
            "a list of whom nobody tells",
            docs(
                "authorize_url = 'https://s.test/a'\ntoken_url = 'https://s.test/t'\n\
                 public_url = 'https://files.test'\nallowed_domains = ['files.test']\n",
            ),
            ":13:19: mounts.sso.allowed_domains: needs user_url, ",
        ),
        (
            "no site",
            docs("issuer = 'https://idp.test'\nallow_everyone_signed_in = true\n"),
            "mounts.sso: needs public_url, ",
        ),
        (
            "nobody",
            docs("issuer = 'https://idp.test'\npublic_url = 'https://files.test'\n"),
            "mounts.sso: needs allowed_emails, ",
        ),
        (
            "everyone and some",
            more("allow_everyone_signed_in = true"),
            ":13:28: mounts.sso.allow_everyone_signed_in: contradicts ",
        ),
        (
            "unverified, without addresses",
            docs(
                "issuer = 'https://idp.test'\npublic_url = 'https://files.test'\n\
                 allowed_groups = ['x']\ninsecure_unverified_emails = true\n",
            ),
            ":13:30: mounts.sso.insecure_unverified_emails: needs allowed_emails or ",
        ),
        (
            "a claim without groups",
            more("groups_claim = 'roles'"),
            ":13:16: mounts.sso.groups_claim: needs allowed_groups",
        ),
        (
            "no choice of cookies",
            more("same_site = 'strict'"),
            ":13:13: mounts.sso.same_site: \"strict\" is not one of: lax, none",
        ),
        (
            "no lifetime",
            more("lifetime_seconds = 0"),
            ":13:20: mounts.sso.lifetime_seconds: 0 is not a number from 1 to ",
        ),
        (
            "no redemption",
            more("max_redemptions = 0"),
            ":13:19: mounts.sso.max_redemptions: 0 is not a number from 1 to ",
        ),
        (
            "no variable",
            more("redis_url_env = 'REDIS_URL'"),
            ":13:17: mounts.sso.redis_url_env: the variable REDIS_URL is not set",
        ),
        (
            "http",
            sso("/docs", &ISSUER.replacen("https", "http", 1)),
            ":10:10: mounts.sso.issuer: ",
        ),
        (
            "proxies of one mount",
            more("trusted_proxies = ['10.0.0.0/8']"),
            ":13:1: trusted_proxies: is one setting for the whole program: write it at the top ",
        ),
    ] {
        let found = problems(name, read_file(&text, &[], &SECRETS));
        assert!(found[0].contains(expected), "{name}: {found:?}");
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn scopes_of_everyone_may_stand_beside_others() {
    let site = "issuer = 'https://idp.test'\npublic_url = 'https://files.test'\n";
    for lines in [
        "allowed_scopes = ['openid', 'files:read']\n",
        "allowed_scopes = ['openid']\nallowed_domains = ['files.test']\n",
        "allowed_scopes = ['openid']\nallowed_groups = ['readers']\n",
    ] {
        working_file(&sso("/docs", &format!("{site}{lines}")), &[], &SECRETS);
    }
    let alone = sso(
        "/docs",
        &format!("{site}allowed_scopes = ['openid', 'email']\n"),
    );
    let found = problems("alone", read_file(&alone, &[], &SECRETS));
    let expected =
        ":12:18: mounts.sso.allowed_scopes: every user of the provider has these scopes: ";
    assert!(found[0].contains(expected), "{found:?}");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn routes_of_sign_in_have_no_other_use() {
    let with = |more: &str| sso("/", ISSUER) + more;
    for (name, text, expected) in [
        (
            "a mount",
            with(&sso("/oauth2/callback", ISSUER)),
            ":14:8: mounts.path: /oauth2/callback is a route of the sign-in at /",
        ),
        (
            "a mount around it",
            with(&sso("/oauth2", ISSUER)),
            ":14:8: mounts.path: /oauth2/callback is a route of the sign-in at /",
        ),
        (
            "public",
            sso("/", ISSUER).replace("path = '/'", "path = '/'\npublic = ['/oauth2/login']"),
            ":3:11: mounts.public: /oauth2/login is a route of the sign-in at /",
        ),
        (
            "health",
            format!("[health]\nlive = '/oauth2/logout'\n{}", with("")),
            ":2:8: health.live: /oauth2/logout is a route of the sign-in at /",
        ),
    ] {
        let found = problems(name, read_file(&text, &[], &SECRETS));
        assert!(found[0].contains(expected), "{name}: {found:?}");
    }
    let apart = with(&sso("/oauth2x", ISSUER)) + &sso("/docs", ISSUER);
    working_file(&apart, &[], &SECRETS);
}

#[test]
fn provider_variables_contradict_a_file() {
    let text = sso("/docs", ISSUER);
    for name in ["OIDC_ISSUER", "SSO_URL"] {
        let mut variables = SECRETS.to_vec();
        variables.push((name, "https://idp.test"));
        let found = problems(name, read_file(&text, &[], &variables));
        let expected = format!("{name} (environment): contradicts --config (flag), ");
        assert!(found[0].starts_with(&expected), "{found:?}");
    }
}
