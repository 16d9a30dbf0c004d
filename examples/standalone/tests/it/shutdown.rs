use std::fs::File;
use std::net::TcpStream;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Connection, Demo, Gateway, KeepAlive, OBJECT, Stalled, Store};

/// More than the buffers of two connections hold, so that the request runs until it is read.
const LARGE: u64 = 64 * 1024 * 1024;

/// A demo with a request on it that cannot end before its client reads.
fn running_request() -> (TempDir, Demo, Connection) {
    let data = tempfile::tempdir().unwrap();
    let demo = Demo::start(["--data-dir".as_ref(), data.path().as_os_str()]);
    // A sparse file, which takes no space on the disk.
    let large = File::create(demo.bucket.join("large")).unwrap();
    large.set_len(LARGE).unwrap();
    let running = Connection::open(&demo.address, "GET", "/large", Some(&demo.login));
    assert_eq!(running.status(), 200);
    (data, demo, running)
}

#[test]
fn a_signal_drains_requests_and_closes_the_listener() {
    for signal in [Signal::TERM, Signal::INT] {
        let (_data, mut demo, running) = running_request();
        let idle = TcpStream::connect(&demo.address).unwrap();
        demo.program.signal(signal);
        demo.program.stderr_line(|line| line.contains("stopping"));
        assert!(TcpStream::connect(&demo.address).is_err());

        assert_eq!(running.finish().body.len() as u64, LARGE);
        let output = demo.program.output();
        assert_eq!(output.code, Some(0), "{output:?}");
        let line = output.stderr.last().unwrap();
        let served = format!(" GET /large 200 {LARGE}B ");
        assert!(line.contains(&served), "{line}");
        assert!(line.contains(" demo mount="), "{line}");
        drop(idle);
    }
}

#[test]
fn idle_connections_are_answered_once_more_then_closed() {
    let store = Store::start(OBJECT);
    let times = "[shutdown]\ngrace_seconds = 60\ndeadline_seconds = 60\n";
    let text = format!("{times}{}", Gateway::open_mount(&store.url));
    let mut gateway = Gateway::start(&text);
    // Enough that the last one is used some time after the signal.
    let mut idle: Vec<_> = (0..50).map(|_| KeepAlive::open(&gateway.address)).collect();
    for connection in &mut idle {
        let before = connection.get("/a");
        assert_eq!((before.status, before.header("connection")), (200, None));
    }
    gateway.program.signal(Signal::TERM);
    gateway
        .program
        .stderr_line(|line| line.contains("stopping"));
    assert!(TcpStream::connect(&gateway.address).is_err());
    for mut connection in idle {
        let after = connection.get("/b");
        assert_eq!((after.status, after.text()), (200, "wheel"));
        assert_eq!(after.header("connection"), Some("close"));
        assert_eq!(connection.rest(), "");
    }
    // The last connection has ended by now, long before the end of the grace period.
    let output = gateway.program.output();
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn idle_connections_end_with_the_grace() {
    let store = Store::start("");
    let text = Gateway::open_mount(&store.url);
    let mut gateway = Gateway::start(&format!("[shutdown]\ngrace_seconds = 1\n{text}"));
    let idle = KeepAlive::open(&gateway.address);
    gateway.program.signal(Signal::TERM);
    gateway
        .program
        .stderr_line(|line| line.contains("stopping"));
    assert_eq!(idle.rest(), "");
    assert_eq!(gateway.program.output().code, Some(0));
}

#[test]
fn a_request_is_cut_off_at_the_deadline() {
    let stalled = Stalled::start();
    let text = Gateway::open_mount(&stalled.url);
    let times = "[shutdown]\ngrace_seconds = 1\ndeadline_seconds = 2\n";
    let mut gateway = Gateway::start(&format!("{times}{text}"));
    let running = Connection::open(&gateway.address, "GET", "/x", None);
    assert_eq!(running.status(), 200);
    gateway.program.signal(Signal::TERM);
    gateway
        .program
        .stderr_line(|line| line.contains("stopping"));
    let output = gateway.program.output();
    assert_eq!(output.code, Some(0), "{output:?}");
    let said = |words: &str| output.stderr.iter().any(|line| line.contains(words));
    assert!(
        said("stopped at the deadline; open connections: 1"),
        "{output:?}"
    );
    assert!(said(" GET /x 200 5B ") && said(" aborted"), "{output:?}");
    drop(running);
}

#[test]
fn supervisors_may_repeat_their_signals() {
    let (_data, mut demo, running) = running_request();
    for signal in [Signal::HUP, Signal::USR1, Signal::USR2, Signal::HUP] {
        demo.program.signal(signal);
    }
    let line = demo.program.stderr_line(|line| line.contains("SIGHUP"));
    assert!(line.contains("needs a restart"), "{line}");
    assert_eq!(demo.get("/").status, 200);
    demo.program.signal(Signal::TERM);
    demo.program.stderr_line(|line| line.contains("stopping"));
    for signal in [Signal::TERM, Signal::HUP, Signal::TERM] {
        demo.program.signal(signal);
    }
    assert_eq!(running.finish().body.len() as u64, LARGE);
    let output = demo.program.output();
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn an_interrupt_ends_the_running_request() {
    for first in [Signal::TERM, Signal::INT] {
        let (_data, mut demo, running) = running_request();
        demo.program.signal(first);
        demo.program.stderr_line(|line| line.contains("stopping"));
        demo.program.signal(Signal::INT);
        let output = demo.program.output();
        assert_eq!(output.code, Some(1), "{output:?}");
        let aborted = output
            .stderr
            .iter()
            .any(|line| line.contains(" demo aborted"));
        assert!(aborted, "{output:?}");
        drop(running);
    }
}
