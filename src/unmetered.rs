//! In place of `metrics` if its feature is off: nothing is counted.

#[cfg(feature = "s3-proxy")]
use std::time::Duration;
#[cfg(any(feature = "jwks", feature = "sigv4"))]
use std::time::SystemTime;

#[cfg(feature = "s3-proxy")]
pub(crate) fn s3_request(_outcome: &'static str, _took: Duration) {}

#[cfg(feature = "s3-write")]
pub(crate) fn s3_write(_outcome: &'static str) {}

#[cfg(feature = "sigv4")]
pub(crate) fn credentials_fetched(_at: SystemTime) {}

#[cfg(feature = "sigv4")]
pub(crate) fn credentials_failed() {}

#[cfg(feature = "jwks")]
pub(crate) fn key_set_fetched(_host: &str, _at: SystemTime) {}

#[cfg(feature = "jwks")]
pub(crate) fn key_set_failed(_host: &str) {}
