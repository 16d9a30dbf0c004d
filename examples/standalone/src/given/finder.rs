use portcullis::Secret;

use super::environment::Environment;
use super::problems::Problems;
use super::secret_file;
use super::source::SettingError;
use super::value::Given;

/// Reads the variables of settings, and collects their names and problems.
pub(crate) struct Finder<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) problems: Problems,
    /// The names of the variables that were read, set or not.
    pub(crate) asked: Vec<&'static str>,
    /// The files of secrets that variables name.
    pub(crate) files: Vec<Given>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            problems: Problems::default(),
            asked: Vec::new(),
            files: Vec::new(),
        }
    }

    pub(crate) fn variable(&mut self, name: &'static str) -> Option<Given> {
        self.asked.push(name);
        let given = self.environment.given(name);
        self.problems.take(given).flatten()
    }

    /// Sets `setting` from a variable unless a flag has set it. The variable is not read then.
    pub(crate) fn fill(&mut self, setting: &mut Option<Given>, name: &'static str) {
        match setting {
            Some(_) => self.asked.push(name),
            None => *setting = self.variable(name),
        }
    }

    /// A variable that is a number.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<Given<i64>> {
        let given = self.variable(name)?;
        let number = given.value.parse::<i64>();
        let number =
            number.map_err(|_| given.wrong(format_args!("{:?} is not a number", given.value)));
        let value = self.problems.take(number)?;
        let source = given.source;
        Some(Given { value, source })
    }

    /// As [`fill`](Self::fill), for a setting that is on or off.
    pub(crate) fn fill_switch(&mut self, setting: &mut Option<Given<bool>>, name: &'static str) {
        if setting.is_some() {
            return self.asked.push(name);
        }
        let Some(given) = self.variable(name) else {
            return;
        };
        let value = match &*given.value.to_ascii_lowercase() {
            "1" | "true" => Ok(true),
            "0" | "false" => Ok(false),
            _ => Err(given.wrong(format_args!("{:?} is not true or false", given.value))),
        };
        *setting = (self.problems.take(value)).map(|value| given.map(|_| value));
    }

    /// The items of a variable, which are separated by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Option<Given<Vec<String>>> {
        let given = self.variable(name)?;
        Some(given.map(|text| {
            let items = text.split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            items.map(str::to_owned).collect()
        }))
    }

    /// A secret: in a variable, or in the file that the variable `in_file` names.
    pub(crate) fn secret(
        &mut self,
        name: &'static str,
        in_file: &'static str,
    ) -> Option<Given<Secret>> {
        let (secret, file) = (self.variable(name), self.variable(in_file));
        self.files.extend(file.clone());
        match (secret, file) {
            (Some(secret), Some(file)) => {
                let both = SettingError::contradiction(&file.source, &secret.source);
                self.problems.add(both);
                None
            }
            (Some(secret), None) => Some(secret.map(Secret::new)),
            (None, Some(file)) => self.problems.take(secret_file::read(&file)),
            (None, None) => None,
        }
    }

    /// A secret that `whose` needs.
    pub(crate) fn needed_secret<T>(
        &mut self,
        name: &'static str,
        in_file: &'static str,
        whose: &Given<T>,
    ) -> Option<Given<Secret>> {
        if !self.environment.has(name) && !self.environment.has(in_file) {
            let problem = format_args!("needs {name} or {in_file}, which are not set");
            self.problems.add(whose.wrong(problem));
        }
        self.secret(name, in_file)
    }

    /// A variable that `whose` needs.
    pub(crate) fn needed<T>(&mut self, name: &'static str, whose: &Given<T>) -> Option<Given> {
        let given = self.variable(name);
        if given.is_none() {
            let missing = whose.wrong(format_args!("needs {name}, which is not set"));
            self.problems.add(missing);
        }
        given
    }
}

/// The names of the variables that `read` reads if none is set, in alphabetical order.
pub(crate) fn asked<T>(read: impl FnOnce(&mut Finder<'_>) -> T) -> Vec<&'static str> {
    let nothing = Environment::default();
    let mut finder = Finder::new(&nothing);
    read(&mut finder);
    finder.asked.sort_unstable();
    finder.asked.dedup();
    finder.asked
}
