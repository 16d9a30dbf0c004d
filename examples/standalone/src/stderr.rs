use std::fmt;
use std::io;
use std::sync::LazyLock;

use crate::line_queue::LineQueue;

/// The number of lines that wait for the reader of stderr. Further ones are lost.
const WAITING: usize = 8192;

static LINES: LazyLock<LineQueue> = LazyLock::new(|| LineQueue::start(WAITING, io::stderr()));

/// Logs a message about the program itself.
pub(crate) fn say(message: impl fmt::Display) {
    let message = message.to_string();
    // A message of another library, or a name, may have several lines. A log has one for each event.
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    write_line(format!("portcullis: {words}"));
}

/// Writes a line at once, so that the lines of several threads do not mix.
pub(crate) fn write_line(line: String) {
    LINES.add(line);
}

/// Waits until all lines are written, while stderr is being read.
pub(crate) fn flush() {
    LINES.flush();
}
