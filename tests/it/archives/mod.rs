//! `pypi::archive`: archives made by Python, by other crates, and by hand where one must lie.

mod digests;
mod forged_zip;
mod lookup;
mod sdist;
mod wheel;

use std::fs;

use portcullis::pypi::archive::{ArchiveError, ArchiveErrorKind};

use crate::docs::root;

/// The metadata in all archives of `make_vectors.py`.
const METADATA: &[u8] =
    b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n";

/// An archive that `make_vectors.py` wrote.
fn vector(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/it/archives/vectors").join(name)).unwrap()
}

/// The kind of an error and its message, or what there is instead.
fn told<T: std::fmt::Debug>(
    name: &str,
    result: Result<T, ArchiveError>,
) -> (ArchiveErrorKind, String) {
    let error = result.expect_err(name);
    let message = error.to_string();
    let is_printable = !message.chars().any(char::is_control) && message.len() < 700;
    assert!(is_printable, "{name}: {message}");
    (error.kind(), message)
}
