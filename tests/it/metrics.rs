//! What the library counts, seen by a recorder of this thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use portcullis::aws::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, RefreshingCredentials,
};
use portcullis::jwt::jwks::JwksKeys;

use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};

/// Runs `scenario`, and returns what was recorded: each name with its labels, and its value.
fn recorded(scenario: impl Future<Output = ()>) -> Vec<(String, f64)> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let mut runtime = runtime;
        runtime.enable_all().build().unwrap().block_on(scenario);
    });
    let mut samples: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let key = key.key();
            let labels = key
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()));
            let labels = labels.collect::<Vec<_>>().join(",");
            let value = match value {
                DebugValue::Counter(count) => f64::from(u32::try_from(count).unwrap()),
                DebugValue::Gauge(value) => value.into_inner(),
                DebugValue::Histogram(values) => f64::from(u32::try_from(values.len()).unwrap()),
            };
            (format!("{}{{{labels}}}", key.name()), value)
        })
        .collect();
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    samples
}

/// Gives credentials that are due at once, until it fails.
#[derive(Debug, Default)]
struct Source {
    fails: AtomicBool,
}

impl CredentialsProvider for Source {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let fails = self.fails.load(Ordering::Relaxed);
        CredentialsFuture::ready(if fails {
            Err(CredentialsError::new("out of order"))
        } else {
            Ok(Credentials::new("AKIDEXAMPLE", "secret").unwrap())
        })
    }
}

fn seconds(clock: &StandingClock) -> f64 {
    let now = portcullis::Clock::now(clock);
    now.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

#[test]
fn fetched_credentials_are_dated_and_failures_counted() {
    let clock = StandingClock::new();
    let at = seconds(&clock);
    let given = RefreshingCredentials::new(Source::default()).with_clock(clock.clone());
    let refused = Source {
        fails: AtomicBool::new(true),
    };
    let refused = RefreshingCredentials::new(refused).with_clock(clock);
    let samples = recorded(async move {
        given.credentials().await.unwrap();
        // They are at hand.
        given.credentials().await.unwrap();
        refused.credentials().await.unwrap_err();
    });
    assert_eq!(
        samples,
        [
            (String::from("portcullis_credentials_failures_total{}"), 1.0),
            (
                String::from("portcullis_credentials_fetched_timestamp_seconds{}"),
                at
            ),
        ]
    );
}

#[test]
fn fetched_key_sets_are_dated_and_failures_counted() {
    let clock = StandingClock::new();
    let at = seconds(&clock);
    let keys = |url, provider: &Arc<FakeProvider>| {
        let keys = JwksKeys::new(url).unwrap();
        keys.with_client(Arc::clone(provider))
            .with_clock(clock.clone())
    };
    let (up, down) = (FakeProvider::new(), FakeProvider::new());
    up.publish("/keys", Answer::keys(&["a"]));
    let good = keys("https://id.example/keys?key=s3cret", &up);
    let bad = keys("https://other.example/keys", &down);
    let samples = recorded(async move {
        good.fetch().await.unwrap();
        bad.fetch().await.unwrap_err();
    });
    assert_eq!(
        samples,
        [
            (
                String::from("portcullis_key_set_failures_total{host=other.example}"),
                1.0
            ),
            (
                String::from("portcullis_key_set_fetched_timestamp_seconds{host=id.example}"),
                at
            ),
        ]
    );
}
