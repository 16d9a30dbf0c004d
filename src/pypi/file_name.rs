use super::error::{NameError, NameErrorKind as Kind};
use super::name::{MAX_BYTES, ProjectName};
use super::version::Version;

/// The format of a distribution, by the end of its file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DistributionFormat {
    /// `.whl`
    Wheel,
    /// `.tar.gz`
    TarGz,
    /// `.tar.bz2`
    TarBz2,
    /// `.tar.xz`
    TarXz,
    /// `.zip`
    Zip,
}

impl DistributionFormat {
    const ALL: [Self; 5] = [
        Self::Wheel,
        Self::TarGz,
        Self::TarBz2,
        Self::TarXz,
        Self::Zip,
    ];

    /// The extension, with its dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wheel => ".whl",
            Self::TarGz => ".tar.gz",
            Self::TarBz2 => ".tar.bz2",
            Self::TarXz => ".tar.xz",
            Self::Zip => ".zip",
        }
    }

    /// Whether it is a wheel. All others are source distributions.
    #[must_use]
    pub fn is_wheel(self) -> bool {
        self == Self::Wheel
    }
}

/// A file beside a distribution, whose name is that of the distribution with an extension more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sibling {
    /// `.metadata`: the core metadata of the distribution (PEP 658).
    Metadata,
    /// `.provenance`: its attestations (PEP 740).
    Provenance,
    /// `.asc`: a GPG signature.
    Signature,
}

impl Sibling {
    const ALL: [Self; 3] = [Self::Metadata, Self::Provenance, Self::Signature];

    /// The extension, with its dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Metadata => ".metadata",
            Self::Provenance => ".provenance",
            Self::Signature => ".asc",
        }
    }

    /// The name of the distribution that a file stands beside, if it does.
    #[must_use]
    pub fn split(file_name: &str) -> Option<(&str, Self)> {
        Self::ALL.into_iter().find_map(|sibling| {
            let distribution = file_name.strip_suffix(sibling.extension())?;
            Some((distribution, sibling))
        })
    }
}

/// The file name of a wheel or a source distribution, and what it says.
///
/// A wheel is named as the [binary distribution format] has it, a source distribution as PEP 625 has it or in
/// an older spelling. A name of either may have ASCII letters, digits and `-_.+!~`, so it needs no escape in
/// HTML and is one segment of a path.
///
/// Two readers of one name may differ about where the project's name ends, as in `foo-1.0-post1.tar.gz`. An
/// index knows the project, by the directory that the file lies in: it calls [`parse_of`](Self::parse_of).
///
/// ```
/// use portcullis::pypi::{DistributionName, ProjectName};
///
/// let file = DistributionName::parse_of("foo-1.0-post1.tar.gz", &ProjectName::parse("foo")?)?;
/// assert_eq!(file.version_text(), "1.0-post1");
/// assert_eq!(file.version().map(ToString::to_string).as_deref(), Some("1.0.post1"));
///
/// // As s3pypi chooses the directory.
/// let file = DistributionName::parse("foo-1.0-post1.tar.gz")?;
/// assert_eq!((file.project().as_str(), file.version()), ("foo-1-0", None));
/// # Ok::<_, portcullis::pypi::NameError>(())
/// ```
///
/// [binary distribution format]: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionName {
    file: Box<str>,
    format: DistributionFormat,
    project: ProjectName,
    /// The number of bytes before the version.
    version_at: usize,
    version: Option<Version>,
}

impl DistributionName {
    /// Parses a file name. The name of a source distribution ends at its last `-`.
    ///
    /// # Errors
    ///
    /// Returns [`NameError`] if it is not the name of a wheel or a source distribution, has a character that
    /// is not allowed, or is longer than 255 bytes.
    pub fn parse(file_name: &str) -> Result<Self, NameError> {
        let (format, stem) = split_format(file_name)?;
        let name = if format.is_wheel() {
            wheel_fields(stem)?[0]
        } else {
            let split = stem.rsplit_once('-');
            split.ok_or_else(|| NameError::new(Kind::InvalidSdist))?.0
        };
        Self::assemble(file_name, format, ProjectName::parse(name)?, name.len() + 1)
    }

    /// Parses the name of a file in the directory of `project`, as installers read it: the name of a source
    /// distribution ends where it first equals that of the project.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and if the file is of another project.
    pub fn parse_of(file_name: &str, project: &ProjectName) -> Result<Self, NameError> {
        let (format, stem) = split_format(file_name)?;
        let is_project = |name: &str| ProjectName::parse(name).is_ok_and(|name| name == *project);
        let end = if format.is_wheel() {
            let name = wheel_fields(stem)?[0];
            is_project(name).then_some(name.len())
        } else {
            let mut ends = stem.match_indices('-').map(|(at, _)| at);
            ends.find(|&end| is_project(&stem[..end]))
        };
        let end = end.ok_or_else(|| NameError::new(Kind::OtherProject))?;
        Self::assemble(file_name, format, project.clone(), end + 1)
    }

    fn assemble(
        file: &str,
        format: DistributionFormat,
        project: ProjectName,
        version_at: usize,
    ) -> Result<Self, NameError> {
        let mut name = Self {
            file: file.into(),
            format,
            project,
            version_at,
            version: None,
        };
        if name.version_text().is_empty() {
            return Err(NameError::new(Kind::InvalidSdist));
        }
        name.version = Version::parse(name.version_text()).ok();
        Ok(name)
    }

    /// The whole name of the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.file
    }

    /// The format, by the extension.
    #[must_use]
    pub fn format(&self) -> DistributionFormat {
        self.format
    }

    /// The project's name.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// The version; `None` if [`version_text`](Self::version_text) is not one of PEP 440. Installers of today
    /// ignore such a file.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// The version as the file name spells it.
    #[must_use]
    pub fn version_text(&self) -> &str {
        let rest = &self.stem()[self.version_at..];
        if self.format.is_wheel() {
            return rest.split('-').next().unwrap_or_default();
        }
        rest
    }

    /// The build tag of a wheel.
    #[must_use]
    pub fn build_tag(&self) -> Option<&str> {
        let fields = self.wheel_fields();
        (fields.len() == 6).then(|| fields[2])
    }

    /// The Python tag of a wheel, such as `py2.py3`; `source` for a source distribution. An upload has it in
    /// its field `pyversion`.
    #[must_use]
    pub fn python_tag(&self) -> &str {
        self.tag(3).unwrap_or("source")
    }

    /// The ABI tag of a wheel, such as `none` or `cp313`.
    #[must_use]
    pub fn abi_tag(&self) -> Option<&str> {
        self.tag(2)
    }

    /// The platform tag of a wheel, such as `any` or `manylinux_2_17_x86_64.manylinux2014_x86_64`.
    #[must_use]
    pub fn platform_tag(&self) -> Option<&str> {
        self.tag(1)
    }

    /// Whether name and version are spelled as today's specifications have it: the project's name escaped,
    /// the version normalised, and `.tar.gz` for a source distribution.
    #[must_use]
    pub fn is_normalised(&self) -> bool {
        let format = matches!(
            self.format,
            DistributionFormat::Wheel | DistributionFormat::TarGz
        );
        let name = &self.file[..self.version_at - 1];
        let version = self.version.as_ref().map(ToString::to_string);
        format && name == self.project.escaped() && version.as_deref() == Some(self.version_text())
    }

    /// The name of a file beside this one.
    #[must_use]
    pub fn sibling(&self, sibling: Sibling) -> String {
        [&self.file, sibling.extension()].concat()
    }

    fn stem(&self) -> &str {
        &self.file[..self.file.len() - self.format.extension().len()]
    }

    fn wheel_fields(&self) -> Vec<&str> {
        if self.format.is_wheel() {
            return self.stem().split('-').collect();
        }
        Vec::new()
    }

    /// One of the three tags, by its place from the end.
    fn tag(&self, from_end: usize) -> Option<&str> {
        let fields = self.wheel_fields();
        fields.len().checked_sub(from_end).map(|at| fields[at])
    }
}

/// The format of a file, and its name without the extension.
fn split_format(file_name: &str) -> Result<(DistributionFormat, &str), NameError> {
    if file_name.len() > MAX_BYTES {
        return Err(NameError::new(Kind::TooLong));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+!~".contains(&byte);
    if !file_name.bytes().all(is_allowed) {
        return Err(NameError::new(Kind::InvalidCharacter));
    }
    let mut formats = DistributionFormat::ALL.into_iter();
    let split = formats.find_map(|format| {
        let stem = file_name.strip_suffix(format.extension())?;
        Some((format, stem))
    });
    split.ok_or_else(|| NameError::new(Kind::UnknownFormat))
}

/// The five or six fields of a wheel's name.
fn wheel_fields(stem: &str) -> Result<Vec<&str>, NameError> {
    let fields: Vec<_> = stem.split('-').collect();
    let tags = fields.len().saturating_sub(3);
    let is_build = |tag: &&str| tag.starts_with(|first: char| first.is_ascii_digit());
    let is_tag_set = |set: &&str| set.split('.').all(|tag| !tag.is_empty());
    let is_wheel = matches!(fields.len(), 5 | 6)
        && !fields[1].is_empty()
        && fields[2..tags].iter().all(is_build)
        && fields[tags..].iter().all(is_tag_set);
    is_wheel
        .then_some(fields)
        .ok_or_else(|| NameError::new(Kind::InvalidWheel))
}

#[cfg(test)]
mod tests;
