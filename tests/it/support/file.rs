use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

static FILES: AtomicUsize = AtomicUsize::new(0);

/// A file of one test, removed when dropped.
pub(crate) struct TestFile {
    pub(crate) path: PathBuf,
}

impl TestFile {
    pub(crate) fn new(name: &str, contents: impl AsRef<[u8]>) -> Self {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let file = format!("{name}-{}-{number}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
        fs::write(&path, contents).unwrap();
        Self { path }
    }

    /// As careful editors do: another file takes its place.
    pub(crate) fn replace(&self, contents: impl AsRef<[u8]>) {
        let other = self.path.with_extension("new");
        fs::write(&other, contents).unwrap();
        fs::rename(&other, &self.path).unwrap();
    }

    pub(crate) fn remove(&self) {
        fs::remove_file(&self.path).unwrap();
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        // Some tests have removed it.
        let _: Result<(), _> = fs::remove_file(&self.path);
    }
}
