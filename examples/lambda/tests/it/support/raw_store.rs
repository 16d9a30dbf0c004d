use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::DEADLINE;

/// A store whose answers the test writes byte by byte. [`Bucket`](super::Bucket) verifies signatures.
pub(crate) struct RawStore {
    listener: TcpListener,
    pub(crate) url: String,
}

impl RawStore {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// The environment that serves its bucket.
    pub(crate) fn environment(&self) -> [(&str, &str); 6] {
        [
            ("AWS_S3_BUCKET", "wheels"),
            ("AWS_REGION", "eu-west-1"),
            ("S3_ENDPOINT_URL", &self.url),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "s3cr3tkey"),
            ("PORTCULLIS_INSECURE_NO_AUTH", "1"),
        ]
    }

    /// Waits for the next request, reads its head, and returns the first line.
    async fn request(&self) -> (TcpStream, String) {
        let (mut stream, _) = timeout(DEADLINE, self.listener.accept())
            .await
            .unwrap()
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        (stream, head.lines().next().unwrap().to_owned())
    }

    /// Denies the next request, and returns its first line.
    pub(crate) async fn refuse(&self) -> String {
        let (mut stream, line) = self.request().await;
        let denied = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(denied).await.unwrap();
        line
    }

    /// Waits for the next request, announces an object of ten bytes, and sends half of it.
    pub(crate) async fn send_half(&self) -> TcpStream {
        let (mut stream, _) = self.request().await;
        let half = b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\nfirst";
        stream.write_all(half).await.unwrap();
        stream
    }
}
