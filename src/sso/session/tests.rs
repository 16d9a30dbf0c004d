use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::*;
use crate::secret::Secret;

const HOUR: Duration = Duration::from_hours(1);

fn at(number: u64) -> Seconds {
    Seconds::of(time(number))
}

fn time(number: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(number)
}

fn claims(claims: &serde_json::Value) -> ClaimSet {
    ClaimSet::from_object(claims.as_object().unwrap().clone())
}

fn grant() -> Grant {
    Grant {
        claims: claims(&json!({ "sub": "u-1", "groups": ["staff"], "age": 1.5, "né\"": null })),
        subject: "u-1".into(),
        scopes: vec!["openid".into(), "email".into()],
        access_token: "access\"1".into(),
        refresh_token: Some("refresh-1".into()),
        id_token: Some("id-1".into()),
        expires_at: Some(time(1300)),
    }
}

fn refreshed() -> Refreshed {
    Refreshed {
        claims: None,
        scopes: None,
        access_token: "access-2".into(),
        refresh_token: "refresh-2".into(),
        id_token: None,
        expires_at: None,
    }
}

/// All members of a session, including secrets.
fn told(session: &Session) -> String {
    let ProviderTokens {
        access,
        refresh,
        id,
        generation,
        renewal,
    } = &session.tokens;
    let [access, refresh, id] =
        [access, refresh, id].map(|token| token.as_ref().map(Secret::expose));
    let renewal = renewal.map(|renewal| (renewal.from.number(), renewal.end.number()));
    let times = [session.started, session.seen, session.checked].map(Seconds::number);
    let claims = serde_json::to_string(session.claims.as_object()).unwrap();
    let (subject, scopes) = (&session.subject, &session.scopes);
    format!(
        "{subject} {claims} {scopes:?} {access:?} {refresh:?} {id:?} {generation} {renewal:?} {times:?}"
    )
}

#[test]
fn a_session_round_trips() {
    let full = Session::begin(grant(), true, at(1000));
    let without_times = Grant {
        expires_at: None,
        ..grant()
    };
    let bare = Grant {
        refresh_token: None,
        id_token: None,
        scopes: Vec::new(),
        claims: claims(&json!({})),
        ..without_times
    };
    let mut later = full.clone();
    later.renew(refreshed(), false, at(1250));
    later.seen = at(1251);
    for (name, session) in [
        ("full", full),
        ("bare", Session::begin(bare, false, at(1000))),
        ("refreshed", later),
    ] {
        let read = Session::from_bytes(&session.to_bytes()).unwrap();
        assert_eq!(told(&read), told(&session), "{name}");
        assert_eq!(read.id, session.id, "{name}");
    }
}

#[test]
fn other_bytes_are_not_a_session() {
    let bytes = Session::begin(grant(), true, at(1000)).to_bytes();
    let json = &bytes[33..];
    let with = |start: &[u8], json: &[u8]| [start, json].concat();
    let missing = String::from_utf8(json.to_vec())
        .unwrap()
        .replace("\"b\":1000", "\"B\":1000");
    for (name, bytes, reads) in [
        ("as it was written", bytes.to_vec(), true),
        ("of another version", with(&[2; 33], json), false),
        ("version and id alone", bytes[..33].to_vec(), false),
        ("an id alone", vec![VERSION; 32], false),
        ("cut off", bytes[..bytes.len() - 1].to_vec(), false),
        ("with something behind it", with(&bytes, b"{}"), false),
        (
            "without the time that it began",
            with(&bytes[..33], missing.as_bytes()),
            false,
        ),
        ("nothing", Vec::new(), false),
    ] {
        assert_eq!(Session::from_bytes(&bytes).is_some(), reads, "{name}");
    }
}

#[test]
fn every_session_has_its_own_id() {
    let [one, other] = [(), ()].map(|()| Session::begin(grant(), true, at(1000)));
    assert_ne!(one.id, other.id);
}

#[test]
fn a_refresh_replaces_only_new_values() {
    let session = Session::begin(grant(), true, at(1000));
    let mut kept = session.clone();
    kept.renew(refreshed(), true, at(1250));
    assert_eq!(
        told(&kept),
        told(&session)
            .replace("access\\\"1", "access-2")
            .replace("refresh-1", "refresh-2")
            .replace("0 Some((1240, 1300))", "1 None"),
    );
    let mut replaced = session.clone();
    let new = Refreshed {
        claims: Some(claims(&json!({ "sub": "u-1" }))),
        scopes: Some(vec!["openid".into()]),
        id_token: Some("id-2".into()),
        expires_at: Some(time(1550)),
        ..refreshed()
    };
    replaced.renew(new, false, at(1250));
    let expected = "u-1 {\"sub\":\"u-1\"} [\"openid\"] None Some(\"refresh-2\") Some(\"id-2\") 1 \
                    Some((1490, 1550)) [1000, 1000, 1000]";
    assert_eq!(told(&replaced), expected);
    assert!(replaced.is_newer_than(&session) && !session.is_newer_than(&replaced));
    assert_eq!(
        (replaced.id, &replaced.subject),
        (session.id, &session.subject)
    );
}

#[test]
fn a_token_is_renewed_before_its_end() {
    for (name, lifetime, from) in [
        ("long-lived", 3600, 3540),
        ("of two minutes", 120, 60),
        ("of one minute", 60, 30),
        ("of a second", 1, 1),
    ] {
        let grant = Grant {
            expires_at: Some(time(1000 + lifetime)),
            ..grant()
        };
        let mut session = Session::begin(grant, true, at(1000));
        assert!(
            !session.is_due_for_refresh(at(1000 + from - 1)),
            "{name}, a second before"
        );
        assert!(session.is_due_for_refresh(at(1000 + from)), "{name}");
        assert!(
            session.has_good_token(at(1000 + lifetime - 1)),
            "{name}, before its end"
        );
        assert!(
            !session.has_good_token(at(1000 + lifetime)),
            "{name}, at its end"
        );
        session.tokens.refresh = None;
        assert!(
            !session.is_due_for_refresh(at(1000 + from)),
            "{name}, without a refresh token"
        );
    }
    let endless = Session::begin(
        Grant {
            expires_at: None,
            ..grant()
        },
        true,
        at(1000),
    );
    assert!(
        !endless.is_due_for_refresh(at(u64::MAX / 2)) && endless.has_good_token(at(u64::MAX / 2))
    );
}

#[test]
fn a_session_ends_by_lifetime_and_idleness() {
    let mut session = Session::begin(grant(), true, at(1000));
    session.seen = at(2000);
    for (name, now, idle, has_ended, rest) in [
        ("begun", 1000, None, false, 3600),
        ("a second before its end", 4599, None, false, 1),
        ("at its end", 4600, None, true, 0),
        ("long after", 9999, None, true, 0),
        ("idle for a little less", 2599, Some(600), false, 1),
        ("idle for as long", 2600, Some(600), true, 0),
        (
            "idle, and more of it than of its lifetime",
            4000,
            Some(3600),
            false,
            600,
        ),
        ("the clock was set back", 10, Some(600), false, 2590),
    ] {
        let idle = idle.map(Duration::from_secs);
        assert_eq!(session.has_ended(at(now), HOUR, idle), has_ended, "{name}");
        assert_eq!(session.rest(at(now), HOUR, idle).as_secs(), rest, "{name}");
    }
}

#[test]
fn the_identity_has_subject_end_and_cookie() {
    let identity = Session::begin(grant(), true, at(1000)).into_identity(HOUR);
    assert_eq!((identity.method(), identity.subject()), ("sso", "u-1"));
    assert_eq!(identity.scopes().collect::<Vec<_>>(), ["openid", "email"]);
    assert_eq!(identity.expires_at(), Some(time(4600)));
    assert_eq!(identity.claims::<ClaimSet>(), Some(&grant().claims));
    assert!(identity.is_by_cookie());
}
