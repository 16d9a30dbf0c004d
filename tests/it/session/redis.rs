//! Sessions in Redis: the commands, the connection and the settings.

use std::sync::Arc;
use std::time::Duration;

use portcullis::session::{RedisSessions, SessionStore, SessionStoreErrorKind};

use crate::support::clock::StandingClock;
use crate::support::fake_redis::{FakeRedis, Mood, patient};
use crate::support::stores::conforms;
use crate::support::tls::localhost;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_conforms_over_one_connection() {
    let clock = StandingClock::new();
    let redis = FakeRedis::start(clock.clone()).await;
    let sessions = patient(redis.url());
    assert_eq!(
        redis.connections(),
        0,
        "nothing is connected before it is needed"
    );
    conforms(Arc::new(sessions), async |time| clock.advance(time)).await;
    assert_eq!(redis.connections(), 1);
}

#[tokio::test]
async fn each_method_is_one_command() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url() + "/15");
    sessions.ping().await.unwrap();
    assert_eq!(redis.asked(), ["SELECT 15", "PING"]);
    let save = |key, ttl| sessions.save(key, b"v w".to_vec(), ttl);
    save("session/a", Duration::from_millis(1500))
        .await
        .unwrap();
    save("session/b", Duration::from_nanos(1)).await.unwrap();
    assert!(sessions.load("session/a").await.unwrap().is_some());
    assert!(sessions.take("session/a").await.unwrap().is_some());
    assert!(sessions.try_lock("lock/a", SECOND).await.unwrap());
    sessions.delete("lock/a").await.unwrap();
    assert_eq!(
        redis.asked(),
        [
            "SET portcullis:session/a v w PX 1500",
            "SET portcullis:session/b v w PX 1",
            "GET portcullis:session/a",
            "GETDEL portcullis:session/a",
            "SET portcullis:lock/a locked NX PX 1000",
            "DEL portcullis:lock/a",
        ]
    );

    for (prefix, key) in [("team-a/", "GET team-a/k"), ("", "GET k")] {
        let sessions = sessions.clone().with_key_prefix(prefix).unwrap();
        assert_eq!(sessions.load("k").await.unwrap(), None);
        assert_eq!(redis.asked(), [key]);
    }
    assert_eq!(redis.connections(), 1, "a clone shares the connection");
}

#[tokio::test]
async fn a_redis_user_authenticates() {
    let redis = FakeRedis::start_for(("gateway", "s3cret /@:?")).await;
    let host = redis.address;
    for (name, url, expected) in [
        (
            "the user",
            format!("redis://gateway:s3cret%20%2F%40%3A%3F@{host}"),
            Ok(()),
        ),
        (
            "another password",
            format!("redis://gateway:wr0ng@{host}"),
            Err("the server rejected the password"),
        ),
        ("nobody", format!("redis://{host}"), Err("NOAUTH")),
    ] {
        let sessions = patient(url);
        // A failure is not remembered.
        for _ in 0..2 {
            let pinged = sessions.ping().await;
            let told = pinged.as_ref().map_err(|error| {
                assert_eq!(error.kind(), SessionStoreErrorKind::Refused, "{name}");
                let source = std::error::Error::source(error).unwrap();
                source.to_string()
            });
            assert_eq!(told.copied(), expected.map_err(str::to_owned), "{name}");
            let printed = format!("{sessions:?} {pinged:?}");
            assert!(
                !printed.contains("s3cret") && !printed.contains("wr0ng"),
                "{printed}"
            );
        }
    }
    let commands = redis.asked();
    assert_eq!(commands[..2], ["AUTH gateway s3cret /@:?", "PING"]);
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_match() {
    let (acceptor, authority) = localhost();
    let (_, other) = localhost();
    let redis = FakeRedis::start_tls(acceptor).await;
    let port = redis.address.port();
    for (name, host, trusted, expected) in [
        ("its authority", "localhost", Some(&authority), true),
        ("the machine's authorities", "localhost", None, false),
        ("another authority", "localhost", Some(&other), false),
        ("another host", "127.0.0.1", Some(&authority), false),
    ] {
        let mut sessions = patient(format!("rediss://{host}:{port}"));
        if let Some(authority) = trusted {
            let trusting = sessions.with_certificate_authorities(authority.as_bytes());
            sessions = trusting.unwrap();
        }
        let told = sessions.ping().await.map_err(|error| error.kind());
        let refused = SessionStoreErrorKind::Unreachable;
        assert_eq!(told, if expected { Ok(()) } else { Err(refused) }, "{name}");
    }
    assert_eq!(redis.asked(), ["PING"]);
}

#[tokio::test]
async fn cluster_mode_is_told() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    // The fake does not know the command, as a user may not be permitted it.
    assert_eq!(sessions.is_cluster().await.ok(), Some(false));
    assert_eq!(redis.asked(), ["PING", "INFO cluster"]);
    for (mode, is_cluster) in [("0", false), ("1", true)] {
        redis.set_cluster_enabled(mode);
        assert_eq!(sessions.is_cluster().await.ok(), Some(is_cluster));
    }
    redis.be(Mood::IsAway);
    redis.hang_up();
    let error = sessions.is_cluster().await.unwrap_err();
    assert_eq!(error.kind(), SessionStoreErrorKind::Unreachable);
}

const SCHEME: &str = "does not begin with redis:// or rediss://";

#[test]
fn wrong_settings_are_refused() {
    for (url, problem) in [
        ("redis://127.0.0.1", None),
        ("redis://[::1]:6380/", None),
        ("rediss://redis.example:6380/15", None),
        ("redis://:s3cret@redis.example", None),
        ("redis://gateway:s3cret@redis.example/0", None),
        ("", Some("is not a URL")),
        ("s3cret", Some("is not a URL")),
        ("redis.example:6379", Some(SCHEME)),
        ("https://redis.example", Some(SCHEME)),
        ("unix:///run/redis.sock", Some(SCHEME)),
        ("redis+unix:///run/redis.sock", Some(SCHEME)),
        ("redis:///0", Some("has no host")),
        ("redis://redis.example:x", Some("is not a URL")),
        (
            "redis://redis.example/s3cret",
            Some("has a path that is not the number of a database"),
        ),
        (
            "redis://redis.example/0/1",
            Some("has a path that is not the number of a database"),
        ),
        (
            "redis://redis.example/-1",
            Some("has a path that is not the number of a database"),
        ),
        (
            "redis://redis.example/9999999999",
            Some("has a path that is not the number of a database"),
        ),
        (
            "redis://redis.example?protocol=resp3",
            Some("has a query or a fragment"),
        ),
        (
            "rediss://redis.example/#insecure",
            Some("has a query or a fragment"),
        ),
        (
            "redis://s3cret@redis.example",
            Some("has a user without a password"),
        ),
        (
            "redis://:%FF@redis.example",
            Some("has an invalid host, user or password"),
        ),
        (
            "redis://0.0.0.0",
            Some("has an invalid host, user or password"),
        ),
    ] {
        let error = RedisSessions::new(url).err();
        let told = error
            .as_ref()
            .map(|error| (error.setting(), error.problem()));
        assert_eq!(told, problem.map(|problem| ("redis URL", problem)), "{url}");
    }
    let sessions = RedisSessions::new("rediss://redis.example").unwrap();
    for (prefix, expected) in [
        ("", true),
        ("team-a:{x}", true),
        (&"x".repeat(100), true),
        (&"x".repeat(101), false),
        ("a b", false),
        ("a\n", false),
        ("é", false),
    ] {
        let made = sessions.clone().with_key_prefix(prefix);
        assert_eq!(made.is_ok(), expected, "{prefix}");
    }
    assert!(sessions.clone().with_timeout(Duration::ZERO).is_err());
    let (_, authority) = localhost();
    let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    for (name, url, pem, expected) in [
        ("an authority", "rediss://redis.example", &*authority, true),
        (
            "two of them",
            "rediss://redis.example",
            &authority.repeat(2),
            true,
        ),
        ("without TLS", "redis://redis.example", &authority, false),
        ("nothing", "rediss://redis.example", "", false),
        ("no PEM", "rediss://redis.example", "no PEM", false),
        ("a broken one", "rediss://redis.example", broken, false),
    ] {
        let sessions = RedisSessions::new(url).unwrap();
        let made = sessions.with_certificate_authorities(pem.as_bytes());
        assert_eq!(made.is_ok(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_hundred_requests_share_one_connection() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    for _ in 0..3 {
        let loads = (0..100).map(|_| sessions.load("session/a"));
        for loaded in futures_util::future::join_all(loads).await {
            assert_eq!(loaded.unwrap(), None);
        }
        assert_eq!(redis.connections(), 1);
        redis.be(Mood::CutsOnce);
    }
}
