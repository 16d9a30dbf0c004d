use std::fmt;
use std::ops::Range;

/// Displays a request target or URL without the tokens in its path.
///
/// It is for parts outside of [`PathTokenLayer`](crate::PathTokenLayer), such as an access log, and so
/// accepts any spelling of `/t/`: `/T/`, `/t//`, `/%74%2F`, `/%2574/`, `/t/../` and similar. The segment after
/// it is written `<TOKEN>`, anywhere in the target.
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
        !tokens(self.target).is_empty()
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
fn tokens(target: &str) -> Vec<Range<usize>> {
    let decoded = decoded(target);
    let mut tokens = Vec::new();
    let (mut is_awaited, mut start) = (false, 0);
    for segment in decoded.split(|&(byte, _)| is_separator(byte)) {
        let next = start + segment.len();
        let place = |at: usize| decoded.get(at).map_or(target.len(), |&(_, place)| place);
        let range = place(start)..place(next);
        start = next + 1;
        let name = name(segment);
        // A token that was typed with one slash too many is as secret.
        if name.is_empty() {
            // In `/t/x/../token` it takes the place of the segment before.
            is_awaited |= is_parent(segment) && !tokens.is_empty();
            continue;
        }
        if is_awaited {
            tokens.push(range);
        }
        // After `/t/t/`, either segment could be the token.
        is_awaited = matches!(name, [(b't' | b'T', _)]);
    }
    tokens
}

/// Whether a segment without a name leads to the folder above.
fn is_parent(segment: &[(u8, usize)]) -> bool {
    segment.iter().filter(|&&(byte, _)| byte == b'.').count() > 1
}

/// What separates segments, those of a query too.
fn is_separator(byte: u8) -> bool {
    b"/\\?&#".contains(&byte)
}

/// A segment without what people and programs add to it by mistake: dots, spaces, control characters and
/// parameters after a semicolon.
fn name(segment: &[(u8, usize)]) -> &[(u8, usize)] {
    let end = segment.iter().position(|&(byte, _)| byte == b';');
    let mut name = &segment[..end.unwrap_or(segment.len())];
    let is_nothing = |byte: u8| matches!(byte, b'.' | 0..=b' ' | 0x7F);
    while let [(first, _), rest @ ..] = name
        && is_nothing(*first)
    {
        name = rest;
    }
    while let [rest @ .., (last, _)] = name
        && is_nothing(*last)
    {
        name = rest;
    }
    name
}

/// The bytes of a target with the places where they begin in it. Escapes are decoded, also those of
/// escapes: `%2574` is a `t`.
fn decoded(target: &str) -> Vec<(u8, usize)> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut decoded = Vec::with_capacity(target.len());
    for (place, byte) in target.bytes().enumerate() {
        decoded.push((byte, place));
        while let [.., (b'%', place), (high, _), (low, _)] = decoded[..]
            && let (Some(high), Some(low)) = (digit(high), digit(low))
            && let Ok(byte) = u8::try_from(high << 4 | low)
        {
            decoded.truncate(decoded.len() - 3);
            decoded.push((byte, place));
        }
    }
    decoded
}
