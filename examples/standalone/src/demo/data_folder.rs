use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::given::{SettingError, Source};

/// The folder with the objects.
pub(super) enum DataFolder {
    Kept(PathBuf),
    /// Removed when it is dropped.
    Temporary(TempDir),
}

impl DataFolder {
    /// Opens the given folder, which is created if it is missing, or else a temporary one.
    pub(super) fn open(given: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = given else {
            let folder = tempfile::Builder::new()
                .prefix("portcullis-demo-")
                .tempdir();
            return folder.map(Self::Temporary).map_err(temporary);
        };
        fs::create_dir_all(path).map_err(|error| kept(path, &error))?;
        let whole = path.canonicalize();
        Ok(Self::Kept(whole.map_err(|error| kept(path, &error))?))
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// The failure for an error while writing into the folder.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        match self {
            Self::Kept(path) => kept(path, error),
            Self::Temporary(_) => temporary(error),
        }
    }
}

fn kept(path: &Path, error: &io::Error) -> Failure {
    let problem = format!("cannot write to {}: {error}", path.display());
    SettingError::wrong(&Source::flag("--data-dir"), problem).into()
}

fn temporary(error: impl std::fmt::Display) -> Failure {
    Failure::running(format!("cannot write to a temporary folder: {error}"))
}
