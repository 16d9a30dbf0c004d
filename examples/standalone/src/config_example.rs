use std::io::{self, Write};

use crate::failure::Failure;

/// A file with every setting, which tests read.
const EXAMPLE: &str = include_str!("../example.toml");

/// `portcullis config example`.
pub(crate) fn run() -> Result<(), Failure> {
    let printed = io::stdout().write_all(EXAMPLE.as_bytes());
    printed.map_err(|error| Failure::running(format!("cannot print: {error}")))
}
