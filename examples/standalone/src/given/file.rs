use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::document::Document;
use super::problems::Problems;
use super::source::{SettingError, Source};
use super::strings::each_string;
use super::untidy::Untidy;

/// Settings that belong elsewhere than where people look for them, and where they belong.
const MOVED: [(&str, &str); 2] = [("trusted_proxies", OF_ALL), ("proxy_protocol", OF_ALL)];

const OF_ALL: &str =
    "is one setting for the whole program: write it at the top of the file, before any table";

/// Settings that are compared byte for byte with what others chose, so that nothing is refused at their ends.
const BYTE_FOR_BYTE: [&str; 2] = ["equals", "begins_with"];

/// Whether a setting is the path of a file.
fn is_path(key: &str) -> bool {
    matches!(key, "file" | "certfile" | "keyfile") || key.ends_with("_file")
}

/// Reads a document from the text of the file at `path`. A relative path in it is relative to the folder of
/// that file.
///
/// # Errors
///
/// Returns [`Problems`], each with line and column: the first error of syntax, or all unknown names and values
/// of another type, and what is left at the ends of texts.
pub(crate) fn parse<'a, T>(path: &Path, text: &'a str) -> Result<T, Problems>
where
    T: Deserialize<'a> + Document,
{
    let file = File { path, text };
    let mut table = DeTable::parse(text).map_err(|error| file.error(&error))?;
    let mut names = HashMap::new();
    name_table(table.get_ref(), "", &mut names);
    let mut problems = Problems::default();
    each_string(table.get_mut(), &mut |key, place, text| {
        file.prepare(key, &place, text, &names, &mut problems);
    });
    let document = loop {
        match T::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(document) => break document,
            Err(error) => {
                problems.add(file.error(&error));
                // No setting is required here, so that the rest can be read without the wrong one.
                let place = error.span();
                if !place.is_some_and(|place| remove(table.get_mut(), &place)) {
                    return Err(problems);
                }
            }
        }
    };
    let mut document = problems.none_or(document)?;
    document.each_source(&mut |source| {
        if let Source::Span(span) = source {
            *source = Source::File {
                place: file.place(span.start),
                setting: names.get(span).cloned().unwrap_or_default(),
            };
        }
    });
    Ok(document)
}

/// Removes the setting whose name or value is at a place. Returns whether there is one.
fn remove(table: &mut DeTable<'_>, place: &Range<usize>) -> bool {
    let is_there =
        |(key, value): &(&Spanned<_>, &Spanned<_>)| key.span() == *place || value.span() == *place;
    let found = table.iter().find(is_there);
    let Some(name) = found.map(|(key, _)| key.get_ref().to_string()) else {
        let mut values = table.iter_mut().map(|(_, value)| value.get_mut());
        return values.any(|value| remove_within(value, place));
    };
    table.remove(&*name).is_some()
}

fn remove_within(value: &mut DeValue<'_>, place: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => remove(table, place),
        DeValue::Array(items) => {
            let mut items = items.iter_mut().map(Spanned::get_mut);
            items.any(|item| remove_within(item, place))
        }
        _ => false,
    }
}

/// Collects the name of each value, such as `mounts.s3.bucket`, by its place.
fn name_table(table: &DeTable<'_>, above: &str, names: &mut HashMap<Range<usize>, String>) {
    for (key, value) in table {
        let key = key.get_ref();
        if above.is_empty() {
            name_value(value, key, names);
        } else {
            name_value(value, &format!("{above}.{key}"), names);
        }
    }
}

fn name_value(value: &Spanned<DeValue<'_>>, name: &str, names: &mut HashMap<Range<usize>, String>) {
    // A table without a header has the place of the first table within it, and keeps its own name.
    names.entry(value.span()).or_insert_with(|| name.to_owned());
    match value.get_ref() {
        DeValue::Table(table) => name_table(table, name, names),
        DeValue::Array(items) => {
            for item in items {
                name_value(item, name, names);
            }
        }
        _ => {}
    }
}

/// The text of a file, to describe places in it.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// Refuses what is left at the ends of a text, and completes a path.
    fn prepare(
        &self,
        key: &str,
        place: &Range<usize>,
        text: &mut DeString<'_>,
        names: &HashMap<Range<usize>, String>,
        problems: &mut Problems,
    ) {
        let untidy = Untidy::of(text).filter(|_| !BYTE_FOR_BYTE.contains(&key));
        if let Some(untidy) = untidy {
            let problem = untidy.problem();
            let at = self.place(place.start);
            // A name with a digit may be a secret in the wrong place, except that of a table.
            let is_known = |part: &str| part == "s3" || is_name(part);
            let name = names.get(place);
            problems.add(match name.filter(|name| name.split('.').all(is_known)) {
                Some(name) => SettingError::missing(format!("{at}: {name}: {problem}")),
                None => SettingError::missing(format!("{at}: {problem}")),
            });
        }
        if is_path(key) && !text.is_empty() {
            let folder = self.path.parent().unwrap_or(Path::new(""));
            let path = folder.join(&**text);
            *text = path.to_string_lossy().into_owned().into();
        }
    }

    /// `gateway.toml:3:10`; lines and columns begin at 1, and columns count characters.
    fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[start..].chars().count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }

    /// Words an error of the parser without the value, which may be a secret in the wrong place.
    fn error(&self, error: &toml::de::Error) -> SettingError {
        let message = error.message();
        let unknown = message.strip_prefix("unknown field `");
        let unknown = unknown.and_then(|rest| rest.split('`').next());
        let moved = MOVED.iter().find(|(name, _)| unknown == Some(*name));
        let problem = match message.rsplit_once(", expected ") {
            Some((_, "a sequence")) => String::from("expected a list, or [[ ]] around a table"),
            Some((_, expected)) if message.starts_with("invalid ") => {
                format!("expected {expected}")
            }
            _ if unknown.is_some_and(|name| !is_name(name)) => {
                String::from("is not the name of a setting")
            }
            _ => moved.map_or_else(
                || message.lines().collect::<Vec<_>>().join(" "),
                |(_, place)| (*place).to_owned(),
            ),
        };
        let Some(span) = error.span() else {
            let path = self.path.display();
            return SettingError::missing(format!("{path}: {problem}"));
        };
        let place = self.place(span.start);
        match self.key_of_line(span.start) {
            Some(key) => SettingError::missing(format!("{place}: {key}: {problem}")),
            None => SettingError::missing(format!("{place}: {problem}")),
        }
    }

    /// The key of a line, before its `=` or in its brackets. Of a text that goes over several lines, a line
    /// may begin with anything, such as a secret in base64.
    fn key_of_line(&self, offset: usize) -> Option<&str> {
        let start = self
            .text
            .get(..offset)?
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let line = self.text[start..].lines().next()?;
        let table = || line.strip_prefix('[')?.split_once(']');
        let (key, _) = line.split_once('=').or_else(table)?;
        let key = key.trim_start_matches('[').trim();
        is_name(key).then_some(key)
    }
}

/// Whether a text may be the name of a setting, with those of its tables.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || b"_-. ".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
