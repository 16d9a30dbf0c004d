use super::environment::Environment;
use super::error::Source;
use super::given::Given;
use super::problems::Problems;

/// Finds settings by their flags and variables, and keeps what is wrong with these.
pub(super) struct Finder<'a> {
    pub(super) environment: &'a Environment,
    pub(super) problems: Problems,
}

impl Finder<'_> {
    pub(super) fn flag(name: &'static str, given: Option<&str>) -> Option<Given> {
        let source = Source::Flag(name);
        let value = given?.to_owned();
        Some(Given { value, source })
    }

    pub(super) fn variable(&mut self, name: &'static str) -> Option<Given> {
        let given = self.environment.given(name);
        self.problems.take(given).flatten()
    }

    /// The value of a flag, else of a variable, which is not even looked at where there is a flag.
    pub(super) fn either(
        &mut self,
        (flag, given): (&'static str, Option<&str>),
        variable: &'static str,
    ) -> Option<Given> {
        Self::flag(flag, given).or_else(|| self.variable(variable))
    }

    /// The region where nothing else names one. The SDKs read both, and the first wins.
    pub(super) fn region(&mut self) -> Option<Given> {
        self.variable("AWS_DEFAULT_REGION")
            .or_else(|| self.variable("AWS_REGION"))
    }
}
