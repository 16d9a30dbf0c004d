//! A mount: a part of the URL space, the bucket behind it, and who may read it.
//!
//! Mounts are chosen by the canonical path, at the seams of its segments: `/a` has `/a` and
//! everything below `/a/`, and never `/ab`. A mount knows nothing of where it was configured.

mod access;
mod client;
mod exposed;
mod options;
mod path;
mod people;
mod timeouts;

pub(crate) use self::access::{Access, Method};
pub(crate) use self::exposed::exposed;
pub(crate) use self::options::ProxyOptions;
pub(crate) use self::path::MountPath;
pub(crate) use self::people::People;
pub(crate) use self::timeouts::Timeouts;

use std::sync::Arc;

use portcullis::JwksKeys;
use portcullis::aws::CredentialsProvider;
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::s3::Bucket;

/// What requests to S3 are signed with.
pub(crate) type Keys = Arc<dyn CredentialsProvider>;

/// One `[[mounts]]` of the file, or the one that flags and variables make.
pub(crate) struct Mount {
    pub(crate) path: MountPath,
    pub(crate) bucket: Bucket,
    /// Where the bucket is, in words.
    pub(crate) store: String,
    pub(crate) credentials: Keys,
    pub(crate) timeouts: Timeouts,
    pub(crate) access: Access,
    /// Keys of issuers, which are fetched at the start and again when they are old.
    pub(crate) keys: Vec<JwksKeys>,
    /// What tells clients where to get a token.
    pub(crate) metadata: Option<ResourceMetadata>,
    /// How people sign in, where they do.
    pub(crate) people: Option<People>,
    /// Whether a token may stand in the path: `/t/<token>/`.
    pub(crate) token_in_path: bool,
    /// Paths of the URL, canonical, that are read without a login.
    pub(crate) public: Vec<String>,
    /// The path of the URL whose object tells whether S3 answers; public as well.
    pub(crate) health: Option<String>,
    /// Whether `/x/` is `/x/index.html`.
    pub(crate) index: bool,
    pub(crate) options: ProxyOptions,
}
