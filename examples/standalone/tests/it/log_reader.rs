use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{DEADLINE, KEYS, OBJECT, Store, address_in, get};

/// A program that is killed at the end of the test.
struct Killed(Pid);

impl Drop for Killed {
    fn drop(&mut self) {
        // If the test has passed, it has ended.
        if thread::panicking() {
            let _ = kill_process(self.0, Signal::KILL);
        }
    }
}

#[test]
fn a_stalled_log_reader_blocks_nothing() {
    let store = Store::start(OBJECT);
    let (log, stderr) = io::pipe().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.args(["--listen", "127.0.0.1:0", "--insecure-no-auth"]);
    command.env_clear().envs([
        ("AWS_S3_BUCKET", "wheels"),
        ("S3_ENDPOINT_URL", &store.url),
        KEYS[0],
        KEYS[1],
    ]);
    let mut program = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap();
    // The command holds the end of the pipe that the program writes to.
    drop(command);
    let id = Pid::from_child(&program);
    let (sender, ended) = channel();
    thread::spawn(move || sender.send(program.wait().unwrap()));
    let _killed = Killed(id);

    let mut log = BufReader::new(log);
    let mut line = String::new();
    while !line.contains("serving") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0);
    }
    let address = address_in(&line);
    // Their lines are ten times the size of a pipe of 64 KiB.
    let target = format!("/{}", "x".repeat(1000));
    for _ in 0..640 {
        assert_eq!(get(&address, &target, None).status, 200);
    }
    kill_process(id, Signal::TERM).unwrap();
    assert_eq!(ended.recv_timeout(DEADLINE).unwrap().code(), Some(0));
    drop(log);
}
