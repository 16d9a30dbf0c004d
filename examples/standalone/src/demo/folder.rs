use std::io;
use std::path::{Path, PathBuf};

use http::{Extensions, HeaderMap, Method, Uri};
use s3s::dto::{
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, PutObjectInput,
};
use s3s::{Body, S3, S3Error, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

/// A folder as a read-only bucket: GET and HEAD of an object are all that the network reaches.
pub(super) struct Folder {
    files: FileSystem,
    root: PathBuf,
}

impl Folder {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let files = FileSystem::new(root).map_err(|error| plain(&error.into()))?;
        let root = root.to_owned();
        Ok(Self { files, root })
    }

    /// Writes an object.
    pub(super) async fn put(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        content: Vec<u8>,
    ) -> io::Result<()> {
        let input = PutObjectInput {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            content_type: Some(content_type.to_owned()),
            body: Some(Body::from(content).into()),
            ..PutObjectInput::default()
        };
        let request = S3Request {
            input,
            method: Method::PUT,
            uri: Uri::default(),
            headers: HeaderMap::default(),
            extensions: Extensions::default(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        };
        let put = self.files.put_object(request).await;
        put.map(drop).map_err(|error| plain(&error))
    }

    /// Refuses a folder, which s3s-fs opens as an object and then fails to read. It also reads `x/` as
    /// the file `x`.
    fn refuse_folder(&self, bucket: &str, key: &str) -> S3Result<()> {
        let path = self.root.join(bucket).join(key);
        if key.ends_with('/') || path.is_dir() {
            return Err(s3_error!(NoSuchKey));
        }
        Ok(())
    }
}

/// The cause of an error, without the debug output that s3s wraps it in.
fn plain(error: &S3Error) -> io::Error {
    io::Error::other(match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    })
}

#[async_trait::async_trait]
impl S3 for Folder {
    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        self.refuse_folder(&request.input.bucket, &request.input.key)?;
        self.files.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.refuse_folder(&request.input.bucket, &request.input.key)?;
        self.files.head_object(request).await
    }
}
