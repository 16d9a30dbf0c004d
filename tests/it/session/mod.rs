//! Where sessions are kept.

mod memory;
mod redis;
mod redis_trouble;
mod vcap_services;
