//! The integration tests, in one binary.

#![allow(clippy::unwrap_used, reason = "what fails in a test is to panic")]

mod support;

mod allocations;
mod archives;
mod basic_auth;
mod canonical_path;
mod chaos;
mod config_errors;
mod contract;
mod credentials;
mod credentials_sources;
mod docs;
mod error_pages;
mod examples;
mod extract;
mod failed_logins;
mod folders;
mod fuzz_map;
mod gate;
mod gate_answers;
mod gate_any_of;
mod gate_bearer;
mod gate_carriers;
mod gate_refusals;
mod gate_scopes;
mod head;
mod health;
mod htpasswd;
mod index_rewrite;
mod jwks;
mod jwt;
mod jwt_corpus;
mod jwt_scope;
mod metrics;
mod path_token;
mod peers;
mod pypi;
mod reasons;
mod resource_metadata;
mod s3_client;
mod s3_errors;
mod s3_proxy;
mod s3_proxy_options;
mod s3_proxy_ranges;
mod secrecy;
mod session;
mod sigv4;
mod sso;
mod sso_provider;
mod stacks;
mod strip_prefix;
mod token;
mod token_auth;
mod tower_http_layers;
