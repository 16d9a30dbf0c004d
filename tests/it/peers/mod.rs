//! The gateway between software of other makers: S3 servers, which verify signatures by code of their
//! own, identity providers, and the clients that people use.
//!
//! These tests need programs that cargo does not bring, so they are ignored unless asked for. They
//! fail, and do not pass, where a program is missing.

mod awkward_keys;
mod browser;
mod chaos;
mod folder;
mod gateway;
mod identity;
mod install;
mod layouts;
mod outage;
mod permissions;
mod radosgw;
mod ranges;
mod s3pypi;
mod server;
mod sign_in;
mod valkey;
mod writes;
