use std::error::Error;
use std::fmt::Write;

/// The boxed error of services and bodies.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The message of an error and those of its causes.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing into a `String` does not fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
