use clap::builder::{BoolValueParser, TypedValueParser, ValueParserFactory};
use serde::{Deserialize, Deserializer};

use super::document::Document;
use super::source::Source;
use super::value::Given;

/// A setting that is off by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switch {
    /// The source that turns it on.
    pub(crate) on: Option<Source>,
}

impl Switch {
    pub(crate) fn is_on(&self) -> bool {
        self.on.is_some()
    }

    fn new(given: Given<bool>) -> Self {
        Self {
            on: given.value.then_some(given.source),
        }
    }
}

impl Document for Switch {
    fn each_source(&mut self, visit: &mut dyn FnMut(&mut Source)) {
        if let Some(source) = &mut self.on {
            visit(source);
        }
    }

    fn or(self, other: Self) -> Self {
        if self.is_on() { self } else { other }
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Given::deserialize(deserializer).map(Self::new)
    }
}

/// Parses the flag, which takes no value.
impl ValueParserFactory for Switch {
    type Parser = SwitchParser;

    fn value_parser() -> SwitchParser {
        SwitchParser
    }
}

#[derive(Clone)]
pub(crate) struct SwitchParser;

impl TypedValueParser for SwitchParser {
    type Value = Switch;

    fn parse_ref(
        &self,
        command: &clap::Command,
        flag: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Switch, clap::Error> {
        let value = BoolValueParser::new().parse_ref(command, flag, value)?;
        let source = Source::of_flag(flag);
        Ok(Switch::new(Given { value, source }))
    }
}
