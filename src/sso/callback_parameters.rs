use std::borrow::Cow;

/// The longest query that is looked at. Codes of the large providers stay within 2 KiB, and `state`
/// within 4 KiB.
const MAX_BYTES: usize = 16 * 1024;

/// What a provider sends a browser back with (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
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
    /// Reads the query of a callback. The error is what is wrong with it.
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
                return Err("a parameter is given twice");
            }
            values[i] = Some(value);
        }
        let [state, iss, code, error, ..] = values.map(|value| value.filter(|it| !it.is_empty()));
        let read = [&state, &iss, &code, &error].into_iter().flatten();
        // The characters that RFC 6749 appendix A allows, about; also what is not UTF-8 is not ASCII.
        if !read
            .flat_map(|value| value.bytes())
            .all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err("a parameter is not printable ASCII");
        }
        let outcome = match (error, code) {
            (Some(error), _) => Outcome::Error(error),
            (None, Some(code)) => Outcome::Code(code),
            (None, None) => return Err("neither a code nor an error is given"),
        };
        let state = state.ok_or("no state is given")?;
        Ok(Self {
            state,
            iss,
            outcome,
        })
    }
}
