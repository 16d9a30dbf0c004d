//! A second reader of JSON objects, as strict as the first.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A JSON object, read by hand except for its strings and numbers.
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut rest = text;
    let value = value(&mut rest, 0)?;
    skip_space(&mut rest);
    match value {
        Value::Object(object) if rest.is_empty() => Some(object),
        _ => None,
    }
}

fn skip_space(rest: &mut &str) {
    *rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
}

fn skip(rest: &mut &str, token: &str) -> bool {
    skip_space(rest);
    let after = rest.strip_prefix(token);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn value(rest: &mut &str, depth: usize) -> Option<Value> {
    skip_space(rest);
    match rest.bytes().next()? {
        b'{' | b'[' if depth == 16 => None,
        b'{' => {
            let mut names = BTreeSet::new();
            let mut object = Map::new();
            let members = items(rest, "{", "}", |rest| {
                skip_space(rest);
                let name = string(rest)?;
                skip(rest, ":").then_some(())?;
                let is_reserved = name.starts_with("$serde_json::private::");
                (!is_reserved && names.insert(name.clone())).then_some(())?;
                object.insert(name, value(rest, depth + 1)?);
                Some(())
            });
            members.map(|()| Value::Object(object))
        }
        b'[' => {
            let mut array = Vec::new();
            let elements = items(rest, "[", "]", |rest| {
                array.push(value(rest, depth + 1)?);
                Some(())
            });
            elements.map(|()| Value::Array(array))
        }
        b'"' => string(rest).map(Value::String),
        _ => {
            let ends = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '+' | '.');
            let (scalar, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
            *rest = after;
            serde_json::from_str(scalar).ok()
        }
    }
}

fn items(
    rest: &mut &str,
    open: &str,
    close: &str,
    mut item: impl FnMut(&mut &str) -> Option<()>,
) -> Option<()> {
    assert!(skip(rest, open));
    if skip(rest, close) {
        return Some(());
    }
    loop {
        item(rest)?;
        if skip(rest, close) {
            return Some(());
        }
        skip(rest, ",").then_some(())?;
    }
}

fn string(rest: &mut &str) -> Option<String> {
    let inner = rest.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    let (text, after) = rest.split_at(end? + 2);
    *rest = after;
    serde_json::from_str(text).ok()
}
