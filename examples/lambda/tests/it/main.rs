//! The program as it is built, before a Runtime API of Lambda that the tests play, and a bucket.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy allows it in test functions, and these helpers are for tests alone"
)]

mod emulator;
mod gates;
mod image;
mod objects;
mod paths;
mod settings;
mod streaming;
mod support;
mod tokens;
