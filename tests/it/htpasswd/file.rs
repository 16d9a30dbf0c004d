use std::fs;
use std::path::PathBuf;

/// A file of one test, removed when dropped.
pub(super) struct TestFile {
    pub(super) path: PathBuf,
}

impl TestFile {
    pub(super) fn new(name: &str, contents: impl AsRef<[u8]>) -> Self {
        let file = format!("htpasswd-{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
        fs::write(&path, contents).unwrap();
        Self { path }
    }

    /// As careful editors do: another file takes its place.
    pub(super) fn replace(&self, contents: impl AsRef<[u8]>) {
        let other = self.path.with_extension("new");
        fs::write(&other, contents).unwrap();
        fs::rename(&other, &self.path).unwrap();
    }

    pub(super) fn remove(&self) {
        fs::remove_file(&self.path).unwrap();
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        // Some tests have removed it.
        let _: Result<(), _> = fs::remove_file(&self.path);
    }
}
