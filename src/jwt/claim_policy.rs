use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use super::claims::{ClaimPath, ClaimSet};
use crate::error::ConfigError;
use crate::gate::Mismatch;

/// What the claims of a token must say: conditions, all of which or any of which must hold.
///
/// A condition names one claim and compares whole values, by case. The claim satisfies it if it is one of
/// the values, or an array that has one of them. A number or a boolean is compared by its spelling in JSON.
/// An absent claim, `null` and an object satisfy nothing. Scopes have no part in it: see
/// [`ScopePolicy`](crate::gate::ScopePolicy) for them.
///
/// It is for issuers that give tokens to more clients than are to be admitted, such as a CI service: its
/// tokens say for which repository they are. See [`TrustedIssuer::with_required_claims`].
///
/// ```
/// use portcullis::jwt::{ClaimPath, ClaimPolicy};
///
/// let policy = ClaimPolicy::one_of(ClaimPath::new(["repository"])?, ["octo/app"])?
///     .and(ClaimPolicy::begins_with(ClaimPath::new(["ref"])?, "refs/tags/")?);
/// assert_eq!(
///     format!("{policy:?}"),
///     r#"all_of(repository is one of ["octo/app"], ref begins with "refs/tags/")"#
/// );
/// assert!(ClaimPolicy::begins_with(ClaimPath::new(["ref"])?, "").is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
///
/// [`TrustedIssuer::with_required_claims`]: super::TrustedIssuer::with_required_claims
#[derive(Clone)]
#[must_use]
pub struct ClaimPolicy {
    rule: Arc<Rule>,
}

#[derive(Clone)]
enum Rule {
    OneOf(ClaimPath, Box<[Box<str>]>),
    BeginsWith(ClaimPath, Box<str>),
    AllOf(Vec<Rule>),
    AnyOf(Vec<Rule>),
}

impl ClaimPolicy {
    /// Requires that the claim is one of these values.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no value.
    pub fn one_of<I>(claim: ClaimPath, values: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        let values: Box<[_]> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            return Err(ConfigError::new("claim values", "at least one is required"));
        }
        Ok(Self::new(Rule::OneOf(claim, values)))
    }

    /// Requires that the claim is a string that begins with `prefix`.
    ///
    /// End it with a separator: `octo/` is for the repositories of `octo`, while `octo` is for those of
    /// `octopus` too.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the prefix is empty.
    pub fn begins_with(claim: ClaimPath, prefix: impl Into<Box<str>>) -> Result<Self, ConfigError> {
        let prefix = prefix.into();
        if prefix.is_empty() {
            return Err(ConfigError::new("claim prefix", "must not be empty"));
        }
        Ok(Self::new(Rule::BeginsWith(claim, prefix)))
    }

    /// Requires what both policies require.
    pub fn and(self, other: Self) -> Self {
        Self::new(Rule::AllOf(vec![self.into_rule(), other.into_rule()]))
    }

    /// Requires what at least one of the policies requires.
    pub fn or(self, other: Self) -> Self {
        Self::new(Rule::AnyOf(vec![self.into_rule(), other.into_rule()]))
    }

    /// Checks the claims.
    ///
    /// # Errors
    ///
    /// Returns the [`Mismatch`] of a condition that does not hold, with the claim, its value and what was
    /// expected; of several, the first one.
    pub fn check(&self, claims: &ClaimSet) -> Result<(), Mismatch> {
        self.rule.check(claims)
    }

    fn new(rule: Rule) -> Self {
        Self {
            rule: Arc::new(rule),
        }
    }

    fn into_rule(self) -> Rule {
        Arc::unwrap_or_clone(self.rule)
    }
}

/// Reads conditions as a variable can hold them: `repository=octo/app,ref=refs/tags/*`.
///
/// Commas separate conditions on claims, all of which must hold. A claim that is named several times must have
/// one of its values. A value that ends in `*` is the beginning of a value. Space around names and values has no
/// effect. A claim within another, and a value with a comma or with `*` at its end, cannot be written so.
impl FromStr for ClaimPolicy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError::new("claim conditions", problem);
        let mut claims: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
        let conditions = text.split(',').map(str::trim);
        for condition in conditions.filter(|condition| !condition.is_empty()) {
            let (claim, value) = condition.split_once('=').unwrap_or((condition, ""));
            let (claim, value) = (claim.trim(), value.trim());
            if claim.is_empty() || value.is_empty() {
                let problem =
                    format!("{condition:?} is not a claim and a value, such as ref=refs/tags/*");
                return Err(wrong(problem));
            }
            let place = claims.iter().position(|(name, ..)| *name == claim);
            let place = place.unwrap_or_else(|| {
                claims.push((claim, Vec::new(), Vec::new()));
                claims.len() - 1
            });
            let (_, values, beginnings) = &mut claims[place];
            match value.strip_suffix('*') {
                Some(beginning) => beginnings.push(beginning),
                None => values.push(value),
            }
        }
        let policies = claims.into_iter().map(|(claim, values, beginnings)| {
            let claim = ClaimPath::of_claim(claim);
            let whole = (!values.is_empty()).then(|| Self::one_of(claim.clone(), values));
            let begun = beginnings
                .into_iter()
                .map(|it| Self::begins_with(claim.clone(), it));
            let mut all = whole.into_iter().chain(begun);
            let first = all
                .next()
                .unwrap_or_else(|| Err(wrong("no value".into())))?;
            all.try_fold(first, |any, next| Ok::<_, ConfigError>(any.or(next?)))
        });
        let policies: Vec<Self> = policies.collect::<Result<_, _>>()?;
        let all = policies.into_iter().reduce(Self::and);
        all.ok_or_else(|| wrong("has no condition, such as repository=octo/app".into()))
    }
}

impl Rule {
    fn check(&self, claims: &ClaimSet) -> Result<(), Mismatch> {
        match self {
            Self::OneOf(claim, values) => {
                let given = claim.find(claims);
                let is_one = |given: &Value| values.iter().any(|value| is(given, value));
                match given {
                    Some(Value::Array(elements)) if elements.iter().any(is_one) => Ok(()),
                    Some(given) if is_one(given) => Ok(()),
                    given => Err(mismatch(claim, given).with_expected(values.iter().cloned())),
                }
            }
            Self::BeginsWith(claim, prefix) => match claim.find(claims) {
                Some(Value::String(given)) if given.starts_with(&**prefix) => Ok(()),
                given => Err(mismatch(claim, given).with_expected([format!("{prefix}…")])),
            },
            Self::AllOf(rules) => rules.iter().try_for_each(|rule| rule.check(claims)),
            Self::AnyOf(rules) => {
                let mut results = rules.iter().map(|rule| rule.check(claims));
                let first = results.next().unwrap_or(Ok(()));
                first.or_else(|first| results.find(Result::is_ok).unwrap_or(Err(first)))
            }
        }
    }
}

fn is(given: &Value, value: &str) -> bool {
    match given {
        Value::String(given) => given == value,
        Value::Bool(given) => given.to_string() == value,
        Value::Number(given) => given.to_string() == value,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn mismatch(claim: &ClaimPath, given: Option<&Value>) -> Mismatch {
    let given = given.map(|given| match given {
        Value::String(given) => given.clone(),
        other => other.to_string(),
    });
    Mismatch::new(format!("the token's claim {claim}"), given.as_deref())
}

impl fmt::Debug for ClaimPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule.fmt(f)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rules) = match self {
            Self::OneOf(claim, values) => return write!(f, "{claim} is one of {values:?}"),
            Self::BeginsWith(claim, prefix) => return write!(f, "{claim} begins with {prefix:?}"),
            Self::AllOf(rules) => ("all_of", rules),
            Self::AnyOf(rules) => ("any_of", rules),
        };
        let mut tuple = f.debug_tuple(name);
        for rule in rules {
            tuple.field(rule);
        }
        tuple.finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(names: &[&str]) -> ClaimPath {
        ClaimPath::new(names.iter().copied()).unwrap()
    }

    fn one_of(names: &[&str], values: &[&str]) -> ClaimPolicy {
        ClaimPolicy::one_of(path(names), values.iter().copied()).unwrap()
    }

    fn begins_with(name: &str, prefix: &str) -> ClaimPolicy {
        ClaimPolicy::begins_with(path(&[name]), prefix).unwrap()
    }

    #[test]
    fn whole_values_of_one_claim_are_compared() {
        let claims = json!({
            "repository": "octo/app",
            "environment": "production octo/other",
            "run": 7,
            "protected": true,
            "groups": ["a b", "c", 9],
            "kubernetes.io": {"namespace": "ci"},
            "nothing": null,
            "deep": {"x": 1},
        });
        let claims = ClaimSet::parse(claims.to_string().as_bytes()).unwrap();
        for (policy, holds) in [
            (one_of(&["repository"], &["octo/app"]), true),
            (one_of(&["repository"], &["x", "octo/app"]), true),
            (one_of(&["repository"], &["octo/ap"]), false),
            (one_of(&["repository"], &["octo/app2"]), false),
            (one_of(&["repository"], &["Octo/app"]), false),
            // A word within a value is no value.
            (one_of(&["environment"], &["octo/other"]), false),
            (one_of(&["environment"], &["production octo/other"]), true),
            (one_of(&["groups"], &["c"]), true),
            (one_of(&["groups"], &["9"]), true),
            (one_of(&["groups"], &["a"]), false),
            (one_of(&["groups"], &["a b"]), true),
            (one_of(&["run"], &["7"]), true),
            (one_of(&["run"], &["7.0"]), false),
            (one_of(&["protected"], &["true"]), true),
            (one_of(&["kubernetes.io", "namespace"], &["ci"]), true),
            (one_of(&["kubernetes.io"], &["ci"]), false),
            (one_of(&["nothing"], &["null"]), false),
            (one_of(&["deep"], &[r#"{"x":1}"#]), false),
            (one_of(&["absent"], &[""]), false),
            (begins_with("repository", "octo/"), true),
            (begins_with("repository", "octo/app"), true),
            (begins_with("repository", "app"), false),
            // Only strings have a beginning.
            (begins_with("groups", "c"), false),
            (begins_with("run", "7"), false),
        ] {
            assert_eq!(policy.check(&claims).is_ok(), holds, "{policy:?}");
        }
    }

    #[test]
    fn conditions_are_read_from_a_line() {
        for (text, expected) in [
            ("a=1", Ok(r#"a is one of ["1"]"#)),
            (" a = 1 2 ,", Ok(r#"a is one of ["1 2"]"#)),
            ("a=b=c", Ok(r#"a is one of ["b=c"]"#)),
            ("a=1,a=2", Ok(r#"a is one of ["1", "2"]"#)),
            ("ref=refs/tags/*", Ok(r#"ref begins with "refs/tags/""#)),
            (
                "a=1,b=2,a=x*",
                Ok(r#"all_of(any_of(a is one of ["1"], a begins with "x"), b is one of ["2"])"#),
            ),
            ("", Err("has no condition, such as repository=octo/app")),
            (" , ", Err("has no condition, such as repository=octo/app")),
            (
                "a",
                Err(r#""a" is not a claim and a value, such as ref=refs/tags/*"#),
            ),
            (
                "a=",
                Err(r#""a=" is not a claim and a value, such as ref=refs/tags/*"#),
            ),
            (
                "=1",
                Err(r#""=1" is not a claim and a value, such as ref=refs/tags/*"#),
            ),
            ("a=*", Err("must not be empty")),
        ] {
            let read = text.parse::<ClaimPolicy>();
            let read = read.as_ref().map(|policy| format!("{policy:?}"));
            let read = read.as_deref().map_err(|error| error.problem());
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn policies_are_nested_and_name_the_first_difference() {
        let claims = ClaimSet::parse(br#"{"a": "1", "b": "2"}"#).unwrap();
        let (good, bad) = (one_of(&["a"], &["1"]), one_of(&["b"], &["3", "4"]));
        let reason = r#"the token's claim b is "2", expected one of "3", "4""#;
        for (policy, expected) in [
            (good.clone().and(bad.clone()), Some(reason)),
            (bad.clone().or(good.clone()), None),
            (good.clone().or(bad.clone()), None),
            (bad.clone().or(bad.clone()).and(good.clone()), Some(reason)),
            (good.clone().and(good), None),
            (
                begins_with("c", "x").or(bad),
                Some(r#"the token's claim c is missing, expected "x…""#),
            ),
        ] {
            let difference = policy.check(&claims).err().map(|it| it.to_string());
            assert_eq!(difference.as_deref(), expected, "{policy:?}");
        }
    }
}
