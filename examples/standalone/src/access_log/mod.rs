//! One line for each request, written when its response has ended.
//!
//! ```text
//! 2026-01-02T03:04:05.678Z 10.0.0.7:51234 1f0c9ab2-1 GET /simple/ 200 331B 2ms 1ms ci mount=/ serves=wheels/
//! 2026-01-02T03:04:06.012Z 10.0.0.7:51234 1f0c9ab2-2 GET / 401 17B 0ms - - reason="no credential" mount=/ serves=wheels/
//! 2026-01-02T03:04:07.345Z 10.0.0.8:40102 1f0c9ab2-3 GET /big.whl 200 65536B 40ms 9ms ci aborted mount=/ serves=wheels/
//! ```
//!
//! The fields are: time of arrival, client, request id, method, path without its query, status, bytes
//! of the body, time until the body ended, time until S3's answer began, and the admitted identity.
//! Then `aborted` if the response did not reach its end, the reason that a part gives for a response that
//! is not an object, and the mount with what it serves, if the request reached one. [`LogFormat::Json`] writes
//! the same as an object.
//!
//! No field holds a credential: a token in the path is redacted, headers are not logged, and reasons
//! hold none by their contract. Nothing that a client sends can end a line or forge a field. A value that is
//! too long is cut, and its length follows: `/x…(16384B)`.
//!
//! The same record is counted by [`AccessLogLayer::counted`], for the metrics.
//!
//! [`AccessLogLayer`] must be outermost, so that it sees every refusal. It assigns each request its id,
//! which the answer repeats as `X-Request-Id`. [`report_identity`] belongs just inside the gate, since
//! the identity is known only there, and [`report_mount`] is called by the mount.

mod body;
mod entry;
mod format;
mod future;
mod layer;
mod log;
mod meter;
mod record;
mod reported;
mod request_id;
mod service;

pub(crate) use self::format::{LogFormat, LogRequests};
pub(crate) use self::layer::AccessLogLayer;
pub(crate) use self::reported::{MountName, report_identity, report_mount};
pub(crate) use self::request_id::RequestIds;

#[cfg(test)]
mod tests;
