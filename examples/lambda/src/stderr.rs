use std::error::Error;
use std::fmt;
use std::io::{self, Write};

/// Says something to whoever reads the log of the function, on one line.
pub(crate) fn say(message: impl fmt::Display) {
    let words = message.to_string();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(char::is_control, "?");
    let line = format!("portcullis: {words}\n");
    // Nobody is left to be told where it fails.
    let _ = io::stderr().write_all(line.as_bytes());
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
