use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::DEADLINE;

/// A store that answers each request alike, after a look at who signed it. That signatures are
/// right is shown by the demo, whose store verifies them.
pub(crate) struct Store {
    pub(crate) url: String,
    targets: Receiver<String>,
}

impl Store {
    /// Sends `answer` as it stands, and then closes the connection.
    pub(crate) fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, targets) = channel();
        // The thread ends with the test process: it waits for connections and holds nothing.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(target) = answer_one(stream, answer) else {
                    continue;
                };
                if sender.send(target).is_err() {
                    return;
                }
            }
        });
        Self { url, targets }
    }

    /// The target of the next request.
    pub(crate) fn target(&self) -> String {
        self.targets.recv_timeout(DEADLINE).unwrap()
    }
}

fn answer_one(mut stream: TcpStream, answer: &str) -> Option<String> {
    let lines = BufReader::new(stream.try_clone().ok()?).lines();
    let head: Vec<_> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=AKID/";
    let is_signed = head.iter().any(|line| line.starts_with(signed));
    let denied = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answer = if is_signed { answer } else { denied };
    stream.write_all(answer.as_bytes()).ok()?;
    head.first()?.split(' ').nth(1).map(str::to_owned)
}
