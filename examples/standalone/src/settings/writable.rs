use std::fs;

use crate::given::{Given, Problems};

/// Warns of files that decide who may read and that every user of the machine may change.
pub(super) fn warn_of_writable<'a>(
    files: impl IntoIterator<Item = &'a Given>,
    problems: &mut Problems,
) {
    for file in files {
        let metadata = fs::metadata(&file.value);
        if metadata.is_ok_and(|it| it.is_file() && anybody_may_write(&it)) {
            let path = &file.value;
            let warning = format!(
                "every user of this machine may change {path}, and so let themselves in: chmod o-w {path}"
            );
            problems.warn(&file.source, warning);
        }
    }
}

#[cfg(unix)]
fn anybody_may_write(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn anybody_may_write(_: &fs::Metadata) -> bool {
    false
}
