/// Reads one element of DER with this tag off the front, and gives its contents.
///
/// A length must have its shortest spelling, so that no two encodings mean the same.
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

/// The same, if nothing follows.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_spelling() {
        let long = |head: &[u8], len: usize| [head, &vec![7; len]].concat();
        for (name, input, contents) in [
            ("empty", long(&[0x30, 0], 0), Some(0)),
            ("short", long(&[0x30, 0x7f], 127), Some(127)),
            ("one octet", long(&[0x30, 0x81, 0x80], 128), Some(128)),
            (
                "one octet for a short one",
                long(&[0x30, 0x81, 0x7f], 127),
                None,
            ),
            ("two octets", long(&[0x30, 0x82, 1, 0], 256), Some(256)),
            (
                "two octets for one",
                long(&[0x30, 0x82, 0, 0xff], 255),
                None,
            ),
            ("three octets", long(&[0x30, 0x83, 1, 0, 0], 65536), None),
            ("indefinite", long(&[0x30, 0x80, 0, 0], 0), None),
            ("cut short", long(&[0x30, 2], 1), None),
            ("no octets of length", long(&[0x30, 0x82, 1], 0), None),
            ("no length", long(&[0x30], 0), None),
            ("nothing", Vec::new(), None),
            ("another tag", long(&[0x31, 1], 1), None),
            ("bytes behind it", long(&[0x30, 1], 2), None),
        ] {
            assert_eq!(only(SEQUENCE, &input).map(<[u8]>::len), contents, "{name}");
        }
    }

    #[test]
    fn one_element_is_taken_off_the_front() {
        let mut input: &[u8] = &[2, 1, 5, 2, 2, 0, 0x80, 2, 1, 0x80, 9];
        assert_eq!(take_positive(&mut input), Some(&[5][..]));
        assert_eq!(take_positive(&mut input), Some(&[0x80][..]));
        assert_eq!(take_positive(&mut input), None, "negative");
        assert_eq!(input, [9]);
    }

    #[test]
    fn a_positive_integer_has_one_spelling() {
        for (name, bytes, positive) in [
            ("one", &[1][..], Some(&[1][..])),
            ("127", &[0x7f], Some(&[0x7f])),
            ("128", &[0, 0x80], Some(&[0x80])),
            ("128 without its zero", &[0x80], None),
            ("127 with a zero", &[0, 0x7f], None),
            ("128 with two zeros", &[0, 0, 0x80], None),
            ("zero", &[0], None),
            ("empty", &[], None),
        ] {
            let input = [&[INTEGER, u8::try_from(bytes.len()).unwrap()], bytes].concat();
            assert_eq!(take_positive(&mut &input[..]), positive, "{name}");
        }
    }
}
