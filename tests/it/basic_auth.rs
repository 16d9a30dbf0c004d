//! RFC 7617, and the mistakes of its implementations.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{
    Admission, Decision, Identity, Mismatch, PasswordVerifier, Refusal, RefusalKind, RefusalReason,
    RequireScopeLayer, ScopePolicy, Verdict, password_verifier_fn,
};
use tower::Layer;

use crate::support::{basic, echo, get, head, send, through};

fn layer(users: &[(&str, &str)]) -> BasicAuthLayer {
    let users = FixedUsers::new(users.iter().copied()).unwrap();
    BasicAuthLayer::new("packages", users).unwrap()
}

#[tokio::test]
async fn a_user_without_required_scopes_is_refused() {
    let users = || {
        let users = FixedUsers::new([("ci", "a"), ("ana", "b")]).unwrap();
        users.with_scopes("ci", ["wheels:read"]).unwrap()
    };
    let table = users();
    let slow = password_verifier_fn(move |user, password, network| {
        let decision = table.verify(user, password, network);
        Decision::later(async move {
            match decision {
                Decision::Now(verdict) => verdict,
                _ => panic!("fixed users are judged at once"),
            }
        })
    });
    let policy = ScopePolicy::all_of(["wheels:read"]).unwrap();
    for (name, layer) in [
        ("now", BasicAuthLayer::new("packages", users())),
        ("later", BasicAuthLayer::new("packages", slow)),
    ] {
        let layer = layer.unwrap().with_required_scopes(policy.clone());
        for (user, password, status) in [("ci", "a", 200), ("ana", "b", 403), ("ci", "b", 401)] {
            let field = basic(user, password);
            let answer = through(&layer, get("/", &[("authorization", &field)])).await;
            assert_eq!(answer.status.as_u16(), status, "{name}: {user}:{password}");
            // At another challenge, a browser would ask for another password.
            let is_challenged = answer.headers.contains_key("www-authenticate");
            assert_eq!(is_challenged, status == 401, "{name}: {user}:{password}");
        }
    }
}

#[tokio::test]
async fn credentials_are_read_as_rfc_7617_requires() {
    let layer = layer(&[
        ("Aladdin", "open sesame"),
        ("test", "123£"),
        ("colons", "a:b::"),
        ("", "anonymous"),
        ("jürgen", "straße"),
        ("long", &"x".repeat(3000)),
    ]);
    for (name, field, user) in [
        (
            "the RFC's example",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
            "Aladdin",
        ),
        (
            "the RFC's UTF-8 example",
            "Basic dGVzdDoxMjPCow==".to_owned(),
            "test",
        ),
        (
            "scheme in any case",
            "bAsIc QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
            "Aladdin",
        ),
        (
            "several spaces",
            "Basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
            "Aladdin",
        ),
        ("colons in the password", basic("colons", "a:b::"), "colons"),
        ("no user name", basic("", "anonymous"), ""),
        ("UTF-8 in both", basic("jürgen", "straße"), "jürgen"),
        (
            "longer than the inline buffer",
            basic("long", &"x".repeat(3000)),
            "long",
        ),
    ] {
        let answer = through(&layer, get("/", &[("authorization", &field)])).await;
        assert_eq!(answer.status, 200, "{name}");
        let seen = answer.seen();
        let identity = seen.extensions.get::<Identity>().unwrap();
        assert_eq!(
            (identity.method(), identity.subject()),
            ("basic", user),
            "{name}"
        );
        assert!(!seen.headers.contains_key("authorization"), "{name}");
    }
}

#[tokio::test]
async fn other_credentials_of_the_scheme_are_401() {
    let layer = layer(&[("Aladdin", "open sesame"), ("x", "y")]);
    let control = |user: &str, password: &str| basic(user, password);
    for (name, field) in [
        ("nothing after the scheme", "Basic".to_owned()),
        (
            "a tab after it",
            "Basic\tQWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
        ),
        (
            "an equals sign after it",
            "Basic=QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
        ),
        ("not base64", "Basic ???".to_owned()),
        ("no padding", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ".to_owned()),
        (
            "half the padding",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=".to_owned(),
        ),
        ("stray bits", "Basic eDp5eh==".to_owned()),
        ("URL alphabet", "Basic eDp5-_8=".to_owned()),
        (
            "space within",
            "Basic QWxhZGRpbjpv cGVuIHNlc2FtZQ==".to_owned(),
        ),
        ("space after", "Basic eDp5 ".to_owned() + "z"),
        ("quoted", "Basic \"eDp5\"".to_owned()),
        ("two in one field", "Basic eDp5, Basic eDp5".to_owned()),
        ("no colon", "Basic QWxhZGRpbg==".to_owned()),
        ("not UTF-8", "Basic eDr/".to_owned()),
        ("NUL in the user name", control("x\0", "y")),
        ("NUL in the password", control("x", "y\0")),
        ("line feed", control("x", "y\n")),
        ("delete", control("x\u{7f}", "y")),
        ("unknown user", control("nobody", "y")),
        ("wrong password", control("x", "z")),
        ("the start of the password", control("Aladdin", "open")),
        ("more than the password", control("Aladdin", "open sesame!")),
        ("no password", control("x", "")),
        ("another case of the user name", control("X", "y")),
        ("another case of the password", control("x", "Y")),
        ("the user without a name", control("", "\0")),
        ("an unknown user without a password", control("nobody", "")),
    ] {
        let answer = through(&layer, get("/", &[("authorization", &field)])).await;
        assert_eq!(answer.status, 401, "{name}");
        assert_eq!(
            answer.all("www-authenticate"),
            ["Basic realm=\"packages\", charset=\"UTF-8\""],
            "{name}"
        );
        assert_eq!(answer.body, "401 Unauthorized\n", "{name}");
        assert!(!answer.passed(), "{name}");
    }
    let accepted = through(&layer, get("/", &[("authorization", &basic("x", "y"))])).await;
    assert_eq!(accepted.status, 200);
}

#[tokio::test]
async fn other_schemes_and_proxy_credentials_are_ignored() {
    let layer = layer(&[("x", "y")]);
    let neither = "neither a bearer token nor a Basic password";
    for (headers, kind) in [
        (&[][..], None),
        (
            &[("authorization", "Bearer eDp5")],
            Some("an opaque bearer token"),
        ),
        (&[("authorization", "BasicX eDp5")], Some(neither)),
        (&[("authorization", "eDp5")], Some(neither)),
        (&[("authorization", "")], Some(neither)),
        (&[("proxy-authorization", "Basic eDp5")], None),
    ] {
        let answer = through(&layer, get("/", headers)).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        let reason = answer.extensions.get::<RefusalReason>().unwrap();
        let found = reason.mismatch().and_then(Mismatch::given);
        assert_eq!(found, kind, "{headers:?}");
        assert_eq!(reason.kind(), RefusalKind::Missing, "{headers:?}");
    }
}

#[tokio::test]
async fn two_authorization_fields_are_400() {
    let layer = layer(&[("x", "y")]);
    let good = basic("x", "y");
    for (first, second) in [(&*good, &*good), (&good, "Bearer a"), ("Bearer a", &good)] {
        let request = get("/", &[("authorization", first), ("authorization", second)]);
        let answer = through(&layer, request).await;
        assert_eq!(answer.status, 400, "{first} {second}");
        assert!(answer.all("www-authenticate").is_empty());
    }
}

#[tokio::test]
async fn unknown_user_and_wrong_password_look_the_same() {
    for layer in [layer(&[("x", "y")]), layer(&[])] {
        let unknown = through(
            &layer,
            get("/", &[("authorization", &basic("nobody", "y"))]),
        )
        .await;
        let wrong = through(&layer, get("/", &[("authorization", &basic("x", "z"))])).await;
        assert_eq!(unknown.status, wrong.status);
        assert_eq!(unknown.headers, wrong.headers);
        assert_eq!(unknown.body, wrong.body);
        let reason = |answer: &crate::support::Answer| {
            answer
                .extensions
                .get::<RefusalReason>()
                .unwrap()
                .to_string()
        };
        assert_eq!(reason(&unknown), reason(&wrong));
    }
}

#[tokio::test]
async fn a_verifier_may_take_its_time() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let verifier = password_verifier_fn(move |user, password, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        let (user, good) = (user.to_owned(), password == "s3cret");
        Decision::later(async move {
            tokio::task::yield_now().await;
            if good {
                Verdict::Admit(Admission::new(Identity::new("directory", user)))
            } else {
                Verdict::Refuse(Refusal::invalid("unknown to the directory"))
            }
        })
    });
    let layer = BasicAuthLayer::new("directory", verifier).unwrap();
    for (password, status) in [("s3cret", 200), ("guess", 401)] {
        let request = get("/", &[("authorization", &basic("ana", password))]);
        let answer = through(&layer, request).await;
        assert_eq!(answer.status.as_u16(), status);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let malformed = through(&layer, get("/", &[("authorization", "Basic ???")])).await;
    assert_eq!(malformed.status, 401);
    assert_eq!(
        asked.load(Ordering::Relaxed),
        2,
        "the verifier gets only well-formed credentials"
    );
}

#[test]
fn impossible_users_and_realms_are_refused() {
    for (users, setting) in [
        (&[("a:b", "x")][..], "user"),
        (&[("a\0", "x")], "user"),
        (&[("a\n", "x")], "user"),
        (&[("a", "x"), ("a", "y")], "user"),
        (&[("a", "")], "password"),
        (&[("a", "s3cret\n")], "password"),
        (&[("a", "s3cret\u{7f}")], "password"),
    ] {
        let error = FixedUsers::new(users.iter().copied()).unwrap_err();
        assert_eq!(error.setting(), setting, "{users:?}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    assert!(FixedUsers::new([("a", "b:c")]).is_ok());
    for realm in ["café", "two\r\nlines", "nul\0"] {
        let users = FixedUsers::new([("a", "b")]).unwrap();
        assert_eq!(
            BasicAuthLayer::new(realm, users).unwrap_err().setting(),
            "realm"
        );
    }
    let users = FixedUsers::new([("a", "b")]).unwrap();
    let layer = BasicAuthLayer::new(r#"the "inner" \ door"#, users).unwrap();
    let decision = portcullis::gate::Authenticator::authenticate(&layer, &head(&[]));
    assert!(matches!(decision, Decision::Absent));
}

#[tokio::test]
async fn scopes_of_users_are_those_that_are_required() {
    let users = FixedUsers::new([("ci", "s3cret"), ("ana", "s3cret"), ("bob", "s3cret")]).unwrap();
    let users = users.with_scopes("ci", ["read", "write"]).unwrap();
    let users = users.with_scopes("ana", ["write"]).unwrap();
    let users = users.with_scopes("ana", ["read"]).unwrap();
    let gate = BasicAuthLayer::new("packages", users).unwrap();
    for (user, read, write) in [("ci", 200, 200), ("ana", 200, 403), ("bob", 403, 403)] {
        for (scope, status) in [("read", read), ("write", write)] {
            let rule = RequireScopeLayer::scope(scope).unwrap();
            let request = get("/", &[("authorization", &basic(user, "s3cret"))]);
            let answer = send(gate.layer(rule.layer(echo())), request).await;
            assert_eq!(answer.status, status, "{user}, {scope}");
        }
    }
}

#[test]
fn scopes_are_granted_to_users_of_the_table() {
    let users = || FixedUsers::new([("ci", "s3cret")]).unwrap();
    for (user, scopes, setting) in [
        ("ci", &["read"][..], None),
        ("ci", &[], None),
        ("ci", &["read", "two words"], Some("scopes")),
        ("ana", &["read"], Some("user")),
    ] {
        let built = users().with_scopes(user, scopes.iter().copied());
        let refused = built.err().map(|error| error.setting());
        assert_eq!(refused, setting, "{user}, {scopes:?}");
    }
}

#[tokio::test]
async fn credentials_of_any_length_are_read_whole() {
    for length in (0..600).chain([4000]) {
        let (user, password) = ("u".repeat(length / 3), "p".repeat(length - length / 3 + 1));
        let layer = layer(&[(&user, &password)]);
        let right = get("/", &[("authorization", &basic(&user, &password))]);
        assert_eq!(through(&layer, right).await.status, 200, "{length}");
        let longer = get("/", &[("authorization", &basic(&user, &(password + "p")))]);
        assert_eq!(through(&layer, longer).await.status, 401, "{length}");
    }
}
