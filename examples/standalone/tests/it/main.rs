//! The program as it is built, from outside: what it prints, serves and ends with.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy allows it in test functions, and these helpers are for tests alone"
)]

mod attacks;
mod check;
mod clients;
mod demo;
mod deploy;
mod htpasswd;
mod http2;
mod http2_frames;
mod http_lint;
mod image;
mod jwt;
mod limits;
mod listen;
mod log_reader;
mod metrics;
mod mounts;
mod options;
mod password_guessing;
mod proxy_protocol;
mod serve;
mod settings;
mod shared_sessions;
mod shutdown;
mod smuggling;
mod sso;
mod stores;
mod streaming_proxy;
mod support;
mod timeouts;
mod tls;
mod tokens;
mod web;
