//! Group files against a slow twin, which takes each line apart by its characters.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::htpasswd_groups;

fuzz_target!(|data: &[u8]| {
    match (twin(data), htpasswd_groups(data)) {
        (Ok(expected), Ok(groups)) => {
            assert_eq!(groups.len(), expected.len());
            for (user, expected) in expected {
                let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
                assert_eq!(groups[user.as_str()], expected, "{user}");
            }
        }
        (Err(line), Err(error)) => assert_eq!(error, Some(line)),
        (expected, groups) => panic!("{expected:?} is not {groups:?}"),
    }
});

type Groups = BTreeMap<String, BTreeSet<String>>;

/// The groups of each user, or the number of the first bad line.
fn twin(file: &[u8]) -> Result<Groups, usize> {
    let mut groups = Groups::new();
    let mut number = 1_usize;
    let mut rest = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    loop {
        let end = rest.iter().position(|&byte| byte == b'\n');
        add(&mut groups, &rest[..end.unwrap_or(rest.len())]).ok_or(number)?;
        let Some(end) = end else { return Ok(groups) };
        rest = &rest[end + 1..];
        number += 1;
    }
}

fn add(groups: &mut Groups, line: &[u8]) -> Option<()> {
    let line: Vec<char> = std::str::from_utf8(line).ok()?.chars().collect();
    let is_space = |c: &char| *c == ' ' || ('\t'..='\r').contains(c);
    let Some(start) = line.iter().position(|c| !is_space(c)) else {
        return Some(());
    };
    let end = line.iter().rposition(|c| !is_space(c))?;
    let line = &line[start..=end];
    if line[0] == '#' {
        return Some(());
    }
    if line.iter().any(|&c| (c < ' ' && c != '\t') || c == '\x7f') {
        return None;
    }
    let colon = line.iter().rposition(|&c| c == ':')?;
    let (group, members) = (&line[..colon], &line[colon + 1..]);
    let is_good = |&c: &char| ('!'..='~').contains(&c) && c != '"' && c != '\\';
    if group.is_empty() || !group.iter().all(is_good) || members.last() == Some(&'\\') {
        return None;
    }
    let members: Vec<_> = members
        .split(is_space)
        .filter(|it| !it.is_empty())
        .collect();
    if members.iter().any(|member| matches!(member[0], '"' | '\'')) {
        return None;
    }
    for member in members {
        let of = groups.entry(member.iter().collect()).or_default();
        of.insert(group.iter().collect());
    }
    Some(())
}
