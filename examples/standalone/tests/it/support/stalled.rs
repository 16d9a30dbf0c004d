use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

/// A store of unfinished objects: it sends five bytes and then nothing, or zeros for as long as they
/// are read.
pub(crate) struct Stalled {
    pub(crate) url: String,
}

impl Stalled {
    /// Sends only the beginning.
    pub(crate) fn start() -> Self {
        Self::serve(false)
    }

    /// Sends without end.
    pub(crate) fn endless() -> Self {
        Self::serve(true)
    }

    fn serve(is_endless: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // The threads end with the test process, and with the connections that they serve.
        thread::spawn(move || {
            let mut open = Vec::new();
            for mut stream in listener.incoming().map_while(Result::ok) {
                // An answer must follow the whole request.
                let request = BufReader::new(&stream).lines().map_while(Result::ok);
                request.take_while(|line| !line.is_empty()).for_each(drop);
                let head =
                    "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000000000000\r\n\r\nwheel";
                if stream.write_all(head.as_bytes()).is_err() {
                    continue;
                }
                if is_endless {
                    thread::spawn(move || while stream.write_all(&[0; 8192]).is_ok() {});
                } else {
                    open.push(stream);
                }
            }
        });
        Self { url }
    }
}
