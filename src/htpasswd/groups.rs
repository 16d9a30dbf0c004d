use std::collections::HashMap;

use super::error::{Fault, HtpasswdError, HtpasswdErrorKind as Kind};
use super::line::{SPACE, lines};
use crate::gate::require_scope_token;

/// The groups of each user, sorted.
pub(super) type Groups<'a> = HashMap<&'a str, Vec<&'a str>>;

/// Parses a group file.
pub(crate) fn parse(contents: &[u8]) -> Result<Groups<'_>, HtpasswdError> {
    let mut groups = Groups::new();
    for (number, line) in lines(contents) {
        let line = line.and_then(parse_line);
        let (group, members) = line.map_err(|fault| HtpasswdError::at(number, fault))?;
        for member in members.split(SPACE).filter(|member| !member.is_empty()) {
            groups.entry(member).or_default().push(group);
        }
    }
    for groups in groups.values_mut() {
        groups.sort_unstable();
        groups.dedup();
    }
    Ok(groups)
}

/// A group and its members.
fn parse_line(line: &str) -> Result<(&str, &str), Fault> {
    if line
        .bytes()
        .any(|byte| byte.is_ascii_control() && byte != b'\t')
    {
        return Err(Fault::new(
            Kind::ControlCharacter,
            "has a control character",
        ));
    }
    // Apache's group ends at the first colon, but no member of a file of Apache's has another.
    let Some((group, members)) = line.rsplit_once(':') else {
        return Err(Fault::new(Kind::MissingColon, "has no colon"));
    };
    if require_scope_token(group).is_err() {
        let problem = "the group's name is not a scope token of RFC 6749";
        return Err(Fault::new(Kind::InvalidGroup, problem));
    }
    // Apache reads these as parts of one name, and of one line.
    let is_quoted = |member: &str| member.starts_with(['"', '\'']);
    if members.split(SPACE).any(is_quoted) || members.ends_with('\\') {
        let problem = "quoted members and lines that end in a backslash are not supported";
        return Err(Fault::new(Kind::UnsupportedMember, problem));
    }
    Ok((group, members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_the_groups_that_name_it() {
        for (name, file, expected) in [
            ("nothing", "", &[][..]),
            ("one", "g: ana", &[("ana", &["g"][..])]),
            ("without a space", "g:ana", &[("ana", &["g"])]),
            ("several", "g: ana bob", &[("ana", &["g"]), ("bob", &["g"])]),
            (
                "tabs",
                "\tg:\tana\t \tbob \r\n",
                &[("ana", &["g"]), ("bob", &["g"])],
            ),
            ("two groups", "b: ana\na: ana", &[("ana", &["a", "b"])]),
            (
                "two lines of a group",
                "g: ana\ng: bob ana",
                &[("ana", &["g"]), ("bob", &["g"])],
            ),
            ("a member twice", "g: ana ana", &[("ana", &["g"])]),
            ("no member", "g:", &[]),
            (
                "the name of a scope",
                "wheels:read: ana",
                &[("ana", &["wheels:read"])],
            ),
            (
                "comments",
                "\u{feff}# g: ana\n\n  \n # x\ng: #ana",
                &[("#ana", &["g"])],
            ),
            ("quotes within", "g: o'neil", &[("o'neil", &["g"])]),
            (
                "a backslash within",
                "g: corp\\ana bob",
                &[("bob", &["g"]), ("corp\\ana", &["g"])],
            ),
            ("other alphabets", "g: ané", &[("ané", &["g"])]),
        ] {
            let groups = parse(file.as_bytes()).unwrap();
            let mut groups: Vec<_> = groups.iter().map(|(user, of)| (*user, &**of)).collect();
            groups.sort_unstable();
            assert_eq!(groups, expected, "{name}");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        for (name, line, kind) in [
            ("no colon", "g ana", Kind::MissingColon),
            ("no name", ": ana", Kind::InvalidGroup),
            ("a space in the name", "g g: ana", Kind::InvalidGroup),
            ("a space before the colon", "g : ana", Kind::InvalidGroup),
            (
                "a quotation mark in the name",
                "g\": ana",
                Kind::InvalidGroup,
            ),
            ("another alphabet in the name", "ü: ana", Kind::InvalidGroup),
            ("double quotes", "g: bob \"ana b\"", Kind::UnsupportedMember),
            ("single quotes", "g: 'ana b'", Kind::UnsupportedMember),
            (
                "a quote after the colon",
                "g:\"ana\"",
                Kind::UnsupportedMember,
            ),
            ("a continued line", "g: ana \\", Kind::UnsupportedMember),
            ("a control character", "g: ana\x00", Kind::ControlCharacter),
            ("a delete", "g: ana\x7fb", Kind::ControlCharacter),
        ] {
            let file = format!("good: ana\n\n{line}\nworse");
            let error = parse(file.as_bytes()).unwrap_err();
            assert_eq!((error.kind(), error.line()), (kind, Some(3)), "{name}");
        }
        let error = parse(b"g: ana\ng: \xff").unwrap_err();
        assert_eq!((error.kind(), error.line()), (Kind::NotUtf8, Some(2)));
    }
}
