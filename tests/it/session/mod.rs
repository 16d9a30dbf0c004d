//! Session stores.

mod memory;
mod redis;
mod redis_trouble;
mod vcap_services;
