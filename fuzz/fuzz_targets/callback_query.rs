//! The query of a sign-in callback, against a slow twin. The input is a query.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::{Callback, callback_query};

const KNOWN: [&str; 6] = [
    "state",
    "iss",
    "code",
    "error",
    "error_description",
    "error_uri",
];

fuzz_target!(|data: &[u8]| {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    let read = callback_query(query);
    assert_eq!(read, twin(query), "{query:?}");

    let Some(callback) = read else {
        return;
    };
    // A known parameter must not be repeated; an unknown one may stand anywhere.
    for name in KNOWN {
        let present = form_urlencoded::parse(query.as_bytes()).any(|(other, _)| other == name);
        if present {
            assert_eq!(callback_query(&format!("{query}&{name}")), None);
            assert_eq!(callback_query(&format!("{name}=x&{query}")), None);
        }
    }
    if query.len() < 16_000 {
        let more = format!("x=%FF&{query}&x=1&session_state=y");
        assert_eq!(callback_query(&more), Some(callback));
    }
});

/// Lists all parameters with `form_urlencoded` and applies the rules of the RFCs.
fn twin(query: &str) -> Option<Callback> {
    if query.len() > 16 * 1024 {
        return None;
    }
    let all: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let values = |wanted: &str| {
        let found = all.iter().filter(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let mut only = Vec::new();
    for name in KNOWN {
        let values = values(name);
        if values.len() > 1 {
            return None;
        }
        // RFC 6749 section 3.1: a parameter without a value counts as omitted.
        only.push(values.into_iter().next().filter(|value| !value.is_empty()));
    }
    let is_printable = |value: &String| value.chars().all(|c| (' '..='~').contains(&c));
    if !only[..4].iter().flatten().all(is_printable) {
        return None;
    }
    Some(Callback {
        state: only[0].clone()?,
        iss: only[1].clone(),
        outcome: match (&only[3], &only[2]) {
            (Some(error), _) => Err(error.clone()),
            (None, code) => Ok(code.clone()?),
        },
    })
}
