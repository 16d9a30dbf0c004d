use super::error::{ArchiveError, ArchiveErrorKind, quoted};

/// The longest path in bytes: what Linux cannot unpack is refused long before.
const LONGEST: usize = 1024;

/// The path of a member: segments that are no `.` and no `..`, on every system.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberPath<'a> {
    text: &'a str,
    has_slash: bool,
}

impl<'a> MemberPath<'a> {
    pub(super) fn parse(name: &'a [u8]) -> Result<Self, ArchiveError> {
        let refused = |problem: &str| {
            let problem = format!("the archive's path {} {problem}", quoted(name));
            ArchiveError::new(ArchiveErrorKind::UnsafePath, problem)
        };
        if name.len() > LONGEST {
            return Err(refused("is longer than 1024 bytes"));
        }
        let name = str::from_utf8(name).map_err(|_| refused("is not UTF-8"))?;
        if name.contains(|c: char| c.is_control()) {
            return Err(refused("has a control character"));
        }
        if name.contains('\\') {
            return Err(refused("has a backslash, which is a slash on Windows"));
        }
        let has_drive = name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
            && name[1..].starts_with(':');
        if name.starts_with('/') || has_drive {
            return Err(refused("is absolute"));
        }
        let text = name.strip_suffix('/').unwrap_or(name);
        if text
            .split('/')
            .any(|segment| matches!(segment, "" | "." | ".."))
        {
            return Err(refused("has an empty segment, \".\" or \"..\""));
        }
        Ok(Self {
            text,
            has_slash: name.len() > text.len(),
        })
    }

    /// Without the slash at its end.
    pub(super) fn text(self) -> &'a str {
        self.text
    }

    /// Whether it ends with a slash, as the name of a folder.
    pub(super) fn has_slash(self) -> bool {
        self.has_slash
    }
}
