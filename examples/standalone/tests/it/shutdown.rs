use std::fs::File;
use std::net::TcpStream;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Connection, Demo};

/// More than the buffers of two connections take, so that the request runs until it is read.
const LARGE: u64 = 64 * 1024 * 1024;

/// A demo with a request on it that cannot end before its client reads.
fn running_request() -> (TempDir, Demo, Connection) {
    let data = tempfile::tempdir().unwrap();
    let demo = Demo::start(["--data-dir".as_ref(), data.path().as_os_str()]);
    // A file of holes, which takes no room on the disk.
    let large = File::create(demo.bucket.join("large")).unwrap();
    large.set_len(LARGE).unwrap();
    let running = Connection::open(&demo.address, "GET", "/large", Some(&demo.login));
    assert_eq!(running.status(), 200);
    (data, demo, running)
}

#[test]
fn a_signal_lets_the_running_request_end_and_no_other_begin() {
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
        assert!(
            line.starts_with(&format!("GET /large 200 {LARGE}B ")),
            "{line}"
        );
        assert!(line.ends_with("ms demo"), "{line}");
        drop(idle);
    }
}

#[test]
fn a_second_signal_ends_the_running_request() {
    let (_data, mut demo, running) = running_request();
    demo.program.signal(Signal::TERM);
    demo.program.stderr_line(|line| line.contains("stopping"));
    demo.program.signal(Signal::TERM);
    let output = demo.program.output();
    assert_eq!(output.code, Some(1), "{output:?}");
    let aborted = output
        .stderr
        .iter()
        .any(|line| line.ends_with("ms demo aborted"));
    assert!(aborted, "{output:?}");
    drop(running);
}
