use std::fs;
use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{DEADLINE, KEYS, KeepAlive, OBJECT, Store, address_in, get};

/// A program whose log is read by the test alone. It is killed at the end of a test that fails.
struct Unread {
    id: Pid,
    address: String,
    log: BufReader<PipeReader>,
    ended: Receiver<ExitStatus>,
}

impl Unread {
    /// Starts the program, and reads its log until it serves.
    fn start(gate: (&str, &str), arguments: &[&str], store: &Store) -> Self {
        let (log, stderr) = io::pipe().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let bucket = [("AWS_S3_BUCKET", "wheels"), ("S3_ENDPOINT_URL", &store.url)];
        command.env_clear().envs(bucket).envs(KEYS).envs([gate]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut program = command.stderr(stderr).spawn().unwrap();
        // The command holds the end of the pipe that the program writes to.
        command.stderr(Stdio::null());
        let id = Pid::from_child(&program);
        let (sender, ended) = channel();
        thread::spawn(move || sender.send(program.wait().unwrap()));
        let mut unread = Self {
            id,
            address: String::new(),
            log: BufReader::new(log),
            ended,
        };
        let mut line = String::new();
        while !line.contains("serving") {
            line.clear();
            assert_ne!(unread.log.read_line(&mut line).unwrap(), 0);
        }
        unread.address = address_in(&line);
        unread
    }

    fn terminate(&self) {
        kill_process(self.id, Signal::TERM).unwrap();
    }

    /// The resident memory in KiB.
    fn memory(&self) -> u64 {
        let id = self.id.as_raw_nonzero();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let number = line.unwrap().trim().trim_end_matches(" kB");
        number.parse().unwrap()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // If the test has passed, it has ended.
        if thread::panicking() {
            let _ = kill_process(self.id, Signal::KILL);
        }
    }
}

#[test]
fn a_stalled_log_reader_blocks_nothing() {
    let store = Store::start(OBJECT);
    let program = Unread::start(("BASIC_AUTH", ""), &["--insecure-no-auth"], &store);
    // Their lines are ten times the size of a pipe of 64 KiB.
    let target = format!("/{}", "x".repeat(1000));
    for _ in 0..640 {
        assert_eq!(get(&program.address, &target, None).status, 200);
    }
    program.terminate();
    let ended = program.ended.recv_timeout(DEADLINE).unwrap();
    assert_eq!(ended.code(), Some(0));
}

/// Four connections send long paths without a login while the log is not read.
#[cfg(target_os = "linux")]
#[test]
fn long_paths_fill_neither_memory_nor_log() {
    const REFUSED: usize = 20;
    let store = Store::start(OBJECT);
    let mut program = Unread::start(("BASIC_AUTH", "ci:pa55word"), &[], &store);
    let address = &*program.address;
    let target = format!("/{}", "x".repeat(15_000));
    assert_eq!(get(address, &target, None).status, 401);
    let before = program.memory();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut attack = KeepAlive::open(address);
                for _ in 0..600 {
                    assert_eq!(attack.get(&target).status, 401);
                }
            });
        }
        for number in 0..REFUSED {
            let target = format!("/guess/{number}");
            // The failed logins of one user would be slowed down.
            let login = format!("guess{number}:wrong");
            assert_eq!(get(address, &target, Some(&login)).status, 401);
            assert_eq!(get(address, "/x", Some("ci:pa55word")).status, 200);
        }
    });
    let after = program.memory();
    let grown = after.saturating_sub(before);
    assert!(grown < 20 * 1024, "{before} KiB before, {after} KiB after");

    program.terminate();
    let mut log = String::new();
    program.log.read_to_string(&mut log).unwrap();
    let ended = program.ended.recv_timeout(DEADLINE).unwrap();
    assert_eq!(ended.code(), Some(0));
    for number in 0..REFUSED {
        let line = format!(" /guess/{number} 401 ");
        assert!(log.contains(&line), "{line} was lost");
    }
    let lost = |line: &&str| line.contains("log lines were lost");
    let notice = log.lines().find(lost).unwrap();
    let others = ", 0 of refused credentials, 0 of the program";
    assert!(notice.ends_with(others), "{notice}");
    assert!(log.contains("x…(15001B) 401 "), "no path is cut");
    assert!(log.lines().all(|line| line.len() < 4096));
    assert!(log.len() < 2 * 1024 * 1024, "{} bytes", log.len());
}
