use std::fmt;
use std::io::{self, Write};

/// Says something about the program itself.
pub(crate) fn say(message: impl fmt::Display) {
    let message = message.to_string();
    // A message of another library, or a name, may have several lines; a log has one for each event.
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    write_line(format!("portcullis: {words}"));
}

/// Writes a line, all at once so that lines of several threads do not mix.
pub(crate) fn write_line(mut line: String) {
    line.push('\n');
    // There is nobody left to tell where stderr is closed.
    let _ = io::stderr().write_all(line.as_bytes());
}
