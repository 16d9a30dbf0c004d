//! Redis answers wrongly, late or not at all.

use std::error::Error as _;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use portcullis::session::{RedisSessions, SessionStore, SessionStoreError, SessionStoreErrorKind};
use tokio::task::yield_now;

use crate::support::clock::StandingClock;
use crate::support::fake_redis::{FakeRedis, Mood, patient};

const SECOND: Duration = Duration::from_secs(1);

/// The error of each method. None contains a key or a value.
async fn all_fail(sessions: &RedisSessions) -> Vec<SessionStoreError> {
    let value = b"v4lue".to_vec();
    let errors = vec![
        sessions.load("k3y").await.unwrap_err(),
        sessions.save("k3y", value, SECOND).await.unwrap_err(),
        sessions.take("k3y").await.unwrap_err(),
        sessions.delete("k3y").await.unwrap_err(),
        sessions.try_lock("k3y", SECOND).await.unwrap_err(),
        sessions.ping().await.unwrap_err(),
    ];
    for error in &errors {
        let printed = format!("{error} {error:?} {:?}", error.source());
        for secret in ["k3y", "v4lue", "locked", "secr3t"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    errors
}

#[tokio::test]
async fn an_error_fails_one_request_only() {
    use SessionStoreErrorKind::{Cluster, Malformed, Refused};
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    for (answer, kind, source, is_kept) in [
        (
            "-ERR unknown command 'secr3t' k3y v4lue\r\n",
            Refused,
            Some("ERR"),
            true,
        ),
        (
            "-LOADING Redis is loading the dataset in memory\r\n",
            Refused,
            Some("LOADING"),
            true,
        ),
        (
            "-MOVED 3999 127.0.0.1:6381\r\n",
            Cluster,
            Some("MOVED"),
            true,
        ),
        (
            "-CLUSTERDOWN The cluster is down\r\n",
            Cluster,
            Some("CLUSTERDOWN"),
            true,
        ),
        (
            "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
            Refused,
            Some("OOM"),
            true,
        ),
        (
            "-NOPERM this user has no permissions to run k3y\r\n",
            Refused,
            Some("NOPERM"),
            true,
        ),
        ("-secr3t\r\n", Refused, Some("no code"), true),
        (
            "-READONLY You can't write against a read only replica.\r\n",
            Refused,
            Some("READONLY"),
            false,
        ),
        ("*1\r\n$1\r\nv\r\n", Malformed, None, false),
        ("+QUEUED\r\n", Malformed, None, false),
        ("secr3t\r\n", Malformed, None, false),
        (
            "HTTP/1.1 400 Bad Request\r\nk3y: v4lue\r\n\r\n",
            Malformed,
            None,
            false,
        ),
        ("\0\0\0\0", Malformed, None, false),
    ] {
        sessions.ping().await.unwrap();
        redis.connections();
        redis.be(Mood::Says(answer));
        for error in all_fail(&sessions).await {
            assert_eq!(error.kind(), kind, "{answer}");
            let told = error.source().map(ToString::to_string);
            assert_eq!(told.as_deref(), source, "{answer}");
        }
        redis.be(Mood::Works);
        sessions.ping().await.unwrap();
        assert_eq!(redis.connections(), if is_kept { 0 } else { 6 }, "{answer}");
    }
}

#[tokio::test]
async fn answers_of_another_type_are_malformed() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    for (answer, taken) in [
        ("$2\r\nOK\r\n", [true, false, true, false, false, false]),
        ("+OK\r\n", [false, true, false, false, true, false]),
        ("$-1\r\n", [true, false, true, false, true, false]),
        (":1\r\n", [false, false, false, true, false, false]),
        ("+PONG\r\n", [false, false, false, false, false, true]),
    ] {
        redis.be(Mood::Says(answer));
        let seen = [
            sessions.load("k").await.is_ok(),
            sessions.save("k", Vec::new(), SECOND).await.is_ok(),
            sessions.take("k").await.is_ok(),
            sessions.delete("k").await.is_ok(),
            sessions.try_lock("k", SECOND).await.is_ok(),
            sessions.ping().await.is_ok(),
        ];
        assert_eq!(seen, taken, "{answer}");
    }
}

#[tokio::test]
async fn a_closed_connection_repeats_the_command() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    sessions.save("k", b"v".to_vec(), SECOND).await.unwrap();
    redis.hang_up();
    assert_eq!(sessions.load("k").await.unwrap().unwrap(), b"v");
    for mood in [Mood::CutsOnce, Mood::CutsOnceAfterwards] {
        redis.be(mood);
        assert_eq!(sessions.load("k").await.unwrap().unwrap(), b"v", "{mood:?}");
    }
    assert_eq!(redis.connections(), 4);
    redis.asked();

    // The first command may have taken effect. The second answer counts: there is nothing to take, and
    // the lock is held.
    redis.be(Mood::CutsOnceAfterwards);
    assert_eq!(sessions.take("k").await.unwrap(), None);
    redis.be(Mood::CutsOnceAfterwards);
    assert!(!sessions.try_lock("l", SECOND).await.unwrap());
    let take = "GETDEL portcullis:k";
    let lock = "SET portcullis:l locked NX PX 1000";
    assert_eq!(redis.asked(), [take, take, lock, lock]);
}

#[tokio::test]
async fn an_abandoned_request_leaves_no_answer() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    for key in ["a", "b"] {
        sessions.save(key, key.into(), SECOND).await.unwrap();
    }
    redis.connections();
    redis.asked();
    for _ in 0..50 {
        let mut left = sessions.load("a");
        assert!((&mut left).now_or_never().is_none());
        // Its command has been sent and not answered.
        yield_now().await;
        drop(left);
        assert_eq!(sessions.load("b").await.unwrap().unwrap(), b"b");
    }
    let asked = redis.asked();
    assert_eq!(asked[..2], ["GET portcullis:a", "GET portcullis:b"]);
    assert_eq!((asked.len(), redis.connections()), (100, 0));
    // The same if it is abandoned while all requests wait for the connection.
    redis.hang_up();
    assert!(sessions.load("a").now_or_never().is_none());
    assert_eq!(sessions.load("b").await.unwrap().unwrap(), b"b");
}

#[tokio::test]
async fn an_outage_needs_no_restart() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = patient(redis.url());
    for _ in 0..2 {
        sessions.ping().await.unwrap();
        redis.be(Mood::IsAway);
        redis.hang_up();
        for error in all_fail(&sessions).await {
            assert_eq!(error.kind(), SessionStoreErrorKind::Unreachable);
        }
        redis.be(Mood::Works);
    }
    // Nothing listens on port 1.
    let nobody = patient("redis://127.0.0.1:1");
    for error in all_fail(&nobody).await {
        assert_eq!(error.kind(), SessionStoreErrorKind::Unreachable);
        let source = error.source().unwrap().to_string();
        assert!(source.contains("refused"), "{source}");
    }
}

#[tokio::test]
async fn a_silent_server_gets_a_new_connection() {
    let redis = FakeRedis::start(StandingClock::new()).await;
    let sessions = RedisSessions::new(redis.url()).unwrap();
    let sessions = sessions.with_timeout(Duration::from_millis(100)).unwrap();
    redis.be(Mood::Hangs);
    let begun = Instant::now();
    for error in all_fail(&sessions).await {
        assert_eq!(error.kind(), SessionStoreErrorKind::TimedOut);
    }
    assert!(begun.elapsed() >= Duration::from_millis(600));
    assert_eq!(redis.connections(), 6);
    redis.be(Mood::Works);
    // The machine may be slow.
    let sessions = sessions.with_timeout(Duration::from_mins(1)).unwrap();
    sessions.ping().await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_connection_is_bounded() {
    // It accepts connections and never answers.
    let redis = FakeRedis::start(StandingClock::new()).await;
    redis.be(Mood::Hangs);
    let url = format!("redis://:s3cret@{}", redis.address);
    let sessions = RedisSessions::new(url).unwrap();
    let sessions = sessions.with_timeout(Duration::from_millis(200)).unwrap();
    let begun = Instant::now();
    let loads = (0..100).map(|_| sessions.load("session/a"));
    for loaded in futures_util::future::join_all(loads).await {
        assert_eq!(loaded.unwrap_err().kind(), SessionStoreErrorKind::TimedOut);
    }
    // One after the other, they would take 20 seconds.
    assert!(begun.elapsed() < 10 * SECOND, "{:?}", begun.elapsed());
}
