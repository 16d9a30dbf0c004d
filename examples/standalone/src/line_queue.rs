use std::collections::VecDeque;
use std::fmt;
use std::io::Write;
use std::mem;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long the program waits at its end for lines that may never be read.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// How long lines are collected before they are written together, unless there are many. Waking the thread
/// and writing for each line would add two fifths to the work of a request for 1 KiB.
const GATHERING: Duration = Duration::from_millis(5);

/// The number of bytes at which the collected lines are written, even if more are waiting.
const LONGEST_WRITE: usize = 64 * 1024;

/// What a waiting line takes beside its bytes.
const OVERHEAD: usize = 64;

/// What a line is about. Each kind has room of its own in the queue, so that a flood of one loses no line
/// of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// A request.
    Request,
    /// A request whose credential was refused.
    Refusal,
    /// The program itself.
    Program,
}

impl LineKind {
    const ALL: [Self; 3] = [Self::Request, Self::Refusal, Self::Program];

    /// The part of the queue's bytes that this kind may take, in eighths.
    fn eighths(self) -> usize {
        match self {
            Self::Request => 5,
            Self::Refusal => 2,
            Self::Program => 1,
        }
    }
}

/// A queue of lines for a thread that writes them, so that only this thread waits for the reader. A log
/// collector that hangs must stop neither requests nor the end of the program.
pub(crate) struct LineQueue {
    shared: Arc<Shared>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    /// Notified when the thread has something to do and waits for it.
    work: Condvar,
}

struct Waiting {
    /// The bytes that all lines may take together.
    limit: usize,
    lines: VecDeque<(LineKind, Box<str>)>,
    /// The bytes of each kind, those that are being written included.
    bytes: [usize; 3],
    lost: Lost,
    /// Answered once no line is waiting.
    flushes: Vec<SyncSender<()>>,
    /// Whether the thread waits for work.
    is_idle: bool,
}

/// The lines of each kind that were lost since the last notice.
#[derive(Default)]
struct Lost([u64; 3]);

impl LineQueue {
    /// Starts the thread. The waiting lines take at most `limit` bytes. `notice` makes a line of the message that
    /// lines were lost.
    pub(crate) fn start(
        limit: usize,
        sink: impl Write + Send + 'static,
        notice: fn(&str) -> String,
    ) -> Self {
        Self::start_with(limit, sink, notice, || thread::sleep(GATHERING))
    }

    fn start_with(
        limit: usize,
        sink: impl Write + Send + 'static,
        notice: fn(&str) -> String,
        gather: impl Fn() + Send + 'static,
    ) -> Self {
        let waiting = Waiting {
            limit,
            lines: VecDeque::new(),
            bytes: [0; 3],
            lost: Lost::default(),
            flushes: Vec::new(),
            is_idle: false,
        };
        let shared = Arc::new(Shared {
            waiting: Mutex::new(waiting),
            work: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || write(&of_thread, sink, notice, gather));
        Self { shared }
    }

    /// Changes the number of bytes that the waiting lines may take.
    pub(crate) fn set_limit(&self, limit: usize) {
        self.shared.lock().limit = limit;
    }

    /// Adds a line without waiting. If there is no room for its kind, it is lost, and the next write says so.
    pub(crate) fn add(&self, kind: LineKind, line: String) {
        let mut waiting = self.shared.lock();
        let room = waiting.limit / 8 * kind.eighths();
        let bytes = &mut waiting.bytes[kind as usize];
        if *bytes + size(&line) > room {
            waiting.lost.0[kind as usize] += 1;
            return;
        }
        *bytes += size(&line);
        waiting.lines.push_back((kind, line.into_boxed_str()));
        self.shared.wake(&mut waiting);
    }

    /// Waits until all lines are written, for at most [`LAST_WAIT`].
    pub(crate) fn flush(&self) {
        let (written, all_written) = sync_channel(1);
        let mut waiting = self.shared.lock();
        waiting.flushes.push(written);
        self.shared.wake(&mut waiting);
        drop(waiting);
        let _ = all_written.recv_timeout(LAST_WAIT);
    }
}

/// The room that a line takes.
fn size(line: &str) -> usize {
    line.len() + OVERHEAD
}

impl Shared {
    /// Nothing panics while it is locked, and every state is consistent.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, waiting: &mut Waiting) {
        if mem::take(&mut waiting.is_idle) {
            self.work.notify_one();
        }
    }

    /// Waits until there is something to do. Returns whether more lines can be waited for.
    fn wait(&self) -> bool {
        let mut waiting = self.lock();
        while waiting.lines.is_empty() && waiting.flushes.is_empty() {
            waiting.is_idle = true;
            let woken = self.work.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        waiting.is_idle = false;
        waiting.flushes.is_empty() && waiting.bytes.iter().sum::<usize>() < LONGEST_WRITE
    }
}

impl Waiting {
    /// Moves lines to `text`, after a notice about those that were lost. Returns the bytes of each kind.
    fn take(&mut self, text: &mut String, notice: fn(&str) -> String) -> [usize; 3] {
        let lost = mem::take(&mut self.lost);
        if lost.0 != [0; 3] {
            *text = notice(&lost.to_string());
            text.push('\n');
        }
        let mut taken = [0; 3];
        while text.len() < LONGEST_WRITE
            && let Some((kind, line)) = self.lines.pop_front()
        {
            text.push_str(&line);
            text.push('\n');
            taken[kind as usize] += size(&line);
        }
        if self.lines.is_empty() {
            // A backlog leaves room for thousands of lines.
            self.lines = VecDeque::new();
        }
        taken
    }
}

fn write(shared: &Shared, mut sink: impl Write, notice: fn(&str) -> String, gather: impl Fn()) {
    loop {
        if shared.wait() {
            gather();
        }
        let mut text = String::new();
        let taken = shared.lock().take(&mut text, notice);
        // If stderr is closed, the error cannot be reported.
        let _ = sink.write_all(text.as_bytes());
        let mut waiting = shared.lock();
        for kind in LineKind::ALL {
            waiting.bytes[kind as usize] -= taken[kind as usize];
        }
        if waiting.lines.is_empty() {
            for flush in mem::take(&mut waiting.flushes) {
                let _ = flush.send(());
            }
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [requests, refusals, own] = self.0;
        write!(
            f,
            "log lines were lost, because stderr was not read in time: {requests} of requests, \
             {refusals} of refused credentials, {own} of the program"
        )
    }
}

#[cfg(test)]
mod tests;
