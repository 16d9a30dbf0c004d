use std::fmt::{self, Write};

/// A value with spaces and quotes escaped, so that a client cannot forge fields or lines. An empty
/// value is written as `-`.
pub(crate) struct Field<'a>(pub(crate) &'a str);

/// A quoted text on one line.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_char('-');
        }
        self.0.chars().try_for_each(|character| match character {
            ' ' => f.write_str("\\u{20}"),
            other => write_printable(f, other),
        })
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.0
            .chars()
            .try_for_each(|character| write_printable(f, character))?;
        f.write_char('"')
    }
}

/// `escape_debug` escapes characters that do not print, such as line separators and changes of
/// direction. An apostrophe needs no escape here.
fn write_printable(f: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '\'' => f.write_char('\''),
        other => write!(f, "{}", other.escape_debug()),
    }
}

/// JSON in which characters that do not print are escaped. `serde_json` leaves `7F`, line separators
/// and changes of direction as they are; they occur in strings only.
pub(crate) fn printable_json(json: &str) -> String {
    let mut printable = String::with_capacity(json.len());
    for character in json.chars() {
        if character.escape_debug().take(2).eq(['\\', 'u']) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing into a `String` does not fail.
                let _ = write!(printable, "\\u{unit:04x}");
            }
        } else {
            printable.push(character);
        }
    }
    printable
}
