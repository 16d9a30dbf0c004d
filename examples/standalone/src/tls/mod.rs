//! TLS: the certificate and its key, read from two files and again whenever these change.
//!
//! The files are looked at while connections come, at most once a second and on a thread that may
//! block; nothing runs while nobody connects. A pair that cannot be used is reported once, and the
//! one before it stays.

mod certificates;
mod files;

pub(crate) use self::certificates::Certificates;
pub(crate) use self::files::TlsFiles;
