use std::fmt;
use std::io;
use std::sync::LazyLock;

use crate::cut::cut;
use crate::line_queue::{LineKind, LineQueue};

/// The number of bytes that lines may take by default while they wait for the reader of stderr. Further
/// ones are lost.
pub(crate) const QUEUE_BYTES: u32 = 1024 * 1024;

/// The longest message about the program, in bytes. It may hold a message of another program.
const LONGEST: usize = 4096;

static LINES: LazyLock<LineQueue> =
    LazyLock::new(|| LineQueue::start(QUEUE_BYTES as usize, io::stderr()));

/// Logs a message about the program itself.
pub(crate) fn say(message: impl fmt::Display) {
    say_as(LineKind::Program, message);
}

/// Logs a message about something that any client can cause, which has no claim to the room of the others.
pub(crate) fn say_of_client(message: impl fmt::Display) {
    say_as(LineKind::Request, message);
}

fn say_as(kind: LineKind, message: impl fmt::Display) {
    let message = message.to_string();
    // A message of another library, or a name, may have several lines. A log has one for each event.
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    let line = format!("portcullis: {}", cut(&words, LONGEST));
    write_line(kind, line);
}

/// Writes a line at once, so that the lines of several threads do not mix.
pub(crate) fn write_line(kind: LineKind, line: String) {
    LINES.add(kind, line);
}

/// Changes the number of bytes that waiting lines may take.
pub(crate) fn set_queue_bytes(bytes: u32) {
    LINES.set_limit(bytes as usize);
}

/// Waits until all lines are written, while stderr is being read.
pub(crate) fn flush() {
    LINES.flush();
}
