use super::source::SettingError;
use super::value::Given;

/// The value that goes with a word; by default the first.
pub(crate) fn choice<T: Copy, const N: usize>(
    given: Option<&Given>,
    words: [&str; N],
    values: [T; N],
) -> Result<T, SettingError> {
    let Some(given) = given else {
        return Ok(values[0]);
    };
    let found = words.iter().position(|word| *word == given.value);
    found.map(|at| values[at]).ok_or_else(|| {
        let (value, words) = (&given.value, words.join(", "));
        given.wrong(format_args!("{value:?} is not one of: {words}"))
    })
}
