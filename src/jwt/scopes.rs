use std::collections::HashSet;

use serde_json::Value;

use super::claim_path::ClaimPath;
use super::claims::ClaimSet;

/// The most scopes of one token.
const MAX_SCOPES: usize = 512;

/// The scopes under these paths, each once, in their order.
///
/// A string is separated by spaces (RFC 8693 section 4.2), an array holds a scope in each element,
/// and an element with a space in it is one scope, which no policy names.
pub(super) fn scopes_of<'a>(
    claims: &'a ClaimSet,
    paths: &[ClaimPath],
) -> Result<Vec<&'a str>, &'static str> {
    let mut scopes = Vec::new();
    let mut seen = HashSet::new();
    for value in paths.iter().filter_map(|path| path.find(claims)) {
        for scope in
            listed(value).ok_or("a scope claim is neither a string nor an array of them")?
        {
            if !scope.is_empty() && seen.insert(scope) {
                scopes.push(scope);
            }
        }
    }
    if scopes.len() > MAX_SCOPES {
        return Err("the token has too many scopes");
    }
    Ok(scopes)
}

fn listed(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(text.split(' ').collect()),
        Value::Array(elements) => elements.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
