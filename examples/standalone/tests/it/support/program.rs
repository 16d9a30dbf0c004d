use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::DEADLINE;

/// The program as a child process, with an empty environment. It is killed on drop.
pub(crate) struct Program {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

/// The address in the log line about what is served.
pub(crate) fn address_in(line: &str) -> String {
    let (_, address) = line.rsplit_once("://").unwrap();
    address.split('/').next().unwrap().to_owned()
}

/// The output of a program that has ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

impl Program {
    pub(crate) fn start<A, N, V>(
        arguments: impl IntoIterator<Item = A>,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> Self
    where
        A: Into<OsString>,
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(arguments.into_iter().map(Into::into));
        command.env_clear().envs(environment);
        command.stdin(Stdio::null());
        Self::spawn(command)
    }

    /// Starts the program by a command that execs it, with the stdin of the command.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = Lines::of(child.stdout.take().unwrap());
        let stderr = Lines::of(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Waits for a line on stdout.
    pub(crate) fn stdout_line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        self.stdout.wait_for(wanted)
    }

    /// Waits for a line on stderr.
    pub(crate) fn stderr_line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        self.stderr.wait_for(wanted)
    }

    /// Waits until the program serves, and returns its address.
    pub(crate) fn address(&mut self) -> String {
        address_in(&self.stderr_line(|line| line.contains("serving")))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the program to end.
    pub(crate) fn output(mut self) -> Output {
        self.stdout.wait_for_end();
        self.stderr.wait_for_end();
        // Both were closed by the end of the program, so this does not wait.
        let status = self.child.wait().unwrap();
        Output {
            code: status.code(),
            stdout: std::mem::take(&mut self.stdout.read),
            stderr: std::mem::take(&mut self.stderr.read),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // These fail if it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, read by a thread so that tests can wait with a deadline.
struct Lines {
    coming: Receiver<String>,
    read: Vec<String>,
    /// The number of lines in `read` that were examined.
    seen: usize,
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, coming) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let (read, seen) = (Vec::new(), 0);
        Self { coming, read, seen }
    }

    fn wait_for(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            while let Some(line) = self.read.get(self.seen) {
                self.seen += 1;
                if wanted(line) {
                    return line.clone();
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.coming.recv_timeout(left) {
                Ok(line) => self.read.push(line),
                Err(error) => panic!("the line did not come ({error}): {:#?}", self.read),
            }
        }
    }

    fn wait_for_end(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.coming.recv_timeout(left) {
                Ok(line) => self.read.push(line),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => panic!("no end: {:#?}", self.read),
            }
        }
    }
}
