//! TLS: the certificate and its key, read from two files and reloaded when these change.
//!
//! New connections trigger a check of the files, at most once a second and on a blocking thread, so
//! nothing runs while there are no connections. A pair that cannot be used is reported once, and the
//! previous one stays.

mod certificates;
mod files;

pub(crate) use self::certificates::Certificates;
pub(crate) use self::files::TlsFiles;
