use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use portcullis::Secret;

use super::secret_file;
use super::source::{SettingError, Source};
use super::untidy::Untidy;
use super::value::Given;

/// The variables that are set and not empty. It has no `Debug`, since some are secrets.
#[derive(Default)]
pub(crate) struct Environment {
    values: HashMap<OsString, OsString>,
}

/// Why the value of a variable, or of the file that it names, cannot be used.
#[derive(Clone, Copy)]
enum Unusable {
    NotUtf8,
    Untidy(Untidy),
}

impl Unusable {
    fn problem(self) -> &'static str {
        match self {
            Self::NotUtf8 => "is not UTF-8",
            Self::Untidy(untidy) => untidy.problem(),
        }
    }
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        env::vars_os().collect()
    }

    /// The value of a variable, if it is set and not empty.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, SettingError> {
        let wrong = |why: Unusable| SettingError::wrong(&Source::Environment(name), why.problem());
        self.text(name).map_err(wrong)
    }

    /// The same with its source.
    pub(crate) fn given(&self, name: &'static str) -> Result<Option<Given>, SettingError> {
        let source = Source::Environment(name);
        let value = self.get(name)?.map(str::to_owned);
        Ok(value.map(|value| Given { value, source }))
    }

    /// The file of `portcullis token`.
    pub(crate) fn token_file(&self) -> Result<Option<String>, SettingError> {
        Ok(self.get("TOKEN_FILE")?.map(str::to_owned))
    }

    /// The secret that one of two settings names: in a variable, or in a file.
    pub(crate) fn secret(
        &self,
        variable: Option<&Given>,
        file: Option<&Given>,
    ) -> Result<Option<Given<Secret>>, SettingError> {
        match (variable, file) {
            (Some(variable), Some(file)) => {
                Err(SettingError::contradiction(&file.source, &variable.source))
            }
            (Some(variable), None) => self.secret_in(variable).map(Some),
            (None, Some(file)) => secret_file::read(file).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The secret in a variable that a setting names.
    fn secret_in(&self, variable: &Given) -> Result<Given<Secret>, SettingError> {
        let name = &variable.value;
        match self.text(name) {
            Ok(Some(value)) => Ok(Given {
                value: Secret::new(value),
                source: variable.source.clone(),
            }),
            Ok(None) if !may_be_shown(name) => Err(variable.wrong(
                "must be the name of a variable, such as CI_PASSWORD, that has the secret; what it has is \
                 not the name of one that is set, and is not shown, since it may be the secret itself",
            )),
            Ok(None) => Err(variable.wrong(format_args!("the variable {name} is not set"))),
            Err(why) => Err(variable.wrong(format_args!(
                "the value of the variable that it names {}",
                why.problem()
            ))),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&str>, Unusable> {
        let Some(value) = self.values.get(&OsString::from(name)) else {
            return Ok(None);
        };
        let value = value.to_str().ok_or(Unusable::NotUtf8)?;
        match Untidy::of(value) {
            Some(untidy) => Err(Unusable::Untidy(untidy)),
            None => Ok(Some(value)),
        }
    }

    /// The names of the variables that begin so, in alphabetical order. One that may be a secret is left out.
    pub(crate) fn names_with(&self, begin: &str) -> Vec<&str> {
        let names = self.values.keys().filter_map(|name| name.to_str());
        let mut names: Vec<_> = names
            .filter(|name| name.starts_with(begin) && may_be_shown(name))
            .collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(&OsString::from(name))
    }
}

/// The longest name of a variable that is shown.
const LONGEST_NAME: usize = 64;

/// The longest name that is shown without an underscore. Keys that are written in capitals and digits are
/// longer.
const LONGEST_WORD: usize = 15;

/// Whether a text looks like the name of a variable and not like a secret.
fn may_be_shown(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_short = name.len() <= LONGEST_WORD || name.contains('_') && name.len() <= LONGEST_NAME;
    is_short
        && name.bytes().all(is_plain)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        let values = variables
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self { values }
    }
}
