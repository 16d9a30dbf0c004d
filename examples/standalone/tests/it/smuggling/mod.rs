//! Requests that two parsers may read differently, as smuggling needs: to the program itself, and behind
//! nginx and `HAProxy`.
//!
//! Each shape has one interpretation: a refusal that closes the connection, or one answer for each request
//! in the log.

mod chunked;
mod direct;
mod fronts;
mod heads;
mod lengths;
mod shape;
mod targets;
