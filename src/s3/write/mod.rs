//! Writing to a bucket.
//!
//! [`BucketWriter`] puts and deletes objects. What only reads, a [`BucketClient`](super::BucketClient), cannot
//! become one: a service that is given a reader cannot write, by the compiler.
//!
//! 1. Each request names the SHA-256 of its body in its signature, so that S3 refuses a body that was
//!    changed on the way.
//! 2. A write can be conditional: [`WriteOptions::if_absent`], [`WriteOptions::if_version`]. Of several at
//!    once, one is stored, and the others get [`PutOutcome::PreconditionFailed`].
//! 3. A request that gets no answer, or a temporary failure, is sent again as a read is. A conditional write
//!    that was stored by a try whose answer was lost is told from one that another writer made, by a number
//!    in the object's metadata. An upload in parts has such a number too.
//! 4. A stream of unknown length is buffered in parts of 8 MiB, of which four are sent at once. If it fails,
//!    or if nobody waits for it any more, the upload is aborted, so that S3 keeps no part of it.
//! 5. An answer of success without what proves it, an entity tag or the document of S3, is an error.
//! 6. [`BucketWriter::probe`] finds out whether a store obeys conditions. Not every store does.
//!
//! ```no_run
//! use bytes::Bytes;
//! use portcullis::aws::Credentials;
//! use portcullis::path::ObjectKey;
//! use portcullis::s3::{Bucket, BucketWriter, PutOutcome, WriteOptions};
//!
//! # async fn write() -> Result<(), Box<dyn std::error::Error>> {
//! let bucket = Bucket::new("wheels/packages", "eu-west-1")?;
//! let writer = BucketWriter::new(bucket, Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")?)?;
//! writer.probe().await?;
//! let key = ObjectKey::new("app/app-1.0.tar.gz", writer.reader().bucket().prefix())?;
//! let once = WriteOptions::new().if_absent();
//! match writer.put(&key, Bytes::from_static(b"...").into(), &once).await? {
//!     PutOutcome::Stored(etag) => println!("stored as version {etag}"),
//!     PutOutcome::PreconditionFailed => println!("there is one already"),
//!     _ => unreachable!(),
//! }
//! # Ok(())
//! # }
//! ```

mod abort;
mod options;
mod probe;
mod stream;
mod writer;

pub use self::options::{PutOutcome, WriteOptions};
pub use self::stream::StreamError;
pub use self::writer::BucketWriter;
