use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// A sink that reports each write, and completes it when the test allows it.
struct Slow {
    came: Sender<String>,
    let_in: Receiver<()>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.came.send(String::from_utf8(bytes.to_vec()).unwrap());
        // Once the test has let all in, nothing waits.
        let _ = self.let_in.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn notice(message: &str) -> String {
    format!("portcullis: {message}")
}

/// A queue whose first line is being written, what is written, and the end that lets all in.
fn stalled(limit: usize) -> (LineQueue, Receiver<String>, SyncSender<()>) {
    stalled_with(limit, || {})
}

fn stalled_with(
    limit: usize,
    gather: impl Fn() + Send + 'static,
) -> (LineQueue, Receiver<String>, SyncSender<()>) {
    let (came, coming) = channel();
    let (let_all_in, let_in) = sync_channel(0);
    let lines = LineQueue::start_with(limit, Slow { came, let_in }, notice, gather);
    lines.add(LineKind::Program, String::from("being written"));
    assert_eq!(coming.recv().unwrap(), "being written\n");
    (lines, coming, let_all_in)
}

#[test]
fn slow_readers_delay_nobody_and_losses_are_counted() {
    let (lines, coming, let_all_in) = stalled(8 * (OVERHEAD + 16));
    // There is room for five such lines, for two, and for one, which is being written.
    for (kind, number) in [
        (LineKind::Request, 7),
        (LineKind::Refusal, 5),
        (LineKind::Program, 3),
    ] {
        for at in 0..number {
            lines.add(kind, format!("{kind:?} {at:.>7}"));
        }
    }
    drop(let_all_in);
    lines.flush();
    let written = coming.recv().unwrap();
    assert!(coming.try_recv().is_err(), "they are written together");
    let mut expected = vec![String::from(
        "portcullis: log lines were lost, because stderr was not read in time: 2 of requests, \
         3 of refused credentials, 3 of the program",
    )];
    expected.extend((0..5).map(|at| format!("Request {at:.>7}")));
    expected.extend((0..2).map(|at| format!("Refusal {at:.>7}")));
    assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    // There is room again.
    lines.add(LineKind::Program, String::from("a later one"));
    lines.flush();
    assert_eq!(coming.recv().unwrap(), "a later one\n");
}

#[test]
fn a_flood_of_requests_loses_no_refusal() {
    const LIMIT: usize = 1024 * 1024;
    let (lines, coming, let_all_in) = stalled(LIMIT);
    let request = "x".repeat(2048);
    for at in 0..20_000 {
        lines.add(LineKind::Request, request.clone());
        if at % 100 == 0 {
            lines.add(LineKind::Refusal, format!("refused {at}"));
            lines.add(LineKind::Program, format!("said {at}"));
        }
    }
    drop(let_all_in);
    lines.flush();
    let written: String = coming.try_iter().collect();
    assert!(written.len() < LIMIT, "{}", written.len());
    for at in (0..20_000).step_by(100) {
        assert!(written.contains(&format!("\nrefused {at}\n")), "{at}");
        assert!(written.contains(&format!("\nsaid {at}\n")), "{at}");
    }
    let notice = written.lines().next().unwrap();
    assert!(notice.ends_with(" of requests, 0 of refused credentials, 0 of the program"));
}

#[test]
fn a_backlog_is_written_without_pauses() {
    let pauses = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pauses);
    let (lines, coming, let_all_in) = stalled_with(1 << 24, move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let line = "x".repeat(LONGEST_WRITE);
    for _ in 0..100 {
        lines.add(LineKind::Request, line.clone());
    }
    drop(let_all_in);
    for _ in 0..100 {
        coming.recv().unwrap();
    }
    // Before the very first line.
    assert_eq!(pauses.load(Ordering::Relaxed), 1);
}

#[test]
fn a_changed_limit_holds_at_once() {
    let (lines, coming, let_all_in) = stalled(1024 * 1024);
    lines.set_limit(0);
    lines.add(LineKind::Request, String::from("lost"));
    lines.set_limit(1024);
    lines.add(LineKind::Request, String::from("kept"));
    drop(let_all_in);
    lines.flush();
    let written = coming.recv().unwrap();
    assert!(written.ends_with(" the program\nkept\n"), "{written}");
    assert!(written.contains(" 1 of requests, 0 of "), "{written}");
}
