use std::collections::BTreeSet;

use super::error::{ArchiveError, ArchiveErrorKind, quoted};

/// What a wheel's file name says of its contents.
#[derive(Debug)]
pub(super) struct WheelName<'a> {
    /// `{name}-{version}`.
    pub(super) stem: &'a str,
    /// The tags for Python, ABI and platform, each a set with dots.
    tags: [&'a str; 3],
}

impl<'a> WheelName<'a> {
    /// Splits `{name}-{version}[-{build}]-{python}-{abi}-{platform}.whl`.
    pub(super) fn parse(file_name: &'a str) -> Result<Self, ArchiveError> {
        let stem = file_name.strip_suffix(".whl");
        let parts: Vec<_> = stem.unwrap_or_default().split('-').collect();
        match parts[..] {
            [name, version, .., python, abi, platform] if parts.len() <= 6 => Ok(Self {
                stem: &file_name[..name.len() + 1 + version.len()],
                tags: [python, abi, platform],
            }),
            _ => {
                let problem = format!(
                    "the file name {} is not \"{{name}}-{{version}}-{{python}}-{{abi}}-{{platform}}.whl\"",
                    quoted(file_name)
                );
                Err(ArchiveError::new(
                    ArchiveErrorKind::FileNameMismatch,
                    problem,
                ))
            }
        }
    }

    /// Compares with the `WHEEL` file: version 1 of the format, and exactly the tags of the file name.
    pub(super) fn check(&self, wheel: &[u8]) -> Result<(), ArchiveError> {
        let refused = |problem| {
            Err(ArchiveError::new(
                ArchiveErrorKind::FileNameMismatch,
                problem,
            ))
        };
        let Ok(wheel) = str::from_utf8(wheel) else {
            return Err(ArchiveError::malformed(
                "the wheel's WHEEL file is not UTF-8",
            ));
        };
        let values = |name: &str| {
            let fields = wheel.lines().take_while(|line| !line.trim().is_empty());
            let fields = fields.filter_map(|line| line.split_once(':'));
            let named = fields.filter(move |(it, _)| it.trim().eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.trim()).collect::<Vec<_>>()
        };
        match values("wheel-version")[..] {
            [version] if version.split('.').next() == Some("1") => {}
            ref other => {
                let other = quoted(other.join(", "));
                let problem = format!(
                    "the wheel's WHEEL file has the Wheel-Version {other}, expected \"1.0\""
                );
                return Err(ArchiveError::new(ArchiveErrorKind::Unsupported, problem));
            }
        }
        let given: BTreeSet<_> = values("tag").into_iter().collect();
        let expected = self.tags.map(|set| set.split('.').collect::<BTreeSet<_>>());
        let is_expected = |tag: &&str| {
            let parts: Vec<_> = tag.split('-').collect();
            parts.len() == 3
                && parts
                    .iter()
                    .zip(&expected)
                    .all(|(part, set)| set.contains(part))
        };
        let count = expected
            .iter()
            .map(BTreeSet::len)
            .fold(1, usize::saturating_mul);
        if let Some(tag) = given.iter().find(|tag| !is_expected(tag)) {
            let (tag, own) = (quoted(tag), quoted(self.tags.join("-")));
            return refused(format!(
                "the wheel's WHEEL file has the tag {tag}, the file name has {own}"
            ));
        }
        if given.len() != count {
            let own = quoted(self.tags.join("-"));
            let problem = format!(
                "the wheel's WHEEL file has {} tags, the file name has {own}, which is {count}",
                given.len()
            );
            return refused(problem);
        }
        Ok(())
    }
}
