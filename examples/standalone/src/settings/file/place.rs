use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use crate::settings::error::{SettingError, Source};
use crate::settings::given::Given;

/// The text of a file, for the places in it.
pub(super) struct Text<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Text<'_> {
    /// `gateway.toml:3:10`; lines and columns begin at 1, and columns count characters.
    fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[start..].chars().count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }

    pub(super) fn source(&self, setting: &'static str, span: &Range<usize>) -> Source {
        let place = self.place(span.start);
        Source::File { place, setting }
    }

    pub(super) fn given<T>(&self, setting: &'static str, value: Spanned<T>) -> Given<T> {
        let source = self.source(setting, &value.span());
        let value = value.into_inner();
        Given { value, source }
    }

    pub(super) fn option<T>(
        &self,
        setting: &'static str,
        value: Option<Spanned<T>>,
    ) -> Option<Given<T>> {
        value.map(|value| self.given(setting, value))
    }

    /// Words an error of the parser, without the value that it is about: that may be a secret which
    /// somebody has put there.
    pub(super) fn error(&self, error: &toml::de::Error) -> SettingError {
        let message = error.message();
        let problem = match message.rsplit_once(", expected ") {
            Some((_, "a sequence")) => String::from("expected a list, or [[ ]] around a table"),
            Some((_, expected)) if message.starts_with("invalid ") => {
                format!("expected {expected}")
            }
            _ => message.lines().collect::<Vec<_>>().join(" "),
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

    /// What stands before the `=` of the line, or in its brackets.
    fn key_of_line(&self, offset: usize) -> Option<&str> {
        let start = self
            .text
            .get(..offset)?
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let line = self.text[start..].lines().next()?;
        let table = || line.strip_prefix('[')?.split_once(']');
        let (key, _) = line.split_once('=').or_else(table)?;
        Some(key.trim_start_matches('[').trim())
    }
}
