use std::borrow::Cow;

/// The longest query that is read. Codes of the large providers are at most 2 KiB long, and `state` at
/// most 4 KiB.
const MAX_BYTES: usize = 16 * 1024;

/// The parameters of a callback (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CallbackParameters<'a> {
    pub(crate) state: Cow<'a, str>,
    pub(crate) iss: Option<Cow<'a, str>>,
    pub(crate) outcome: Outcome<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<'a> {
    Code(Cow<'a, str>),
    Error(Cow<'a, str>),
}

impl<'a> CallbackParameters<'a> {
    /// Reads the query of a callback. The error says what is wrong with it.
    pub(crate) fn parse(query: &'a str) -> Result<Self, &'static str> {
        if query.len() > MAX_BYTES {
            return Err("the query is too long");
        }
        let names = [
            "state",
            "iss",
            "code",
            "error",
            "error_description",
            "error_uri",
        ];
        let mut values = [const { None }; 6];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(i) = names.iter().position(|known| *known == name) else {
                continue;
            };
            if values[i].is_some() {
                return Err("a parameter occurs twice");
            }
            values[i] = Some(value);
        }
        let [state, iss, code, error, ..] = values.map(|value| value.filter(|it| !it.is_empty()));
        let read = [&state, &iss, &code, &error].into_iter().flatten();
        // Roughly the characters of RFC 6749 appendix A. Invalid UTF-8 was decoded to U+FFFD, which is
        // not ASCII.
        if !read
            .flat_map(|value| value.bytes())
            .all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err("a parameter is not printable ASCII");
        }
        let outcome = match (error, code) {
            (Some(error), _) => Outcome::Error(error),
            (None, Some(code)) => Outcome::Code(code),
            (None, None) => return Err("the query has neither a code nor an error"),
        };
        let state = state.ok_or("the query has no state")?;
        Ok(Self {
            state,
            iss,
            outcome,
        })
    }
}
