//! The objects of a bucket, or of a part of one.

mod document;
mod health;
mod judge;
mod keys;
mod leaf;

pub(crate) use self::document::Document;
pub(crate) use self::health::health_path;
pub(crate) use self::judge::judge;
pub(crate) use self::leaf::S3;
