//! Token files against a slow twin, which reads JSON as `serde_json::Value` and so cannot see a repeated
//! member. No error repeats the file's contents, and a file that is written again reads back
//! unchanged.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::rewritten_tokens;
use portcullis::token::{Lookup, TokenDigest, TokenFileErrorKind as Kind, TokenStore, TokenTable};
use serde_json::Value;

fuzz_target!(|file: &[u8]| {
    let table = TokenTable::parse(file);
    match (twin(file), &table) {
        (Some(count), Ok(table)) => assert_eq!(table.len(), count),
        (None, Ok(_)) => panic!("it should have been refused"),
        (Some(_), Err(error)) => {
            // A repeated member, of which the twin sees the last, or a day that does not exist.
            let trusted = [Kind::Malformed, Kind::MalformedEntry, Kind::InvalidTime];
            assert!(trusted.contains(&error.kind()), "{error}");
        }
        (None, Err(_)) => {}
    }
    match table {
        Err(error) => is_silent(&error, file),
        Ok(table) => {
            let written = rewritten_tokens(file).expect("it was read");
            assert_eq!(rewritten_tokens(&written).as_deref(), Some(&*written));
            assert_eq!(
                TokenTable::parse(&written).expect("it was written").len(),
                table.len()
            );
            let unknown = table.find(&TokenDigest::of("nobody's"));
            assert!(matches!(unknown, Lookup::Now(Ok(None))));
        }
    }
});

/// An error has no word of the file, except for these few.
fn is_silent(error: &(impl std::error::Error + 'static), file: &[u8]) {
    let told = error.to_string();
    for word in String::from_utf8_lossy(file).split(|c: char| !c.is_alphanumeric()) {
        let secret = word.len() > 8 && word.bytes().any(|byte| byte.is_ascii_digit());
        assert!(!secret || !told.contains(word), "{told}");
    }
}

/// The number of tokens; `None` if the file must be refused.
fn twin(file: &[u8]) -> Option<usize> {
    let file: Value = serde_json::from_slice(file).ok()?;
    let file = file.as_object().filter(|file| file.len() == 1)?;
    let tokens = file.get("tokens")?.as_array()?;
    let (mut ids, mut digests) = (BTreeMap::new(), BTreeMap::new());
    for token in tokens {
        let token = token.as_object()?;
        let known = ["id", "sha256", "created", "expires", "revoked", "scopes"];
        if !token.keys().all(|name| known.contains(&name.as_str())) {
            return None;
        }
        let id = token.get("id")?.as_str()?;
        let digest = token.get("sha256")?.as_str()?;
        let is_id = |c: char| c.is_ascii_alphanumeric() || "-._@:/+".contains(c);
        if id.is_empty() || id.len() > 128 || !id.chars().all(is_id) {
            return None;
        }
        if digest.len() != 64 || !digest.chars().all(|c| "0123456789abcdef".contains(c)) {
            return None;
        }
        let times = ["expires", "revoked"]
            .iter()
            .filter_map(|name| token.get(*name));
        for time in times.chain([token.get("created")?]) {
            is_time(time.as_str()?).then_some(())?;
        }
        let none = Value::Array(Vec::new());
        for scope in token.get("scopes").unwrap_or(&none).as_array()? {
            let scope = scope.as_str()?;
            let plain = |c: char| ('!'..='~').contains(&c) && c != '"' && c != '\\';
            (!scope.is_empty() && scope.chars().all(plain)).then_some(())?;
        }
        ids.insert(id, ());
        digests.insert(digest, ());
    }
    (ids.len() == tokens.len() && digests.len() == tokens.len()).then_some(tokens.len())
}

/// Checks the format alone, not whether such a day exists.
fn is_time(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 14 && text.is_ascii() && text.len() >= 20
}
