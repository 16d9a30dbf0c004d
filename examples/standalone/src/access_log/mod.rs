//! One line for each request, written when its response has ended.
//!
//! ```text
//! GET /portcullis-demo/ 200 331B 2ms demo
//! GET / 401 17B 0ms - reason="no credential"
//! GET /big.whl 200 65536B 40ms ci aborted
//! ```
//!
//! Method, path without its query, status, bytes of the body, time until the body had ended, who
//! was admitted. Then `aborted` where the response did not reach its end, and the reason that a
//! part gives for a response that is not an object. A credential is in none of these: the path
//! and the headers are logged by name alone, and the reasons hold none by their contract.
//!
//! [`AccessLogLayer`] stands outermost, so that it sees every refusal. [`report_identity`] stands
//! just inside the gate, since the identity is known only there.

mod body;
mod entry;
mod escape;
mod future;
mod identity;
mod layer;
mod service;

pub(crate) use self::entry::Log;
pub(crate) use self::identity::report_identity;
pub(crate) use self::layer::AccessLogLayer;

#[cfg(test)]
mod tests;
