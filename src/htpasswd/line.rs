use super::error::{Fault, HtpasswdErrorKind as Kind};

/// White space as Apache trims it from the ends of a line: that of C's `isspace`.
const SPACE: [char; 6] = [' ', '\t', '\n', '\x0b', '\x0c', '\r'];

/// A user and what stands after the colon; `None` for a blank line and a comment.
pub(super) fn parse(line: &[u8]) -> Result<Option<(&str, &str)>, Fault> {
    let Ok(line) = std::str::from_utf8(line) else {
        return Err(Fault::new(Kind::NotUtf8, "is not UTF-8"));
    };
    let line = line.trim_matches(SPACE);
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    // Nobody could sign in with one, since `BasicCredentials` takes none.
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
    // Apache and nginx end the hash at a second colon, after which some people keep a comment. These
    // two have colons of their own.
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
    Ok(Some((user, hash)))
}
