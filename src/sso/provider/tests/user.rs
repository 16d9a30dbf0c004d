use super::*;

fn with_user() -> Endpoints {
    endpoints().with_user_url("https://id.example/me/").unwrap()
}

/// A plain provider that issues an access token, with this answer at its user endpoint.
fn script(user: Reply) -> Arc<Script> {
    let script = Script::nothing();
    script.reply("/token", Reply::ok(&json!({"access_token": "at-1"})));
    script.reply("/me/", user);
    script
}

#[tokio::test]
async fn the_user_endpoint_names_the_person() {
    let all = json!({"email": "a@x.example", "id": 7, "user_id": "u", "sub": "s"});
    let without = |names: &[&str]| {
        let mut left = all.clone();
        left.as_object_mut()
            .unwrap()
            .retain(|name, _| !names.contains(&&**name));
        left
    };
    for (name, user, expected) in [
        ("sub", all.clone(), Some("s")),
        ("user_id", without(&["sub"]), Some("u")),
        ("id", without(&["sub", "user_id"]), Some("7")),
        (
            "email",
            without(&["sub", "user_id", "id"]),
            Some("a@x.example"),
        ),
        ("a number below zero", json!({"id": -1}), Some("-1")),
        ("half a number", json!({"id": 1.5}), None),
        ("an empty name", json!({"sub": "", "id": 7}), None),
        ("null", json!({"sub": null, "id": 7}), Some("7")),
        ("a list", json!({"sub": ["s"]}), None),
        ("nobody", json!({"name": "Ana"}), None),
    ] {
        let script = script(Reply::ok(&user));
        let found = script.plain(with_user()).redeem(script.redemption()).await;
        let subject = found.as_ref().map(|grant| &*grant.subject).ok();
        assert_eq!(subject, expected, "{name}");
        assert!(
            found.is_ok() || kind(found) == Some(ProviderErrorKind::Malformed),
            "{name}"
        );
        let asked = script.asked();
        let bearer = &asked[1].headers()["authorization"];
        assert_eq!(bearer, "Bearer at-1", "{name}");
        assert!(bearer.is_sensitive(), "{name}");
    }
    let script = script(Reply::ok(&all));
    let endpoints = with_user().with_subject_claims(["no", "email"]).unwrap();
    let grant = script
        .plain(endpoints)
        .redeem(script.redemption())
        .await
        .unwrap();
    assert_eq!(grant.subject, "a@x.example");
    assert_eq!(grant.claims.get("id").unwrap(), 7);
}

#[tokio::test]
async fn a_recheck_goes_by_the_status() {
    use ProviderErrorKind::{Denied, Malformed, Status};
    let status = |status| StatusCode::from_u16(status).unwrap();
    // The answer; the outcome with claims, and with the status only.
    for (name, reply, whole, alone) in [
        ("good", Reply::ok(&json!({"id": 7})), None, None),
        (
            "no JSON",
            Reply::Is(200, "ok".into()),
            Some(Malformed),
            None,
        ),
        (
            "not good",
            Reply::Is(401, "{}".into()),
            Some(Denied),
            Some(Denied),
        ),
        (
            "not allowed",
            Reply::Is(403, "{}".into()),
            Some(Denied),
            Some(Denied),
        ),
        (
            "out of order",
            Reply::Is(502, "{}".into()),
            Some(Status(status(502))),
            Some(Status(status(502))),
        ),
    ] {
        let script = script(reply);
        let token = Secret::from("at-1");
        let found = script.plain(with_user()).user(&token).await;
        assert_eq!(kind(found), whole, "{name}");
        let provider = script.plain(with_user().with_user_url_for_rechecks_only());
        assert_eq!(kind(provider.user(&token).await), alone, "{name}");
    }
}

#[tokio::test]
async fn a_recheck_must_name_the_same_person() {
    let token = Secret::from("at-1");
    for (name, user, expected) in [
        ("the same", json!({"id": 7}), None),
        ("another", json!({"id": 8}), Some(ProviderErrorKind::Denied)),
        ("nobody", json!({}), Some(ProviderErrorKind::Malformed)),
    ] {
        let script = script(Reply::ok(&user));
        let found = script.plain(with_user()).recheck(&token, "7").await;
        assert_eq!(kind(found), expected, "{name}");
        // The status alone does not name a person.
        let provider = script.plain(with_user().with_user_url_for_rechecks_only());
        let alone = provider.recheck(&token, "unknown").await;
        assert!(alone.unwrap().is_none(), "{name}");
    }
}

#[tokio::test]
async fn sign_in_does_not_ask_a_recheck_url() {
    for (name, endpoints, recheck) in [
        ("no user endpoint", endpoints(), None),
        (
            "asked later",
            with_user().with_user_url_for_rechecks_only(),
            Some(Duration::from_hours(1)),
        ),
    ] {
        let script = script(Reply::Is(500, String::new()));
        let provider = script.plain(endpoints);
        let grant = provider.redeem(script.redemption()).await.unwrap();
        assert_eq!(grant.subject, "unknown", "{name}");
        assert!(grant.claims.as_object().is_empty(), "{name}");
        assert_eq!(script.paths(), ["/token"], "{name}");
        assert_eq!(provider.recheck_after(), recheck, "{name}");
    }
    let at_once = with_user().with_recheck_interval(Duration::ZERO);
    let provider = Script::nothing().plain(at_once);
    assert_eq!(provider.recheck_after(), Some(Duration::ZERO));
    assert_eq!(Script::nothing().provider().recheck_after(), None);
}

#[tokio::test]
async fn a_recheck_needs_a_user_endpoint() {
    let found = Script::nothing()
        .plain(endpoints())
        .user(&Secret::from("at-1"))
        .await;
    assert_eq!(kind(found), Some(ProviderErrorKind::Malformed));
}
