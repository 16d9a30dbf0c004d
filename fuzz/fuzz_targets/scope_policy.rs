//! `ScopePolicy` against a slow twin: which scopes satisfy it, and which ones a refusal names.
#![no_main]

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Result, Unstructured};
use http::Request;
use libfuzzer_sys::fuzz_target;
use portcullis::gate::{
    Authenticator, Decision, Identity, RequireScopeLayer, ScopePolicy, Verdict,
};

fuzz_target!(|input: Input| {
    let Some(policy) = input.twin.policy() else {
        assert!(input.twin.is_bad());
        return;
    };
    assert!(!input.twin.is_bad());

    let mut granted = input.granted;
    if input.grants_all {
        granted.extend(input.twin.scopes());
    }
    let identity = Identity::new("fuzz", "anyone").with_scopes(granted.clone());
    let granted: BTreeSet<_> = granted.into_iter().collect();
    let is_satisfied = input.twin.holds(&granted);
    assert_eq!(policy.is_satisfied_by(&identity), is_satisfied);
    assert!(
        is_satisfied || !input.grants_all,
        "nothing is forbidden by a scope"
    );

    let (head, ()) = Request::builder()
        .extension(identity)
        .body(())
        .expect("a request")
        .into_parts();
    match RequireScopeLayer::new(policy).authenticate(&head) {
        Decision::Now(Verdict::Admit(_)) => assert!(is_satisfied),
        Decision::Now(Verdict::Refuse(refusal)) => {
            assert!(!is_satisfied);
            assert_eq!(refusal.scope(), Some(&*named_once(&input.twin.scopes())));
        }
        other => panic!("{other:?}"),
    }
});

#[derive(Debug)]
struct Input {
    twin: Twin,
    granted: Vec<String>,
    grants_all: bool,
}

/// How a policy was built.
#[derive(Debug)]
enum Twin {
    AllOf(Vec<String>),
    AnyOf(Vec<String>),
    And(Box<Twin>, Box<Twin>),
    Or(Box<Twin>, Box<Twin>),
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            twin: twin(input, 6)?,
            grants_all: input.ratio(1, 8)?,
            granted: scopes(input)?,
        })
    }
}

fn twin(input: &mut Unstructured<'_>, depth: u8) -> Result<Twin> {
    let kinds = if depth == 0 { 1 } else { 3 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => Twin::AllOf(scopes(input)?),
        1 => Twin::AnyOf(scopes(input)?),
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

/// Names that contain each other, and some arbitrary ones.
fn scopes(input: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let mut scopes = Vec::new();
    for _ in 0..input.int_in_range(0..=4)? {
        scopes.push(match input.int_in_range(0..=5)? {
            0 => "read".to_owned(),
            1 => "readonly".to_owned(),
            2 => "READ".to_owned(),
            3 => "read:all".to_owned(),
            4 => "only".to_owned(),
            _ => input.arbitrary()?,
        });
    }
    Ok(scopes)
}

impl Twin {
    fn policy(&self) -> Option<ScopePolicy> {
        Some(match self {
            Self::AllOf(scopes) => ScopePolicy::all_of(scopes).ok()?,
            Self::AnyOf(scopes) => ScopePolicy::any_of(scopes).ok()?,
            Self::And(first, second) => first.policy()?.and(second.policy()?),
            Self::Or(first, second) => first.policy()?.or(second.policy()?),
        })
    }

    /// Whether some list is empty or has a name that RFC 6749 section 3.3 does not allow.
    fn is_bad(&self) -> bool {
        match self {
            Self::AllOf(scopes) | Self::AnyOf(scopes) => {
                let is_token_character = |c: char| {
                    let code = u32::from(c);
                    code == 0x21 || (0x23..=0x5b).contains(&code) || (0x5d..=0x7e).contains(&code)
                };
                let is_bad =
                    |scope: &String| scope.is_empty() || !scope.chars().all(is_token_character);
                scopes.is_empty() || scopes.iter().any(is_bad)
            }
            Self::And(first, second) | Self::Or(first, second) => first.is_bad() || second.is_bad(),
        }
    }

    fn holds(&self, granted: &BTreeSet<String>) -> bool {
        match self {
            Self::AllOf(scopes) => {
                let needed: BTreeSet<_> = scopes.iter().cloned().collect();
                needed.is_subset(granted)
            }
            Self::AnyOf(scopes) => {
                let needed: BTreeSet<_> = scopes.iter().cloned().collect();
                !needed.is_disjoint(granted)
            }
            Self::And(first, second) => first.holds(granted) & second.holds(granted),
            Self::Or(first, second) => first.holds(granted) | second.holds(granted),
        }
    }

    fn scopes(&self) -> Vec<String> {
        match self {
            Self::AllOf(scopes) | Self::AnyOf(scopes) => scopes.clone(),
            Self::And(first, second) | Self::Or(first, second) => {
                [first.scopes(), second.scopes()].concat()
            }
        }
    }
}

fn named_once(scopes: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let mut text = String::new();
    for scope in scopes {
        if seen.insert(scope) {
            if !text.is_empty() {
                text += " ";
            }
            text += scope;
        }
    }
    text
}
