use std::error::Error;
use std::fmt;
use std::io::{self, Write};

/// Logs a message on one line.
pub(crate) fn say(message: impl fmt::Display) {
    // A failure cannot be reported anywhere else.
    let _ = io::stderr().write_all(line(message).as_bytes());
}

fn line(message: impl fmt::Display) -> String {
    let words = message.to_string();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    format!("portcullis: {words}\n")
}

/// The message of an error and those of its causes.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    messages.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        for (message, expected) in [
            ("a reason", "portcullis: a reason\n"),
            ("a\r\nportcullis: b\n", "portcullis: a portcullis: b\n"),
            ("a\u{2028}b\u{85}c", "portcullis: a b c\n"),
            ("\u{1b}[2Ja\0\u{7f}\u{9b}b", "portcullis: ?[2Ja???b\n"),
        ] {
            assert_eq!(line(message), expected, "{message:?}");
        }
    }
}
