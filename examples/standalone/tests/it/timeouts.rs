use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use tokio::net::TcpSocket;

use crate::support::{Connection, Gateway, KeepAlive, Stalled, accept_object, get};

/// An open mount of a store at `address`, with more settings in its `[mounts.s3]`.
fn serve(address: &str, settings: &str) -> Gateway {
    let mount = Gateway::open_mount(&format!("http://{address}"));
    Gateway::start(&format!("{mount}{settings}\n"))
}

/// The logged reason of the next request.
fn reason(gateway: &mut Gateway) -> String {
    let line = gateway.program.stderr_line(|line| line.contains(" GET "));
    line.split_once(" reason=").unwrap().1.to_owned()
}

#[test]
fn a_silent_store_times_out_as_configured() {
    // The program never accepts; the kernel does.
    let store = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = store.local_addr().unwrap().to_string();
    let mut gateway = serve(&address, "first_byte_seconds = 1");
    let begun = Instant::now();
    assert_eq!(get(&gateway.address, "/x", None).status, 504);
    // The default is 30.
    assert!((1..20).contains(&begun.elapsed().as_secs()));
    let reason = reason(&mut gateway);
    assert!(reason.contains("S3 took too long"), "{reason}");
}

#[test]
fn a_stalled_object_times_out_as_configured() {
    let store = Stalled::start();
    let address = store.url.trim_start_matches("http://");
    let mut gateway = serve(address, "idle_seconds = 1");
    let begun = Instant::now();
    let mut client = KeepAlive::open(&gateway.address);
    client.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    let answer = client.rest();
    assert!(answer.ends_with("\r\n\r\nwheel"), "{answer}");
    // The default is 30.
    assert!((1..20).contains(&begun.elapsed().as_secs()));
    let reason = reason(&mut gateway);
    assert!(reason.contains("nothing came for 1s"), "{reason}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connecting_has_a_timeout_of_its_own() {
    let store = TcpSocket::new_v4().unwrap();
    store.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    // Room for one connection that waits to be accepted; any other gets no answer.
    let store = store.listen(0).unwrap();
    let address = store.local_addr().unwrap();
    let _waits = TcpStream::connect(address).unwrap();
    let settings = "connect_seconds = 1\nfirst_byte_seconds = 4";
    let mut gateway = serve(&address.to_string(), settings);
    let connection = Connection::open(&gateway.address, "GET", "/x", None);
    // It would be 504 after the four seconds.
    assert_eq!(connection.status(), 502);
    let reason = reason(&mut gateway);
    assert!(reason.contains("tcp connect error"), "{reason}");
}

#[test]
fn a_mount_shares_connections_with_its_readiness_check() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut stream = accept_object(&listener);
        // A second connection is refused.
        drop(listener);
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let (mut is_head, lines) = (false, lines.map_while(Result::ok));
        for line in lines {
            is_head |= line.starts_with("HEAD ");
            if line.is_empty() {
                let body = if std::mem::take(&mut is_head) {
                    ""
                } else {
                    "wheel"
                };
                let answer =
                    format!("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    let mount = Gateway::open_mount(&format!("http://{address}"));
    let text = format!("[health]\nready = '/-/ready'\n{mount}health_key = 'h'\n");
    let gateway = Gateway::start(&text);
    assert_eq!(get(&gateway.address, "/x", None).text(), "wheel");
    assert_eq!(get(&gateway.address, "/-/ready", None).status, 200);
}
