use super::directory::Row;
use crate::pypi::archive::error::{ArchiveError, ArchiveErrorKind, quoted};
use crate::pypi::archive::limits::{ArchiveLimits, Budget};
use crate::pypi::archive::member_path::MemberPath;
use crate::pypi::archive::tree::{Kind, Sorted, Tree};

/// The type of a file in its mode (`S_IFMT`), and the two types that unpack as they are.
const FILE_TYPE: u16 = 0o170_000;
const REGULAR: u16 = 0o100_000;
const FOLDER: u16 = 0o040_000;

/// Judges the rows of an uploaded zip of `packed` bytes, and returns its paths.
pub(super) fn check(
    rows: &[Row<'_>],
    packed: u64,
    limits: &ArchiveLimits,
) -> Result<Sorted, ArchiveError> {
    let mut tree = Tree::new(limits);
    let mut budget = Budget::new(limits, packed);
    for row in rows {
        let path = MemberPath::parse(row.name)?;
        row.entry.check_method(row.name)?;
        check_row(row, path)?;
        budget.spend(row.entry.size)?;
        let kind = if path.has_slash() {
            Kind::Folder
        } else {
            Kind::File
        };
        tree.add(path.text(), kind)?;
    }
    tree.finish()
}

fn check_row(row: &Row<'_>, path: MemberPath<'_>) -> Result<(), ArchiveError> {
    let refused = |kind, problem: &str| {
        let problem = format!("the zip's member {} {problem}", quoted(row.name));
        Err(ArchiveError::new(kind, problem))
    };
    if row.has_comment {
        return refused(ArchiveErrorKind::Ambiguous, "has a comment");
    }
    // What reads the archive as a stream cannot know where such a member ends.
    if row.entry.has_data_descriptor() {
        let problem = "has its length behind its data (a data descriptor)";
        return refused(ArchiveErrorKind::Ambiguous, problem);
    }
    if !row.name.is_ascii() && !row.entry.has_utf8_name() {
        return refused(
            ArchiveErrorKind::Ambiguous,
            "has a name that is not marked as UTF-8",
        );
    }
    match (row.entry.mode & FILE_TYPE, path.has_slash()) {
        (0 | REGULAR, false) => Ok(()),
        (0 | FOLDER, true) if row.entry.size == 0 => Ok(()),
        (0 | FOLDER, true) => refused(ArchiveErrorKind::Ambiguous, "is a folder with contents"),
        _ => refused(ArchiveErrorKind::SpecialFile, "is a link or a special file"),
    }
}
