/// What a file of variables, an editor or a copy leaves at the ends of a value, where nobody sees it.
///
/// A value that has it is refused and not trimmed: it may be meant, as in a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untidy {
    Padded,
    Quoted,
}

impl Untidy {
    pub(super) fn of(value: &str) -> Option<Self> {
        let is_padding = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
        if value.starts_with(is_padding) || value.ends_with(is_padding) {
            return Some(Self::Padded);
        }
        let is_within = |quote: char| {
            let inside = value.strip_prefix(quote);
            inside.is_some_and(|inside| inside.ends_with(quote))
        };
        (is_within('"') || is_within('\'')).then_some(Self::Quoted)
    }

    pub(super) fn problem(self) -> &'static str {
        match self {
            Self::Padded => {
                "begins or ends with white space, a control character or an invisible one, which an editor \
                 or a file of variables may have left there: remove it"
            }
            Self::Quoted => {
                "is within quotes, which a file of variables may have left there: remove them"
            }
        }
    }
}

/// Whether a character takes no room, such as a byte order mark. Rust counts none of them as white space.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_of_a_value_count() {
        for (value, expected) in [
            ("value", None),
            ("a value", None),
            ("a\u{feff}b", None),
            ("", None),
            ("'", None),
            ("\"a", None),
            ("it's 'x'", None),
            (" a", Some(Untidy::Padded)),
            ("a\n", Some(Untidy::Padded)),
            ("a\0", Some(Untidy::Padded)),
            ("\u{feff}a", Some(Untidy::Padded)),
            ("a\u{feff}", Some(Untidy::Padded)),
            ("a\u{200b}", Some(Untidy::Padded)),
            ("a\u{a0}", Some(Untidy::Padded)),
            ("\"a\"", Some(Untidy::Quoted)),
            ("'a'", Some(Untidy::Quoted)),
            ("\"\"", Some(Untidy::Quoted)),
            ("'a\"", None),
        ] {
            assert_eq!(Untidy::of(value), expected, "{value:?}");
        }
    }
}
