use std::fmt;
use std::io;
use std::sync::LazyLock;

use crate::line_queue::LineQueue;

/// Lines that wait for whoever reads stderr, further ones being lost.
const WAITING: usize = 8192;

static LINES: LazyLock<LineQueue> = LazyLock::new(|| LineQueue::start(WAITING, io::stderr()));

/// Says something about the program itself.
pub(crate) fn say(message: impl fmt::Display) {
    let message = message.to_string();
    // A message of another library, or a name, may have several lines; a log has one for each event.
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    write_line(format!("portcullis: {words}"));
}

/// Writes a line, all at once so that lines of several threads do not mix.
pub(crate) fn write_line(line: String) {
    LINES.add(line);
}

/// Waits for what was said, as long as somebody reads it.
pub(crate) fn flush() {
    LINES.flush();
}
