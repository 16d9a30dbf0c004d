use std::ffi::OsStr;

use clap::builder::{StringValueParser, TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;

use super::source::{SettingError, Source};
use super::untidy::Untidy;
use super::value::Given;

/// Keeps the text of a flag, so that flags, variables and files are judged by the same rules.
impl ValueParserFactory for Given {
    type Parser = FlagParser;

    fn value_parser() -> FlagParser {
        FlagParser
    }
}

#[derive(Clone)]
pub(crate) struct FlagParser;

impl TypedValueParser for FlagParser {
    type Value = Given;

    fn parse_ref(
        &self,
        command: &clap::Command,
        flag: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Given, clap::Error> {
        let value = StringValueParser::new().parse_ref(command, flag, value)?;
        let source = Source::of_flag(flag);
        if let Some(untidy) = Untidy::of(&value) {
            let problem = SettingError::wrong(&source, untidy.problem());
            let error = clap::Error::raw(ErrorKind::ValueValidation, format!("{problem}\n"));
            return Err(error.with_cmd(command));
        }
        Ok(Given { value, source })
    }
}
