/// Reads one element of DER with this tag off the front, and gives its contents.
///
/// Of lengths, only the shortest spelling is one: no two encodings mean the same.
pub(super) fn take<'a>(tag: u8, input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&[found, first], mut rest) = input.split_first_chunk()?;
    let len = match first {
        0..=0x7f => usize::from(first),
        // More than two bytes of length are longer than any key.
        0x81 | 0x82 => {
            let (len, after) = rest.split_at_checked(usize::from(first & 0x0f))?;
            rest = after;
            let len = len
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            Some(len).filter(|len| *len >= if first == 0x81 { 0x80 } else { 0x100 })?
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(len)?;
    *input = rest;
    (found == tag).then_some(contents)
}

/// The same where nothing may follow.
pub(super) fn only(tag: u8, mut input: &[u8]) -> Option<&[u8]> {
    let contents = take(tag, &mut input)?;
    input.is_empty().then_some(contents)
}

/// The bytes of a positive integer, without the zero that keeps it from looking negative.
pub(super) fn take_positive<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    match take(INTEGER, input)? {
        [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
        bytes @ [1..=0x7f, ..] => Some(bytes),
        _ => None,
    }
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const SEQUENCE: u8 = 0x30;
