use std::ffi::OsStr;

use clap::builder::{StringValueParser, TypedValueParser, ValueParserFactory};

use super::source::Source;
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
        Ok(Given { value, source })
    }
}
