use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;

use clap::Parser;
use tempfile::TempDir;

use crate::flags::Flags;
use crate::given::Problems;
use crate::leaf::Leaf;
use crate::leaf::s3::S3;
use crate::mount::Mount;
use crate::settings::Settings;

pub(super) const SECRETS: [&str; 3] = ["pa55word", "s3cr3tkey", "t0ken"];

/// What every working environment has.
pub(super) const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "s3cr3tkey"),
];

/// Resolves flags and variables, of which the later win and an empty one counts as unset.
pub(super) fn resolve(flags: &[&str], variables: &[(&str, &str)]) -> Result<Settings, Problems> {
    let flags = Flags::try_parse_from(["portcullis"].iter().chain(flags)).unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect::<HashMap<_, _>>();
    Settings::resolve(flags.serve, &variables.into_iter().collect())
}

/// The lines of what is wrong, without a secret in any.
pub(super) fn problems(name: &str, resolved: Result<Settings, Problems>) -> Vec<String> {
    let Err(problems) = resolved else {
        panic!("{name}: is taken");
    };
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for line in &lines {
        assert!(!line.contains('\n'), "{name}: {line:?}");
        for secret in SECRETS {
            assert!(!line.contains(secret), "{name}: {line:?}");
        }
    }
    lines
}

pub(super) fn s3(mount: &Mount) -> &S3 {
    let Leaf::S3(s3) = &mount.leaf;
    s3
}

pub(super) const MOUNT: &str = "[[mounts]]\npath = '/a'\ninsecure_no_auth = true\n[mounts.s3]\n\
                     bucket = 'wheels'\nregion = 'eu-west-1'\n";

/// Resolves the settings in a file, with the variables that a working one needs.
pub(super) fn read_file(
    text: &str,
    flags: &[&str],
    changes: &[(&str, &str)],
) -> Result<Settings, Problems> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    let mut flags = flags.to_vec();
    flags.extend(["--config", path.to_str().unwrap()]);
    let password = [("CI_PASSWORD", "pa55word")];
    let variables: Vec<_> = KEYS
        .iter()
        .chain(&password)
        .chain(changes)
        .copied()
        .collect();
    resolve(&flags, &variables)
}

pub(super) fn working_file(text: &str, flags: &[&str], changes: &[(&str, &str)]) -> Settings {
    read_file(text, flags, changes).unwrap_or_else(|problems| panic!("{text}: {problems}"))
}

/// What a working environment has.
pub(super) const WORKING: [(&str, &str); 5] = [
    ("AWS_S3_BUCKET", "wheels"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    KEYS[0],
    KEYS[1],
    ("BASIC_AUTH", "ci:pa55word"),
];

/// The working environment with some variables changed; an empty one counts as unset.
pub(super) fn resolve_working(
    flags: &[&str],
    changes: &[(&str, &str)],
) -> Result<Settings, Problems> {
    let variables: Vec<_> = WORKING.iter().chain(changes).copied().collect();
    resolve(flags, &variables)
}

/// A public key by `openssl genpkey -algorithm ed25519`.
const PEM: &str = include_str!("../../../tests/it/data/issuer.pem");

/// A file with the key of an issuer.
pub(super) struct KeyFile {
    _folder: TempDir,
    pub(super) path: String,
}

impl KeyFile {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("issuer.pem");
        fs::write(&path, PEM).unwrap();
        let path = path.to_str().unwrap().to_owned();
        Self {
            _folder: folder,
            path,
        }
    }
}
