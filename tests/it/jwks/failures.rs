//! Answers that are not a key set, and providers that do not answer.

use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::{JwksErrorKind, JwksKeys};

use super::{Desk, Newer, URL};
use crate::support::fake_provider::{Answer, key_set};

const HOURS: u64 = 3600;

/// Each with the kind of its error.
fn failures() -> Vec<(&'static str, Answer, JwksErrorKind)> {
    use JwksErrorKind::{Fetch, Keys, Panicked, TimedOut};
    let padding = " ".repeat(256 * 1024);
    vec![
        ("an error of the server", Answer::status(500), Fetch),
        ("a refusal", Answer::status(403), Fetch),
        ("too many requests", Answer::status(429), Fetch),
        ("another success", Answer::status(203), Fetch),
        ("not modified", Answer::status(304), Fetch),
        ("HTML", Answer::ok("<html>Maintenance</html>"), Keys),
        ("nothing", Answer::ok(""), Keys),
        ("no JSON", Answer::ok(r#"{"keys":["#), Keys),
        ("bytes", Answer::ok(&b"\xff\xfe\0"[..]), Keys),
        ("another document", Answer::ok(r#"{"issuer":"x"}"#), Keys),
        ("too long", Answer::ok(key_set(&["a"]) + &padding), Fetch),
        (
            "compressed",
            Answer::keys(&["a"]).with("content-encoding", "gzip"),
            Fetch,
        ),
        (
            "a redirect off TLS",
            Answer::redirect(302, "http://id.example/keys"),
            Fetch,
        ),
        (
            "a redirect to the machine itself",
            Answer::redirect(302, "http://127.0.0.1/keys"),
            Fetch,
        ),
        (
            "a redirect to a file",
            Answer::redirect(302, "file:///keys"),
            Fetch,
        ),
        ("a redirect to nowhere", Answer::status(302), Fetch),
        (
            "two redirects in one",
            Answer::redirect(302, "/a").with("location", "/b"),
            Fetch,
        ),
        (
            "a redirect to itself",
            Answer::redirect(302, "/keys"),
            Fetch,
        ),
        ("nobody there", Answer::Breaks, Fetch),
        ("no answer", Answer::Hangs, TimedOut),
        ("a client that panics", Answer::Panics, Panicked),
    ]
}

/// Answers that say that the issuer has no keys.
fn withdrawals() -> Vec<(&'static str, Answer, JwksErrorKind)> {
    let unusable = r#"{"keys":[
        {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"},
        {"kty":"AKP","alg":"ML-DSA-44","pub":"AA"},
        {"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let rows = [
        ("an empty set", Answer::keys(&[])),
        ("no key that can be used", Answer::ok(unusable)),
        ("no such document", Answer::status(404)),
        ("no such document any more", Answer::status(410)),
    ];
    let rows = rows.into_iter();
    rows.map(|(name, answer)| (name, answer, JwksErrorKind::Withdrawn))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn withdrawn_keys_end_at_the_next_fetch() {
    for (name, answer, kind) in withdrawals() {
        let desk = Desk::with_keys(&["a"]).await;
        desk.publish(answer);
        desk.pass(600);
        assert_eq!(desk.at_hand().await, Some(1), "{name}, the fetch begins");
        assert_eq!(desk.at_hand().await, None, "{name}, it has ended");
        assert_eq!(desk.fetches(), 1, "{name}");
        assert_eq!(desk.failures().len(), 1, "{name}");
        assert_eq!(desk.unknown().await, Newer::Unavailable, "{name}");
        let error = desk.keys.fetch().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error:?}");

        // A failure does not bring them back.
        desk.publish(Answer::status(500));
        desk.pass(30);
        assert_eq!(desk.unknown().await, Newer::Lost, "{name}, an outage");
        assert_eq!(desk.at_hand().await, None, "{name}, an outage");
        desk.publish(Answer::keys(&["b", "c"]));
        desk.pass(30);
        assert_eq!(desk.unknown().await, Newer::Keys(2), "{name}, mended");
        assert_eq!(desk.at_hand().await, Some(2), "{name}, mended");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_keys_serve_for_a_day() {
    for (name, answer, kind) in failures() {
        let desk = Desk::with_keys(&["a"]).await;
        desk.publish(answer);
        let error = desk.keys.fetch().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
        assert_eq!(desk.failures(), [error.to_string()], "{name}");
        assert_eq!(desk.at_hand().await, Some(1), "{name}, at once");
        assert_eq!(desk.unknown().await, Newer::Unavailable, "{name}, at once");

        desk.pass(24 * HOURS - 1);
        assert_eq!(desk.at_hand().await, Some(1), "{name}, almost a day");
        let told = match kind {
            // The fetch that is due is still under way.
            JwksErrorKind::TimedOut => Newer::Lost,
            _ => Newer::Unavailable,
        };
        assert_eq!(desk.unknown().await, told, "{name}, almost a day");
        desk.pass(1);
        assert_eq!(desk.at_hand().await, None, "{name}, a day");
        assert_eq!(desk.unknown().await, Newer::Unavailable, "{name}, a day");

        desk.publish(Answer::keys(&["a", "b"]));
        desk.pass(30);
        assert_eq!(desk.at_hand().await, None, "{name}, mended");
        assert_eq!(desk.at_hand().await, Some(2), "{name}, mended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_startup_is_503_until_mended() {
    for (name, answer, kind) in failures().into_iter().chain(withdrawals()) {
        let desk = Desk::new();
        desk.publish(answer);
        assert_eq!(desk.at_hand().await, None, "{name}");
        assert_eq!(
            desk.fetches(),
            0,
            "{name}: nothing is fetched before it is needed"
        );
        assert_eq!(desk.unknown().await, Newer::Lost, "{name}");
        assert_eq!(desk.failures().len(), 1, "{name}");
        // `fetch` ignores the cooldown.
        let error = desk.keys.fetch().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(desk.unknown().await, Newer::Unavailable, "{name}");
        desk.publish(Answer::keys(&["a"]));
        desk.pass(30);
        assert_eq!(desk.unknown().await, Newer::Keys(1), "{name}");
        assert_eq!(desk.at_hand().await, Some(1), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_retried_after_the_cooldown() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.publish(Answer::status(500));
    desk.pass(600);
    for round in 0..20 {
        assert_eq!(desk.at_hand().await, Some(1));
        desk.pass(29);
        assert_eq!(desk.at_hand().await, Some(1));
        assert_eq!(desk.fetches(), 1, "round {round}");
        assert_eq!(desk.failures().len(), 1, "round {round}");
        desk.pass(1);
    }
    desk.publish(Answer::keys(&["a", "b"]));
    desk.at_hand().await;
    assert_eq!(desk.at_hand().await, Some(2));
    assert!(desk.failures().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_is_cut_off_at_its_limit() {
    let keys = JwksKeys::new(URL).unwrap();
    let desk = Desk::over(keys.with_timeout(std::time::Duration::from_secs(2)));
    desk.publish(Answer::keys(&["a"]));
    desk.keys.fetch().await.unwrap();
    desk.publish(Answer::Hangs);
    let begun = tokio::time::Instant::now();
    assert_eq!(
        desk.keys.fetch().await.unwrap_err().kind(),
        JwksErrorKind::TimedOut
    );
    assert_eq!(begun.elapsed().as_secs(), 2);
    desk.publish(Answer::status(500));
    assert_eq!(desk.fetches(), 2);
    for (pass, told, fetches) in [(29, Newer::Unavailable, 0), (1, Newer::Lost, 1)] {
        desk.pass(pass);
        assert_eq!(desk.unknown().await, told);
        assert_eq!(desk.fetches(), fetches);
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_may_ask_for_keys_itself() {
    let cell = std::sync::Arc::new(std::sync::OnceLock::<JwksKeys>::new());
    let seen = std::sync::Arc::clone(&cell);
    let desk = Desk::over(JwksKeys::new(URL).unwrap());
    let keys = desk.keys.clone().with_failure_observer(move |_| {
        let keys = seen.get().unwrap();
        assert!(keys.keys().is_none());
        drop(keys.newer_than(None));
    });
    cell.set(keys.clone()).unwrap();
    desk.publish(Answer::status(500));
    assert!(keys.fetch().await.is_err());
}
