//! Settings that a provider accepts and refuses.

use std::time::Duration;

use portcullis::sso::provider::{Endpoints, Provider};
use portcullis::{ConfigError, Secret};

const ISSUER: &str = "https://id.example";
const AUTHORIZE: &str = "https://id.example/o/authorize/";
const TOKEN: &str = "https://id.internal/o/token/";

fn secret() -> Secret {
    Secret::from("s3cret")
}

fn setting<T: std::fmt::Debug>(built: Result<T, ConfigError>) -> Option<&'static str> {
    let error = built.err()?;
    assert!(!error.to_string().contains("s3cret"), "{error}");
    Some(error.setting())
}

#[test]
fn an_issuer_must_be_https_or_loopback() {
    for (issuer, expected) in [
        (ISSUER, None),
        ("https://id.example/realms/a", None),
        ("http://127.0.0.1:8080", None),
        ("http://localhost:8080", None),
        ("http://id.example", Some("issuer")),
        ("https://id.example/?tenant=a", Some("issuer")),
        ("https://id.example/#a", Some("issuer")),
        ("https://user@id.example", Some("issuer")),
        ("id.example", Some("issuer")),
        ("", Some("issuer")),
    ] {
        let built = Provider::discover(issuer, "gateway", secret());
        assert_eq!(setting(built), expected, "{issuer}");
    }
    assert!(
        Provider::insecure_discover_over_http("http://id.example", "gateway", secret()).is_ok()
    );
    let file = Provider::insecure_discover_over_http("file:///id", "gateway", secret());
    assert_eq!(setting(file), Some("issuer"));
}

#[test]
fn client_id_and_secret_must_not_be_empty() {
    for (name, id, secret, expected) in [
        ("both", "gateway", Some("s3cret"), None),
        ("a public client", "gateway", None, None),
        ("with a space", "the gateway", Some("s3cret or so"), None),
        ("no id", "", Some("s3cret"), Some("client id")),
        (
            "an id beyond ASCII",
            "gäteway",
            Some("s3cret"),
            Some("client id"),
        ),
        (
            "an empty secret",
            "gateway",
            Some(""),
            Some("client secret"),
        ),
        (
            "a secret of two lines",
            "gateway",
            Some("s3cret\n"),
            Some("client secret"),
        ),
    ] {
        let secret = secret.map(Secret::from);
        let built = Provider::discover(ISSUER, id, secret.clone());
        assert_eq!(setting(built), expected, "{name}");
        let endpoints = Endpoints::new(AUTHORIZE, TOKEN).unwrap();
        assert_eq!(
            setting(Provider::oauth2(endpoints, id, secret)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn scopes_must_be_tokens_and_include_openid() {
    let endpoints = Endpoints::new(AUTHORIZE, TOKEN).unwrap();
    let plain = Provider::oauth2(endpoints, "gateway", secret()).unwrap();
    let openid = Provider::discover(ISSUER, "gateway", secret()).unwrap();
    let wrong = Some("scopes");
    for (name, scopes, of_plain, of_openid) in [
        ("openid", &["openid", "groups"][..], None, None),
        ("without", &["groups"], None, wrong),
        ("none", &[], None, wrong),
        ("two in one", &["openid groups"], wrong, wrong),
        ("an empty one", &["openid", ""], wrong, wrong),
        ("a quote", &["openid", "\""], wrong, wrong),
    ] {
        let built = plain.clone().with_scopes(scopes.iter().copied());
        assert_eq!(setting(built), of_plain, "{name}");
        let built = openid.clone().with_scopes(scopes.iter().copied());
        assert_eq!(setting(built), of_openid, "{name}");
    }
}

#[test]
fn an_endpoint_must_be_https_or_loopback() {
    let (authorize, token, user) = (Some("authorize URL"), Some("token URL"), Some("user URL"));
    for (name, urls, expected) in [
        ("over TLS", [AUTHORIZE, TOKEN, ISSUER], None),
        (
            "with a query",
            ["https://id.example/a?b=c", TOKEN, ISSUER],
            None,
        ),
        (
            "on the machine itself",
            ["http://[::1]/a", "http://127.0.0.1/t", ISSUER],
            None,
        ),
        (
            "the first off TLS",
            ["http://id.example/a", TOKEN, ISSUER],
            authorize,
        ),
        (
            "a fragment",
            ["https://id.example/a#b", TOKEN, ISSUER],
            authorize,
        ),
        (
            "a script",
            ["javascript:alert(1)", TOKEN, ISSUER],
            authorize,
        ),
        (
            "the second off TLS",
            [AUTHORIZE, "http://id.internal/t", ISSUER],
            token,
        ),
        (
            "a user",
            [AUTHORIZE, "https://u:s3cret@id.internal/t", ISSUER],
            token,
        ),
        (
            "the third off TLS",
            [AUTHORIZE, TOKEN, "http://id.internal/u"],
            user,
        ),
        ("a path", [AUTHORIZE, TOKEN, "/u"], user),
    ] {
        let [first, second, third] = urls;
        let built = Endpoints::new(first, second).and_then(|it| it.with_user_url(third));
        assert_eq!(setting(built), expected, "{name}");
    }
    let http = "http://id.internal/x";
    let insecure = Endpoints::insecure_new_over_http(http, http).unwrap();
    assert!(insecure.clone().with_user_url(http).is_ok());
    assert_eq!(setting(insecure.with_user_url("ftp://id.internal/x")), user);
}

#[test]
fn settings_without_effect_are_refused() {
    let bare = || Endpoints::new(AUTHORIZE, TOKEN).unwrap();
    let whole = || bare().with_user_url("https://id.internal/u").unwrap();
    let named = |endpoints: Endpoints| endpoints.with_subject_claims(["uid"]).unwrap();
    let grace = Duration::from_mins(5);
    let at_sign_in = Some("user at sign-in");
    for (name, endpoints, expected) in [
        ("no user URL", bare(), None),
        ("a user URL", whole(), None),
        ("a grace", whole().with_recheck_interval(grace), None),
        (
            "a grace for nothing",
            bare().with_recheck_interval(grace),
            Some("recheck after"),
        ),
        ("a subject", named(whole()), None),
        ("a subject of nowhere", named(bare()), at_sign_in),
        ("later", whole().with_user_url_for_rechecks_only(), None),
        (
            "later, nowhere",
            bare().with_user_url_for_rechecks_only(),
            at_sign_in,
        ),
        (
            "a subject that is never read",
            named(whole()).with_user_url_for_rechecks_only(),
            Some("subject claims"),
        ),
    ] {
        let built = Provider::oauth2(endpoints, "gateway", secret());
        assert_eq!(setting(built), expected, "{name}");
    }
    let none = whole().with_subject_claims([""; 0]);
    assert_eq!(setting(none), Some("subject claims"));
}

#[test]
fn debug_of_a_provider_has_no_secret() {
    let provider = Provider::discover(ISSUER, "gateway", secret()).unwrap();
    assert_eq!(
        format!("{provider:?}"),
        "Provider { identity: \"https://id.example\", client_id: \"gateway\", \
         scopes: [\"openid\", \"email\", \"profile\"], .. }"
    );
    let endpoints = Endpoints::new(AUTHORIZE, TOKEN).unwrap();
    let provider = Provider::oauth2(endpoints, "gateway", secret()).unwrap();
    assert_eq!(
        format!("{provider:?}"),
        "Provider { identity: \"https://id.example/o/authorize/\", client_id: \"gateway\", \
         scopes: [], .. }"
    );
}
