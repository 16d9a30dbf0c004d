use std::convert::Infallible;
use std::fs;
use std::path::Path;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::service_fn;

const SECRET: &str = "a/strange+secret=key";

/// A bucket in a store whose signatures are verified by `s3s`, which shares no code with the signer.
pub(crate) struct Bucket {
    url: String,
    _folder: TempDir,
    accepting: JoinHandle<()>,
}

impl Bucket {
    pub(crate) async fn start(objects: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("wheels");
        fs::create_dir(&bucket).unwrap();
        for (key, content) in objects {
            let path = bucket.join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepting = tokio::spawn(serve(listener, store(folder.path())));
        Self {
            url,
            _folder: folder,
            accepting,
        }
    }

    /// The environment that serves it, with more variables.
    pub(crate) fn environment<'a>(
        &'a self,
        more: &[(&'a str, &'a str)],
    ) -> Vec<(&'a str, &'a str)> {
        let mut variables = vec![
            ("AWS_S3_BUCKET", "wheels"),
            ("AWS_REGION", "eu-west-1"),
            ("S3_ENDPOINT_URL", &*self.url),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
        ];
        variables.extend(more);
        variables
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn store(folder: &Path) -> S3Service {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single("AKID", SECRET));
    builder.build()
}

async fn serve(listener: TcpListener, store: S3Service) {
    // Dropping the set, with the task, ends the connections.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let store = store.clone();
        let service = TowerToHyperService::new(service_fn(move |request: http::Request<_>| {
            let store = store.clone();
            async move {
                let answer = store.call(request.map(s3s::Body::from)).await;
                Ok::<_, Infallible>(answer.expect("the store answers every request"))
            }
        }));
        connections.spawn(async move {
            let server = http1::Builder::new();
            // It is not the store's fault if the gateway aborts a connection.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
