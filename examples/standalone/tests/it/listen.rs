//! Sockets other than those that the program opens by an address.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::{DEADLINE, Gateway, KEYS, OBJECT, Program, Store, get};

fn environment(store: &Store) -> [(&str, &str); 5] {
    [
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &store.url),
        KEYS[0],
        KEYS[1],
        ("BASIC_AUTH", "ci:pa55word"),
    ]
}

/// The status of a request over a Unix socket, in the name of a client.
fn ask(path: &Path, client: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let head = format!(
        "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {client}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[test]
fn a_unix_socket_is_served_and_replaced() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.sock");
    // An earlier process has left it.
    drop(UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let arguments = ["--listen", &*listen, "--insecure-no-auth"];
    for (trusted, client) in [("127.0.0.1", " 203.0.113.7 "), ("", " 127.0.0.1:0 ")] {
        let more = [("BASIC_AUTH", ""), ("TRUSTED_PROXIES", trusted)];
        let variables = environment(&store).into_iter().chain(more);
        let mut program = Program::start(arguments, variables);
        let line = program.stderr_line(|line| line.contains("serving"));
        assert!(line.ends_with(&format!(" on {listen} (http)")), "{line}");
        let permissions = fs::metadata(&path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o660);
        assert_eq!(ask(&path, "203.0.113.7"), "HTTP/1.1 200 OK");
        let line = program.stderr_line(|line| line.contains(" GET /x "));
        assert!(line.contains(client), "{line}");

        let variables = environment(&store).into_iter().chain([("BASIC_AUTH", "")]);
        let second = Program::start(arguments, variables).output();
        assert_eq!(second.code, Some(2), "{second:?}");
        let line = second.stderr.last().unwrap();
        assert!(line.ends_with("another process answers there"), "{line}");
        program.signal(Signal::TERM);
        assert_eq!(program.output().code, Some(0));
    }
}

#[test]
fn operators_may_use_a_unix_socket() {
    let store = Store::start(OBJECT);
    let mount = Gateway::open_mount(&store.url);
    let admin = "[admin]\nlisten = 'unix:{folder}/admin.sock'\n[health]\nlive = '/live'\n";
    let gateway = Gateway::start(&format!("{admin}{mount}"));
    let path = gateway.folder.path().join("admin.sock");
    assert_eq!(ask(&path, "-"), "HTTP/1.1 404 Not Found");
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.write_all(b"GET /live HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
}

/// Starts the program as systemd does: with the socket as descriptor 3 and its own process id.
fn activated(socket: OwnedFd, variables: &str, store: &Store) -> Program {
    let mut command = Command::new("sh");
    let script = format!("exec 3<&0 0</dev/null; {variables} exec \"$0\" --listen systemd");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_portcullis")])
        .env_clear()
        .envs(environment(store))
        .stdin(Stdio::from(socket));
    Program::spawn(command)
}

const PASSED: &str = "LISTEN_FDS=1 LISTEN_PID=$$";

#[test]
fn a_socket_of_systemd_is_served() {
    let store = Store::start(OBJECT);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut program = activated(socket.into(), PASSED, &store);
    assert_eq!(program.address(), address);
    assert_eq!(get(&address, "/x", Some("ci:pa55word")).status, 200);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.sock");
    let socket = UnixListener::bind(&path).unwrap();
    let mut program = activated(socket.into(), PASSED, &store);
    program.stderr_line(|line| line.ends_with("p.sock (http)"));
    assert_eq!(ask(&path, "-"), "HTTP/1.1 401 Unauthorized");
}

#[test]
fn a_socket_that_was_not_passed_is_named() {
    let store = Store::start(OBJECT);
    for (name, variables, problem) in [
        ("no variables", "", "no socket was passed by LISTEN_FDS"),
        (
            "for another process",
            "LISTEN_FDS=1 LISTEN_PID=1",
            "no socket was passed by LISTEN_FDS",
        ),
        (
            "two",
            "LISTEN_FDS=2 LISTEN_PID=$$",
            "2 sockets were passed by LISTEN_FDS, expected one",
        ),
    ] {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let output = activated(socket.into(), variables, &store).output();
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        let line = output.stderr.last().unwrap();
        let expected = format!("portcullis: --listen (flag): {problem}");
        assert!(line.starts_with(&expected), "{name}: {line}");
    }
    let file = fs::File::open("/dev/null").unwrap();
    let output = activated(file.into(), PASSED, &store).output();
    assert_eq!(output.code, Some(2), "{output:?}");
    let line = output.stderr.last().unwrap();
    assert!(line.contains("is not a socket"), "{line}");
}
