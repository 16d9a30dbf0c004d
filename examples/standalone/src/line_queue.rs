use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How long the program waits at its end for lines that may never be read.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// How long lines are collected before they are written together. Waking the thread and writing for
/// each line would add two fifths to the work of a request for 1 KiB.
const GATHERING: Duration = Duration::from_millis(5);

/// The number of bytes at which the collected lines are written, even if more are waiting.
const LONGEST_WRITE: usize = 64 * 1024;

/// A queue of lines for a thread that writes them, so that only this thread waits for the reader. A log
/// collector that hangs must stop neither requests nor the end of the program.
pub(crate) struct LineQueue {
    waiting: SyncSender<Item>,
    lost: Arc<AtomicU64>,
}

enum Item {
    Line(String),
    /// Answered once all earlier lines are written.
    Flush(SyncSender<()>),
}

impl LineQueue {
    /// Starts the thread. The queue holds at most `capacity` lines.
    pub(crate) fn start(capacity: usize, sink: impl Write + Send + 'static) -> Self {
        let (waiting, items) = sync_channel(capacity);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        thread::spawn(move || write(&items, sink, &counted));
        Self { waiting, lost }
    }

    /// Adds a line without waiting. If the queue is full, the line is lost, and the next write says so.
    pub(crate) fn add(&self, mut line: String) {
        line.push('\n');
        if self.waiting.try_send(Item::Line(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all lines are written, for at most [`LAST_WAIT`].
    pub(crate) fn flush(&self) {
        let (written, all_written) = sync_channel(1);
        if self.waiting.try_send(Item::Flush(written)).is_ok() {
            let _ = all_written.recv_timeout(LAST_WAIT);
        }
    }
}

fn write(items: &Receiver<Item>, mut sink: impl Write, lost: &AtomicU64) {
    let mut text = String::new();
    while let Ok(first) = items.recv() {
        if matches!(first, Item::Line(_)) {
            thread::sleep(GATHERING);
        }
        let number = lost.swap(0, Ordering::Relaxed);
        if number > 0 {
            text = format!(
                "portcullis: {number} lines of log were lost, because stderr was not read in time\n"
            );
        }
        let mut flushed = None;
        let mut next = Some(first);
        while let Some(item) = next {
            match item {
                Item::Line(line) => text.push_str(&line),
                Item::Flush(written) => {
                    flushed = Some(written);
                    break;
                }
            }
            next = (text.len() < LONGEST_WRITE)
                .then(|| items.try_recv().ok())
                .flatten();
        }
        // If stderr is closed, the error cannot be reported.
        let _ = sink.write_all(text.as_bytes());
        text.clear();
        if let Some(written) = flushed {
            let _ = written.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    /// A sink that reports each write, and completes it when the test allows it.
    struct Slow {
        came: SyncSender<()>,
        let_in: Receiver<()>,
        taken: Arc<Mutex<String>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.came.send(());
            // Once the test has let all in, nothing waits.
            let _ = self.let_in.recv();
            let text = std::str::from_utf8(bytes).unwrap();
            self.taken.lock().unwrap().push_str(text);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn slow_readers_delay_nobody_and_losses_are_counted() {
        let (came, coming) = sync_channel(9);
        let (let_all_in, let_in) = sync_channel(0);
        let taken = Arc::new(Mutex::new(String::new()));
        let slow = Slow {
            came,
            let_in,
            taken: Arc::clone(&taken),
        };
        let lines = LineQueue::start(2, slow);
        lines.add(String::from("being written"));
        coming.recv().unwrap();
        for line in ["waits", "waits too", "lost", "lost too"] {
            lines.add(line.to_owned());
        }
        drop(let_all_in);
        // One more write, of the notice and the waiting lines, and then there is room.
        coming.recv().unwrap();
        lines.flush();
        assert!(coming.try_recv().is_err(), "they are written together");
        assert_eq!(
            *taken.lock().unwrap(),
            "being written\nportcullis: 2 lines of log were lost, because stderr was not read in time\nwaits\nwaits too\n"
        );
    }
}
