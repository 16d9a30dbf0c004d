//! One line for each request, written when its response has ended.
//!
//! ```text
//! 2026-01-02T03:04:05.678Z 10.0.0.7:51234 1f0c9ab2-1 GET /simple/ 200 331B 2ms 1ms ci
//! 2026-01-02T03:04:06.012Z 10.0.0.7:51234 1f0c9ab2-2 GET / 401 17B 0ms - - reason="no credential"
//! 2026-01-02T03:04:07.345Z 10.0.0.8:40102 1f0c9ab2-3 GET /big.whl 200 65536B 40ms 9ms ci aborted
//! ```
//!
//! When it came, from where, under which id; method, path without its query, status, bytes of the
//! body; time until the body had ended, and until S3's answer began; who was admitted. Then
//! `aborted` where the response did not reach its end, and the reason that a part gives for a
//! response that is not an object. [`LogFormat::Json`] has the same as an object with names.
//!
//! A credential is in none of these: the path and the headers are logged by name alone, and the
//! reasons hold none by their contract. Nothing of a client's can end a line or pose as a field.
//!
//! [`AccessLogLayer`] stands outermost, so that it sees every refusal. It gives each request its id,
//! which the answer has as `X-Request-Id`. [`report_identity`] stands just inside the gate, since the
//! identity is known only there.

mod body;
mod entry;
mod escape;
mod format;
mod future;
mod identity;
mod layer;
mod log;
mod record;
mod request_id;
mod service;

pub(crate) use self::format::LogFormat;
pub(crate) use self::identity::report_identity;
pub(crate) use self::layer::AccessLogLayer;
pub(crate) use self::request_id::RequestIds;

#[cfg(test)]
mod tests;
