//! Sign-in of people at an OpenID Connect provider, in files of settings and by variables.

use crate::support::{Browser, CLIENT, CLIENT_SECRET, Idp, KEYS, OBJECT, Program, Redis, Store};

const COOKIE_SECRET: &str = "c00kie-of-more-than-thirty-two-bytes";

fn mount(path: &str, idp: &Idp, store: &Store, public_url: &str, lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '{path}'\n\
         [mounts.s3]\nbucket = 'wheels'\nprefix = 'p{path}'\nendpoint_url = '{}'\n\
         [mounts.sso]\nissuer = '{}'\nclient_id = '{CLIENT}'\n\
         client_secret_env = 'OIDC_CLIENT_SECRET'\ncookie_secret_env = 'COOKIE_SECRET'\n\
         {public_url}\n{lines}\n",
        store.url, idp.url
    )
}

fn serve(text: &str, redis: Option<&Redis>) -> (Program, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, text).unwrap();
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--config",
        file.to_str().unwrap(),
    ];
    let environment = [
        KEYS[0],
        KEYS[1],
        ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
        ("COOKIE_SECRET", COOKIE_SECRET),
        ("CI_PASSWORD", "pa55word"),
        ("REDIS_URL", redis.map_or("", |redis| &redis.url)),
    ];
    let mut program = Program::start(arguments, environment);
    let address = program.address();
    (program, address)
}

const HOST: &str = "Host: files.test\r\nAccept: text/html\r\n";
const PUBLIC: &str = "public_url = 'https://files.test'";
const EVERYONE: &str = "allow_everyone_signed_in = true";

#[test]
fn sign_in_mounts_never_share_sessions() {
    let (idp, store) = (Idp::start(), Store::start(OBJECT));
    let text = mount("/", &idp, &store, PUBLIC, EVERYONE)
        + &mount("/docs", &idp, &store, PUBLIC, EVERYONE)
        + "[mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n";
    let (mut program, address) = serve(&text, None);
    let mut browser = Browser::new(&address, HOST);
    let callback = browser.callback(&idp, "/docs/x?a=b");
    assert!(callback.starts_with("/docs/oauth2/callback?"), "{callback}");
    let answer = browser.get(&callback);
    assert_eq!(
        answer.header("location"),
        Some("https://files.test/docs/x?a=b")
    );
    let names: Vec<_> = browser.cookies.keys().collect();
    assert_eq!(names, ["__Host-portcullis-login", "__Host-portcullis.docs"]);
    assert_eq!(browser.get("/docs/x").status, 200);
    assert_eq!(store.target(), "/wheels/p/docs/x");
    // The session of one mount does not open the other, even under its cookie name.
    assert_eq!(browser.get("/x").status, 302);
    let session = browser.cookies["__Host-portcullis.docs"].clone();
    browser
        .cookies
        .insert(String::from("__Host-portcullis"), session);
    assert_eq!(browser.get("/x").status, 302);
    browser.cookies.remove("__Host-portcullis");
    assert_eq!(browser.sign_in(&idp, "/x").status, 302);
    assert_eq!(browser.get("/x").status, 200);
    assert_eq!(store.target(), "/wheels/p/x");
    // A password works without a browser.
    let login = "Authorization: Basic Y2k6cGE1NXdvcmQ=\r\n";
    assert_eq!(
        Browser::new(&address, HOST)
            .send("GET", "/docs/x", login)
            .status,
        200
    );
    for _ in 0..3 {
        let line = program.stderr_line(|line| line.contains(" 200 "));
        assert!(
            line.contains(" ana mount=") || line.contains(" ci mount="),
            "{line}"
        );
    }
}

#[test]
fn allow_lists_decide_who_may_sign_in() {
    for (name, lines, is_let_in) in [
        ("everyone", EVERYONE, true),
        ("an address", "allowed_emails = ['ana@files.test']", true),
        ("a domain", "allowed_domains = ['files.test']", true),
        ("another domain", "allowed_domains = ['test']", false),
        (
            "another address",
            "allowed_emails = ['bo@files.test']",
            false,
        ),
        ("a group", "allowed_groups = ['x']", false),
    ] {
        let (idp, store) = (Idp::start(), Store::start(OBJECT));
        let (_program, address) = serve(&mount("/", &idp, &store, PUBLIC, lines), None);
        let mut browser = Browser::new(&address, HOST);
        let answer = browser.sign_in(&idp, "/x");
        assert_eq!(answer.status == 302, is_let_in, "{name}: {answer:?}");
        assert_eq!(answer.status == 403, !is_let_in, "{name}: {answer:?}");
        assert_eq!(
            browser.get("/x").status,
            if is_let_in { 200 } else { 302 },
            "{name}"
        );
    }
}

#[test]
fn a_session_lasts_as_long_as_configured() {
    for (name, lines, expected) in [
        ("by default", "", "; Max-Age=32400;"),
        ("a minute", "lifetime_seconds = 60", "; Max-Age=60;"),
    ] {
        let (idp, store) = (Idp::start(), Store::start(OBJECT));
        let lines = format!("{EVERYONE}\n{lines}");
        let (_program, address) = serve(&mount("/", &idp, &store, PUBLIC, &lines), None);
        let answer = Browser::new(&address, HOST).sign_in(&idp, "/x");
        let mut cookies = answer.all("set-cookie");
        let session = cookies.find(|cookie| cookie.starts_with("__Host-portcullis="));
        assert!(session.unwrap().contains(expected), "{name}: {answer:?}");
    }
}

#[test]
fn signing_out_ends_a_session_in_redis() {
    let (idp, store, redis) = (Idp::start(), Store::start(OBJECT), Redis::start());
    let lines = format!("{EVERYONE}\nredis_url_env = 'REDIS_URL'");
    let text = mount("/docs", &idp, &store, PUBLIC, &lines);
    let (_program, address) = serve(&text, Some(&redis));
    let mut browser = Browser::new(&address, HOST);
    assert_eq!(browser.sign_in(&idp, "/docs/x").status, 302);
    assert_eq!(browser.get("/docs/x").status, 200);
    let mut copy = Browser::new(&address, HOST);
    copy.cookies.clone_from(&browser.cookies);
    let page = browser.get("/docs/oauth2/logout");
    assert!(
        page.text().contains("action=\"/docs/oauth2/logout\""),
        "{page:?}"
    );
    let elsewhere = "Content-Length: 0\r\nOrigin: https://other.test\r\n";
    assert_eq!(
        browser
            .send("POST", "/docs/oauth2/logout", elsewhere)
            .status,
        403
    );
    assert_eq!(copy.get("/docs/x").status, 200);
    let here = "Content-Length: 0\r\nSec-Fetch-Site: same-origin\r\n";
    let answer = browser.send("POST", "/docs/oauth2/logout", here);
    assert!([200, 303].contains(&answer.status), "{answer:?}");
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert_eq!(copy.get("/docs/x").status, 302);
}

#[test]
fn the_site_is_what_named_proxies_say() {
    let (idp, store) = (Idp::start(), Store::start(OBJECT));
    for (name, networks, status) in [
        ("named", "'127.0.0.0/8'", 302),
        ("another", "'10.0.0.0/8'", 400),
    ] {
        let text =
            format!("trusted_proxies = [{networks}]\n") + &mount("/", &idp, &store, "", EVERYONE);
        let (_program, address) = serve(&text, None);
        let forwarded = format!("{HOST}X-Forwarded-Proto: https\r\n");
        let answer = Browser::new(&address, &forwarded).get("/x");
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        if let Some(location) = answer.header("location") {
            let callback = idp.authorize(location);
            assert!(
                callback.starts_with("https://files.test/oauth2/callback?"),
                "{callback}"
            );
        }
    }
}

#[test]
fn the_variables_of_an_issuer_guard_a_bucket() {
    let (idp, store) = (Idp::start(), Store::start(OBJECT));
    let environment = [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &*store.url),
        KEYS[0],
        KEYS[1],
        ("OIDC_ISSUER", &*idp.url),
        ("OIDC_CLIENT_ID", CLIENT),
        ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
        ("PUBLIC_URL", "https://files.test"),
        ("COOKIE_SECRET", COOKIE_SECRET),
        ("ALLOWED_DOMAINS", "files.test"),
    ];
    let output = Program::start(["check"], environment).output();
    let issuer = &idp.url;
    let rows = output
        .stdout
        .iter()
        .map(|row| row.split("  ").filter(|it| !it.is_empty()));
    let rows: Vec<Vec<_>> = rows.map(|row| row.map(str::trim).collect()).collect();
    assert_eq!(rows[2][2], format!("people of {issuer}"), "{output:?}");
    let redirect = "the provider's answer (redirect URI https://files.test/oauth2/callback)";
    assert_eq!(
        rows[3],
        ["/oauth2/callback", "the settings", redirect],
        "{output:?}"
    );

    let mut program = Program::start(["--listen", "127.0.0.1:0"], environment);
    let address = program.address();
    let mut browser = Browser::new(&address, HOST);
    assert_eq!(browser.sign_in(&idp, "/x").status, 302);
    assert_eq!(browser.get("/x").status, 200);
}
