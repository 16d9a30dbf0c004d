use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{KEYS, Output, Program};

/// The program with a settings file.
pub(crate) struct Gateway {
    pub(crate) program: Program,
    pub(crate) address: String,
    /// The folder of the settings file and of the test's own files.
    pub(crate) folder: TempDir,
}

impl Gateway {
    /// Serves with the settings `text` on a free port.
    pub(crate) fn start(text: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), text)
    }

    /// The same, with `{folder}` in the text replaced by the path of `folder`.
    pub(crate) fn start_in(folder: TempDir, text: &str) -> Self {
        let file = write(&folder, text);
        let arguments = [
            "--listen",
            "127.0.0.1:0",
            "--config",
            file.to_str().unwrap(),
        ];
        let mut program = Program::start(arguments, ENVIRONMENT);
        let address = program.address();
        Self {
            program,
            address,
            folder,
        }
    }

    /// Runs `portcullis check` on `text`.
    pub(crate) fn check(text: &str) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let file = write(&folder, text);
        let arguments = ["check", "--config", file.to_str().unwrap()];
        Program::start(arguments, ENVIRONMENT).output()
    }

    /// An open mount at the root, of a bucket in `store`.
    pub(crate) fn open_mount(store: &str) -> String {
        format!(
            "[[mounts]]\npath = '/'\ninsecure_no_auth = true\n\
             [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{store}'\n"
        )
    }
}

const ENVIRONMENT: [(&str, &str); 4] = [
    KEYS[0],
    KEYS[1],
    ("CI_PASSWORD", "pa55word"),
    ("SITE_SECRET", "a cookie secret of 32 bytes, or more"),
];

fn write(folder: &TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("gateway.toml");
    let text = text.replace("{folder}", folder.path().to_str().unwrap());
    fs::write(&file, text).unwrap();
    file
}
