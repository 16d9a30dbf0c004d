use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::aws::Payload;
use crate::path::ObjectKey;
use crate::upstream::RequestBody;

/// What a write stores. It can be sent several times, so that a write can be tried again.
#[derive(Clone)]
pub struct Content {
    payload: Payload,
    open: Arc<dyn Fn() -> RequestBody + Send + Sync>,
}

impl Content {
    /// Bytes that `open` reads anew each time, such as from a file. Their SHA-256 is known already; S3
    /// refuses others. The bodies must have an exact length, since S3 takes no other.
    pub fn reopened(
        sha256: [u8; 32],
        open: impl Fn() -> RequestBody + Send + Sync + 'static,
    ) -> Self {
        Self {
            payload: Payload::Sha256(sha256),
            open: Arc::new(open),
        }
    }

    /// Bytes whose SHA-256 is known.
    pub(super) fn hashed(bytes: Bytes, sha256: [u8; 32]) -> Self {
        Self::reopened(sha256, move || bytes.clone().into())
    }

    pub(in crate::s3) fn empty() -> Self {
        Self {
            payload: Payload::Empty,
            open: Arc::new(RequestBody::empty),
        }
    }

    pub(in crate::s3) fn payload(&self) -> Payload {
        self.payload
    }

    pub(in crate::s3) fn open(&self) -> RequestBody {
        (self.open)()
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        let payload = Payload::of(&bytes);
        Self {
            payload,
            open: Arc::new(move || bytes.clone().into()),
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").finish_non_exhaustive()
    }
}

/// An upload in parts that S3 has begun ("Multipart upload overview" in the Amazon S3 user guide).
#[derive(Clone, Debug)]
pub(in crate::s3) struct Upload {
    pub(in crate::s3) key: ObjectKey,
    pub(in crate::s3) id: String,
}
