use std::fmt;

use portcullis::path::RequestPath;

use crate::given::{Given, SettingError};

/// What anybody may read: a path of the URL in its canonical spelling, or everything below a folder.
pub(super) struct PublicPath {
    /// With its final slash, if it is a folder.
    path: String,
    is_folder: bool,
}

impl PublicPath {
    pub(super) fn parse(given: &Given) -> Result<Self, SettingError> {
        let text = &*given.value;
        let folder = text.strip_suffix('*').filter(|it| it.ends_with('/'));
        let plain = folder.unwrap_or(text);
        if plain.contains('*') {
            return Err(given.wrong(format_args!(
                "{text:?}: a * can only be the last segment, as in \"/public/*\", for everything below a \
                 folder; %2A is the character itself"
            )));
        }
        let path = RequestPath::parse(plain).map_err(|error| given.wrong(error))?;
        Ok(Self {
            path: path.as_str().to_owned(),
            is_folder: folder.is_some(),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.path
    }

    pub(super) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether a canonical path is public by this.
    pub(super) fn has(&self, path: &str) -> bool {
        if self.is_folder {
            path.starts_with(&self.path)
        } else {
            path == self.path
        }
    }
}

impl fmt::Display for PublicPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.is_folder { "*" } else { "" };
        write!(f, "{}{end}", self.path)
    }
}
