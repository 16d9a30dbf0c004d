//! `Challenge`, whose output the crate `http-auth` must read back unchanged.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use portcullis::gate::Challenge;

fuzz_target!(|input: Input<'_>| {
    let scheme = pick(&SCHEMES, input.scheme);
    let Ok(mut challenge) = Challenge::new(scheme) else {
        assert!(!is_token(scheme), "{scheme:?}");
        return;
    };
    assert!(is_token(scheme), "{scheme:?}");

    let mut written: Vec<(&str, &str)> = Vec::new();
    for (name, value) in input.params {
        let name = pick(&NAMES, name);
        let is_new = !written
            .iter()
            .any(|(other, _)| other.to_lowercase() == name.to_lowercase());
        let is_printable = value.chars().all(|c| (' '..='~').contains(&c));
        match challenge.clone().with_param(name, value) {
            Ok(longer) => {
                assert!(
                    is_token(name) && is_new && is_printable,
                    "{name:?}, {value:?}"
                );
                challenge = longer;
                written.push((name, value));
            }
            Err(_) => assert!(
                !(is_token(name) && is_new && is_printable),
                "{name:?}, {value:?}"
            ),
        }
    }

    let line = challenge.header_value();
    let line = line.to_str().expect("visible ASCII and spaces");
    let read = http_auth::parse_challenges(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let [read] = &read[..] else {
        panic!("{line} should be one challenge");
    };
    assert_eq!(read.scheme, scheme, "{line}");
    let params: Vec<_> = read
        .params
        .iter()
        .map(|(name, value)| (*name, value.to_unescaped()))
        .collect();
    let written: Vec<_> = written
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    assert_eq!(params, written, "{line}");
});

const SCHEMES: [&str; 5] = ["Bearer", "Basic", "X!#$%&'*+-.^_`|~9", "Ba sic", ""];
const NAMES: [&str; 8] = [
    "realm",
    "error",
    "scope",
    "resource_metadata",
    "Realm",
    "x",
    "two words",
    "a=",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    scheme: u8,
    params: Vec<(u8, &'a str)>,
}

fn pick<const N: usize>(words: &[&'static str; N], number: u8) -> &'static str {
    words[usize::from(number) % N]
}

/// A token of RFC 9110 section 5.6.2: visible ASCII without delimiters.
fn is_token(text: &str) -> bool {
    let is_delimiter = |c| r#""(),/:;<=>?@[\]{}"#.contains(c);
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !is_delimiter(c))
}
