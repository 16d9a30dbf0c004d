use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// The longest value that is printed, in bytes. The rest is left out, and the length follows.
const LONGEST: usize = 200;
/// The most expected values that are printed.
const MOST: usize = 5;

/// What a credential or another server's answer says, and what was expected of it.
///
/// It is the reason of a [`Refusal`](super::Refusal) that an operator can act on: an issuer that differs by a
/// slash, an audience that nobody configured. It prints both values, escaped and each cut to 200 bytes. It is
/// for the log and never sent to the client. Never make one of a secret.
///
/// ```
/// use portcullis::gate::Mismatch;
///
/// let mismatch = Mismatch::new("the token's audience", Some("wheels")).with_expected(["packages", "docs"]);
/// assert_eq!(
///     mismatch.to_string(),
///     r#"the token's audience is "wheels", expected one of "packages", "docs""#
/// );
/// let mismatch = Mismatch::new("the token's audience", None).with_expected(["packages"]);
/// assert_eq!(mismatch.to_string(), r#"the token's audience is missing, expected "packages""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Mismatch {
    what: Cow<'static, str>,
    given: Option<Box<str>>,
    expected: Vec<Box<str>>,
}

impl Mismatch {
    /// `what` is a noun, such as "the token's issuer"; `given` is its value, if it has one.
    pub fn new(what: impl Into<Cow<'static, str>>, given: Option<&str>) -> Self {
        Self {
            what: what.into(),
            given: given.map(Box::from),
            expected: Vec::new(),
        }
    }

    /// Sets the values, any of which would have been accepted.
    pub fn with_expected<I>(mut self, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        self.expected = values.into_iter().map(Into::into).collect();
        self
    }

    /// What has the value, such as "the token's issuer".
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The whole value that was given, if there is one.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// The whole values that would have been accepted.
    pub fn expected(&self) -> impl Iterator<Item = &str> {
        self.expected.iter().map(|value| &**value)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given {
            Some(given) => write!(f, "{} is {}", self.what, Quoted(given))?,
            None => write!(f, "{} is missing", self.what)?,
        }
        let (shown, more) = self.expected.split_at(self.expected.len().min(MOST));
        for (i, value) in shown.iter().enumerate() {
            f.write_str(match (i, self.expected.len()) {
                (0, 1) => ", expected ",
                (0, _) => ", expected one of ",
                _ => ", ",
            })?;
            Quoted(value).fmt(f)?;
        }
        match more.len() {
            0 => Ok(()),
            left => write!(f, " and {left} more"),
        }
    }
}

impl Error for Mismatch {}

/// The value in quotes, escaped; its beginning and its length if it is long.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value) = self;
        if value.len() <= LONGEST {
            return write!(f, "{value:?}");
        }
        let begin = &value[..value.floor_char_boundary(LONGEST)];
        write!(f, "{begin:?}…({} bytes)", value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_cut() {
        let long = "é".repeat(101);
        let begin = "é".repeat(100);
        for (name, given, expected, text) in [
            (
                "nothing expected",
                Some("x"),
                vec![],
                r#"it is "x""#.to_owned(),
            ),
            (
                "a line break",
                Some("a\n\"b"),
                vec!["c"],
                r#"it is "a\n\"b", expected "c""#.to_owned(),
            ),
            (
                "an empty value",
                Some(""),
                vec!["c"],
                r#"it is "", expected "c""#.to_owned(),
            ),
            (
                "200 bytes",
                Some(&*begin),
                vec![],
                format!("it is {begin:?}"),
            ),
            (
                "202 bytes",
                Some(&*long),
                vec![],
                format!("it is {begin:?}…(202 bytes)"),
            ),
            (
                "seven expected values",
                None,
                vec!["1", "2", "3", "4", "5", "6", "7"],
                r#"it is missing, expected one of "1", "2", "3", "4", "5" and 2 more"#.to_owned(),
            ),
        ] {
            let mismatch = Mismatch::new("it", given).with_expected(expected);
            assert_eq!(mismatch.to_string(), text, "{name}");
        }
    }
}
