use std::ffi::OsString;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Answer, Program, get};

/// A running demo, with the values from its instructions.
pub(crate) struct Demo {
    pub(crate) program: Program,
    pub(crate) address: String,
    /// `user:password`
    pub(crate) login: String,
    /// The folder with the bucket's objects.
    pub(crate) bucket: PathBuf,
    /// The parent of the demo's temporary folder, which a killed demo leaves behind.
    _temporary: TempDir,
}

impl Demo {
    pub(crate) fn start<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let listen = ["demo", "--listen", "127.0.0.1:0"].map(OsString::from);
        let arguments = listen
            .into_iter()
            .chain(arguments.into_iter().map(Into::into));
        let temporary = tempfile::tempdir().unwrap();
        let mut program = Program::start(arguments, [("TMPDIR", temporary.path())]);
        let bucket = program.stdout_line(|line| line.trim().starts_with("bucket "));
        let (bucket, _) = bucket.split_once(", ").unwrap();
        let bucket = bucket.trim().trim_start_matches("bucket").trim().into();
        let pip = program.stdout_line(|line| line.contains("pip install"));
        let (login, address) = pip
            .trim()
            .strip_prefix("pip install --index-url http://")
            .and_then(|rest| rest.strip_suffix("/ portcullis-demo"))
            .and_then(|url| url.split_once('@'))
            .unwrap();
        let (login, address) = (login.to_owned(), address.to_owned());
        Self {
            program,
            address,
            login,
            bucket,
            _temporary: temporary,
        }
    }

    pub(crate) fn password(&self) -> &str {
        self.login.split_once(':').unwrap().1
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        get(&self.address, target, Some(&self.login))
    }
}
