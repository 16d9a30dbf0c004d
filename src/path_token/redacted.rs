use std::fmt;
use std::iter;
use std::ops::Range;

/// Displays a request target or URL without the tokens in its path.
///
/// It is for parts outside of [`PathTokenLayer`](crate::PathTokenLayer), such as an access log, and so
/// accepts any spelling: every segment after `/t/` is written `<TOKEN>`, anywhere in the target.
///
/// ```
/// use portcullis::path_token::Redacted;
///
/// let shown = |target| Redacted::new(target).to_string();
/// assert_eq!(shown("/t/pcl-abc/conda/noarch/?q=1"), "/t/<TOKEN>/conda/noarch/?q=1");
/// assert_eq!(shown("/conda/%74%2fpcl-abc"), "/conda/%74%2f<TOKEN>");
/// assert_eq!(shown("/conda/noarch/t.json"), "/conda/noarch/t.json");
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Redacted<'a> {
    target: &'a str,
}

impl<'a> Redacted<'a> {
    /// Wraps a target as the client sent it.
    pub fn new(target: &'a str) -> Self {
        Self { target }
    }

    /// Whether the target has a segment that is replaced.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        tokens(self.target).next().is_some()
    }
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = 0;
        for token in tokens(self.target) {
            f.write_str(&self.target[written..token.start])?;
            f.write_str("<TOKEN>")?;
            written = token.end;
        }
        f.write_str(&self.target[written..])
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted(\"{self}\")")
    }
}

/// The byte ranges of the tokens.
fn tokens(target: &str) -> impl Iterator<Item = Range<usize>> {
    let mut is_awaited = false;
    segments(target).filter(move |segment| {
        let segment = &target[segment.clone()];
        // A token that was typed with one slash too many is as secret.
        if segment.is_empty() || segment == "." || segment.eq_ignore_ascii_case("%2e") {
            return false;
        }
        let is_token = is_awaited;
        // After `/t/t/`, either segment could be the token.
        is_awaited = matches!(segment, "t" | "%74");
        is_token
    })
}

/// The byte ranges of the segments, those of the query too. An encoded slash and a backslash separate
/// them as well.
fn segments(target: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    iter::from_fn(move || {
        let start = next?;
        let rest = &target.as_bytes()[start..];
        let separator = (0..rest.len()).find_map(|i| match rest[i] {
            b'/' | b'\\' | b'?' | b'&' | b'#' => Some((i, 1)),
            b'%' => {
                let escape = rest.get(i + 1..i + 3)?;
                let is = |slash| escape.eq_ignore_ascii_case(slash);
                (is(b"2f") || is(b"5c")).then_some((i, 3))
            }
            _ => None,
        });
        next = separator.map(|(i, length)| start + i + length);
        Some(start..separator.map_or(target.len(), |(i, _)| start + i))
    })
}
