//! `ClaimPolicy` against a slow twin, which searches a list of all values with their paths.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::claim_set;
use portcullis::jwt::{ClaimPath, ClaimPolicy};
use serde_json::{Map, Value};

fuzz_target!(|input: Input| {
    let claims = Value::Object(input.claims.clone());
    let mut leaves = Vec::new();
    flatten(&claims, &mut Vec::new(), &mut leaves);
    let policy = input.twin.policy();
    let checked = policy.check(&claim_set(input.claims));
    assert_eq!(checked.is_ok(), input.twin.holds(&leaves), "{policy:?}");
    if let Err(mismatch) = checked {
        assert!(mismatch.expected().next().is_some());
        assert!(!mismatch.to_string().contains(['\n', '\0']));
    }
});

struct Input {
    claims: Map<String, Value>,
    twin: Twin,
}

#[derive(Debug)]
enum Twin {
    OneOf(Vec<&'static str>, Vec<String>),
    BeginsWith(Vec<&'static str>, String),
    And(Box<Twin>, Box<Twin>),
    Or(Box<Twin>, Box<Twin>),
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", Value::Object(self.claims.clone()), self.twin)
    }
}

const NAMES: [&str; 4] = ["a", "b", "kubernetes.io", ""];
const TEXTS: [&str; 8] = ["a", "a b", "ab", "", "true", "7", "A", "\n"];

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            claims: object(input, 3)?,
            twin: twin(input, 4)?,
        })
    }
}

fn object(input: &mut Unstructured<'_>, depth: u8) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for _ in 0..input.int_in_range(0..=4)? {
        let name = (*input.choose(&NAMES)?).to_owned();
        members.insert(name, value(input, depth)?);
    }
    Ok(members)
}

fn value(input: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    let kinds = if depth == 0 { 3 } else { 5 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => Value::Null,
        1 => Value::Bool(input.arbitrary()?),
        2 => Value::from(input.int_in_range(6..=8)?),
        3 => Value::from(text(input)?),
        4 => {
            let mut elements = Vec::new();
            for _ in 0..input.int_in_range(0..=3)? {
                elements.push(value(input, depth - 1)?);
            }
            Value::Array(elements)
        }
        _ => Value::Object(object(input, depth - 1)?),
    })
}

fn text(input: &mut Unstructured<'_>) -> Result<String> {
    if input.ratio(1, 6)? {
        return input.arbitrary();
    }
    Ok((*input.choose(&TEXTS)?).to_owned())
}

fn twin(input: &mut Unstructured<'_>, depth: u8) -> Result<Twin> {
    let kinds = if depth == 0 { 1 } else { 3 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => {
            let mut values = vec![text(input)?];
            for _ in 0..input.int_in_range(0..=2)? {
                values.push(text(input)?);
            }
            Twin::OneOf(path(input)?, values)
        }
        1 => Twin::BeginsWith(
            path(input)?,
            format!("{}{}", input.choose(&["a", "A", "t"])?, text(input)?),
        ),
        kind => {
            let first = Box::new(twin(input, depth - 1)?);
            let second = Box::new(twin(input, depth - 1)?);
            match kind {
                2 => Twin::And(first, second),
                _ => Twin::Or(first, second),
            }
        }
    })
}

fn path(input: &mut Unstructured<'_>) -> Result<Vec<&'static str>> {
    let mut names = vec![*input.choose(&NAMES)?];
    while names.len() < 3 && input.ratio(1, 3)? {
        names.push(*input.choose(&NAMES)?);
    }
    Ok(names)
}

/// Each value that a condition can name, with its path; an element of an array with a mark.
fn flatten<'a>(
    value: &'a Value,
    path: &mut Vec<&'a str>,
    leaves: &mut Vec<(Vec<&'a str>, bool, &'a Value)>,
) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                path.push(name);
                flatten(value, path, leaves);
                path.pop();
            }
        }
        Value::Array(elements) => {
            leaves.extend(elements.iter().map(|element| (path.clone(), true, element)));
        }
        other => leaves.push((path.clone(), false, other)),
    }
}

impl Twin {
    fn policy(&self) -> ClaimPolicy {
        let claim = |names: &[&'static str]| ClaimPath::new(names.iter().copied()).expect("a path");
        match self {
            Self::OneOf(names, values) => {
                ClaimPolicy::one_of(claim(names), values.iter().map(String::as_str))
                    .expect("values")
            }
            Self::BeginsWith(names, prefix) => {
                ClaimPolicy::begins_with(claim(names), prefix.as_str()).expect("a prefix")
            }
            Self::And(first, second) => first.policy().and(second.policy()),
            Self::Or(first, second) => first.policy().or(second.policy()),
        }
    }

    fn holds(&self, leaves: &[(Vec<&str>, bool, &Value)]) -> bool {
        match self {
            Self::OneOf(names, values) => leaves.iter().any(|(path, _, value)| {
                let spelled = match value {
                    Value::String(text) => text.clone(),
                    Value::Bool(true) => "true".to_owned(),
                    Value::Bool(false) => "false".to_owned(),
                    Value::Number(number) => format!("{}", number.as_i64().expect("small")),
                    _ => return false,
                };
                path == names && values.contains(&spelled)
            }),
            Self::BeginsWith(names, prefix) => leaves.iter().any(|(path, is_element, value)| {
                let text = value.as_str().unwrap_or_default().as_bytes();
                path == names && !is_element && text.get(..prefix.len()) == Some(prefix.as_bytes())
            }),
            Self::And(first, second) => first.holds(leaves) & second.holds(leaves),
            Self::Or(first, second) => first.holds(leaves) | second.holds(leaves),
        }
    }
}
