use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entry::{Members, TokenEntry};
use super::error::{TokenFileError, TokenFileErrorKind as Kind};

/// The longest file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    /// Parsed one by one, so that an error has the number of its entry.
    #[serde(borrow)]
    tokens: Vec<&'a RawValue>,
}

#[derive(Serialize)]
struct DocumentToWrite {
    tokens: Vec<Members>,
}

/// Parses the entries of a file.
pub(super) fn parse(contents: &[u8]) -> Result<Vec<TokenEntry>, TokenFileError> {
    if contents.len() > MAX_BYTES {
        return Err(TokenFileError::new(Kind::TooLarge));
    }
    let document = object(contents).ok_or_else(|| TokenFileError::new(Kind::Malformed))?;
    let Document { tokens } = document;
    let mut entries: Vec<TokenEntry> = Vec::with_capacity(tokens.len());
    let (mut ids, mut digests) = (HashSet::new(), HashSet::new());
    for (i, token) in tokens.into_iter().enumerate() {
        let entry = object(token.get().as_bytes())
            .ok_or(Kind::MalformedEntry)
            .and_then(TokenEntry::from_members)
            .and_then(|entry| {
                if !ids.insert(entry.id().to_owned()) {
                    return Err(Kind::DuplicateId);
                }
                if !digests.insert(entry.digest()) {
                    return Err(Kind::DuplicateDigest);
                }
                Ok(entry)
            });
        entries.push(entry.map_err(|kind| TokenFileError::in_entry(kind, i + 1))?);
    }
    Ok(entries)
}

/// Parses an object. The parser's error is dropped, since it repeats its input.
fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    // serde would also accept an array of the members' values.
    json.trim_ascii_start()
        .starts_with(b"{")
        .then(|| serde_json::from_slice(json).ok())?
}

/// Writes a file with one member on each line, so that a diff shows what has changed.
pub(super) fn render(entries: &[TokenEntry]) -> Result<Vec<u8>, TokenFileError> {
    let tokens = entries.iter().map(TokenEntry::members).collect();
    let document = DocumentToWrite { tokens };
    let mut json = serde_json::to_vec_pretty(&document)
        .map_err(|error| TokenFileError::unwritable(error.into()))?;
    json.push(b'\n');
    if json.len() > MAX_BYTES {
        return Err(TokenFileError::new(Kind::TooLarge));
    }
    Ok(json)
}

/// Parses a file and writes it again.
#[cfg(fuzzing)]
pub(crate) fn rewritten(contents: &[u8]) -> Option<Vec<u8>> {
    render(&parse(contents).ok()?).ok()
}
