use super::error::{Fault, HtpasswdErrorKind as Kind};

/// The white space that Apache trims from the ends of a line: that of C's `isspace`.
pub(super) const SPACE: [char; 6] = [' ', '\t', '\n', '\x0b', '\x0c', '\r'];

/// The lines of a file with their numbers, from 1, trimmed, without blank ones and comments.
pub(super) fn lines(contents: &[u8]) -> impl Iterator<Item = (usize, Result<&str, Fault>)> {
    let contents = contents.strip_prefix(b"\xef\xbb\xbf").unwrap_or(contents);
    let lines = contents.split(|byte| *byte == b'\n').map(|line| {
        let line = std::str::from_utf8(line).map(|line| line.trim_matches(SPACE));
        line.map_err(|_| Fault::new(Kind::NotUtf8, "is not UTF-8"))
    });
    let is_skipped = |line: &str| line.is_empty() || line.starts_with('#');
    (1..)
        .zip(lines)
        .filter(move |(_, line)| !line.is_ok_and(is_skipped))
}

/// The user and the hash of a line.
pub(super) fn parse(line: &str) -> Result<(&str, &str), Fault> {
    // Nobody could sign in with one, since `BasicCredentials` refuses them.
    if line.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(Fault::new(
            Kind::ControlCharacter,
            "has a control character",
        ));
    }
    let Some((user, rest)) = line.split_once(':') else {
        return Err(Fault::new(Kind::MissingColon, "has no colon"));
    };
    if user.is_empty() || user.ends_with(' ') {
        let problem = "the user name is empty or ends with a space";
        return Err(Fault::new(Kind::InvalidUser, problem));
    }
    // Apache and nginx end the hash at a second colon, and some files have a comment after it. The
    // values of these two schemes can have colons.
    let hash = if rest.starts_with("{S3PYPI}") || rest.starts_with("{PLAIN}") {
        rest
    } else {
        rest.split_once(':').map_or(rest, |(hash, _)| hash)
    };
    if hash.is_empty() {
        return Err(Fault::new(
            Kind::MissingHash,
            "nothing follows the user name",
        ));
    }
    Ok((user, hash))
}
