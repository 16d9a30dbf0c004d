use std::borrow::Cow;

/// The text, or its beginning of at most `longest` bytes and its length.
pub(crate) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let begin = &text[..text.floor_char_boundary(longest)];
    Cow::Owned(format!("{begin}…({}B)", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        for (text, cut_text) in [
            ("", ""),
            ("abcd", "abcd"),
            ("abcde", "abcd…(5B)"),
            ("abcé", "abc…(5B)"),
            ("éé€", "éé…(7B)"),
        ] {
            assert_eq!(cut(text, 4), cut_text);
        }
    }
}
