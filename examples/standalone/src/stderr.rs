use std::fmt;
use std::io;
use std::panic;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use portcullis::{Clock, SystemClock};
use serde::Serialize;

use crate::cut::cut;
use crate::escape::printable_json;
use crate::line_queue::{LineKind, LineQueue};
use crate::timestamp::Timestamp;

/// The number of bytes that lines may take by default while they wait for the reader of stderr. Further
/// ones are lost.
pub(crate) const QUEUE_BYTES: u32 = 1024 * 1024;

/// The longest message about the program, in bytes. It may hold a message of another program.
const LONGEST: usize = 4096;

static LINES: LazyLock<LineQueue> =
    LazyLock::new(|| LineQueue::start(QUEUE_BYTES as usize, io::stderr(), line));

static IS_JSON: AtomicBool = AtomicBool::new(false);

/// A message about the program. The names are stable, because programs read them.
#[derive(Serialize)]
struct Json<'a> {
    time: String,
    message: &'a str,
}

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
    write_line(kind, line(&cut(&words, LONGEST)));
}

/// The line of a message.
fn line(message: &str) -> String {
    if IS_JSON.load(Ordering::Relaxed) {
        json(SystemClock::default().now(), message)
    } else {
        format!("portcullis: {message}")
    }
}

fn json(time: SystemTime, message: &str) -> String {
    let time = Timestamp(time).to_string();
    let json = serde_json::to_string(&Json { time, message });
    printable_json(&json.expect("texts have a spelling in JSON"))
}

/// Makes JSON of all messages from now on.
pub(crate) fn set_json() {
    if !IS_JSON.swap(true, Ordering::Relaxed) {
        // Otherwise the standard library writes lines of text.
        panic::set_hook(Box::new(|panic| say(panic)));
    }
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_message_in_json_has_its_time() {
        let time = UNIX_EPOCH + Duration::from_millis(1_767_323_045_678);
        for (message, expected) in [
            (
                r#"a "b""#,
                r#"{"time":"2026-01-02T03:04:05.678Z","message":"a \"b\""}"#,
            ),
            (
                "\u{202e}",
                r#"{"time":"2026-01-02T03:04:05.678Z","message":"\u202e"}"#,
            ),
        ] {
            assert_eq!(json(time, message), expected);
        }
    }
}
