use super::environment::Environment;
use super::problems::Problems;
use super::value::Given;

/// Reads the variables of settings, and collects their names and problems.
pub(crate) struct Finder<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) problems: Problems,
    /// The names of the variables that were read, set or not.
    pub(crate) asked: Vec<&'static str>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            problems: Problems::default(),
            asked: Vec::new(),
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

    /// The items of a variable, which are separated by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Option<Given<Vec<String>>> {
        let given = self.variable(name)?;
        Some(given.map(|text| {
            let items = text.split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            items.map(str::to_owned).collect()
        }))
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
