//! What the library counts, by the facade of the crate [`metrics`](https://docs.rs/metrics).
//!
//! Install a recorder of your choice; without one, nothing is kept. Call [`describe`] after it, if the recorder
//! shows descriptions.
//!
//! | name | kind | labels | what |
//! |---|---|---|---|
//! | `portcullis_s3_requests_total` | counter | `outcome` | requests to S3, each with its retries: `answered`, `missing`, `refused` (a precondition, range or parameter of the client), or the kind of the failure, such as `timed_out` |
//! | `portcullis_s3_writes_total` | counter | `outcome` | writes to S3, each with its retries, with the same outcomes |
//! | `portcullis_s3_first_byte_seconds` | histogram | | from such a request to the beginning of the answer |
//! | `portcullis_credentials_fetched_timestamp_seconds` | gauge | | when AWS credentials were last fetched |
//! | `portcullis_credentials_failures_total` | counter | | fetches of them that failed |
//! | `portcullis_key_set_fetched_timestamp_seconds` | gauge | `host` | when an issuer's keys were last fetched from this host |
//! | `portcullis_key_set_failures_total` | counter | `host` | fetches of them that failed |
//!
//! The values of labels come from the code and the configuration, never from a client, so that their number
//! is bounded.

#[cfg(feature = "s3-proxy")]
use std::time::Duration;
#[cfg(any(feature = "jwks", feature = "sigv4"))]
use std::time::SystemTime;

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Describes these metrics to the recorder that is installed: what each counts, and its unit.
pub fn describe() {
    describe_counter!(
        "portcullis_s3_requests_total",
        "Requests to S3, each with its retries."
    );
    describe_counter!(
        "portcullis_s3_writes_total",
        "Writes to S3, each with its retries."
    );
    describe_histogram!(
        "portcullis_s3_first_byte_seconds",
        Unit::Seconds,
        "Time from a request to S3 to the beginning of the answer."
    );
    describe_gauge!(
        "portcullis_credentials_fetched_timestamp_seconds",
        Unit::Seconds,
        "When AWS credentials were last fetched, as Unix time."
    );
    describe_counter!(
        "portcullis_credentials_failures_total",
        "Fetches of AWS credentials that failed."
    );
    describe_gauge!(
        "portcullis_key_set_fetched_timestamp_seconds",
        Unit::Seconds,
        "When an issuer's keys were last fetched from this host, as Unix time."
    );
    describe_counter!(
        "portcullis_key_set_failures_total",
        "Fetches of an issuer's keys that failed."
    );
}

#[cfg(feature = "s3-proxy")]
pub(crate) fn s3_request(outcome: &'static str, took: Duration) {
    ::metrics::counter!("portcullis_s3_requests_total", "outcome" => outcome).increment(1);
    ::metrics::histogram!("portcullis_s3_first_byte_seconds").record(took);
}

#[cfg(feature = "s3-write")]
pub(crate) fn s3_write(outcome: &'static str) {
    ::metrics::counter!("portcullis_s3_writes_total", "outcome" => outcome).increment(1);
}

#[cfg(feature = "sigv4")]
pub(crate) fn credentials_fetched(at: SystemTime) {
    ::metrics::gauge!("portcullis_credentials_fetched_timestamp_seconds").set(seconds(at));
}

#[cfg(feature = "sigv4")]
pub(crate) fn credentials_failed() {
    ::metrics::counter!("portcullis_credentials_failures_total").increment(1);
}

#[cfg(feature = "jwks")]
pub(crate) fn key_set_fetched(host: &str, at: SystemTime) {
    let host = host.to_owned();
    ::metrics::gauge!("portcullis_key_set_fetched_timestamp_seconds", "host" => host)
        .set(seconds(at));
}

#[cfg(feature = "jwks")]
pub(crate) fn key_set_failed(host: &str) {
    let host = host.to_owned();
    ::metrics::counter!("portcullis_key_set_failures_total", "host" => host).increment(1);
}

#[cfg(any(feature = "jwks", feature = "sigv4"))]
fn seconds(at: SystemTime) -> f64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}
