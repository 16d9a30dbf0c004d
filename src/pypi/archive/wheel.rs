use std::collections::BTreeSet;
use std::io::{Read, Seek};

use super::error::{ArchiveError, ArchiveErrorKind, quoted};
use super::limits::ArchiveLimits;
use super::record::{Record, mismatch};
use super::tree::Sorted;
use super::wheel_file::WheelName;
use super::zip::{Directory, Row, Walk};

/// The longest `METADATA`, `WHEEL` and `RECORD` in bytes.
const METADATA_LIMIT: u64 = 8 << 20;
const WHEEL_LIMIT: u64 = 64 << 10;
const RECORD_LIMIT: u64 = 16 << 20;

/// Signatures of `RECORD`, which it cannot list.
const SIGNATURES: [&str; 2] = ["RECORD.jws", "RECORD.p7s"];

/// Judges a wheel that was uploaded under this file name, and returns its `METADATA`.
///
/// It reads the file twice, most of it once, and blocks: call it where that is allowed. The file name must
/// be a valid one; it is compared with the contents here.
///
/// The public index compares the paths in `RECORD` with the members. Hashes, sizes and the tags of `WHEEL` are
/// compared here too, as installers do that check a wheel.
///
/// # Errors
///
/// The wheel is refused, or the file cannot be read.
pub fn check_wheel<R: Read + Seek>(
    file: &mut R,
    file_name: &str,
    limits: &ArchiveLimits,
) -> Result<Vec<u8>, ArchiveError> {
    let name = WheelName::parse(file_name)?;
    let directory = Directory::read(file)?;
    let rows = directory.rows()?;
    let paths = directory.check(&rows, limits)?;
    let info = format!("{}.dist-info", name.stem);
    check_info(&paths, &info)?;
    let member = |file: &str| {
        let path = format!("{info}/{file}");
        let row = rows.iter().find(|row| row.name == path.as_bytes());
        row.ok_or_else(|| {
            let problem = format!("the wheel has no {}", quoted(&path));
            ArchiveError::new(ArchiveErrorKind::Missing, problem)
        })
    };
    let [metadata, wheel, record] = [member("METADATA")?, member("WHEEL")?, member("RECORD")?];
    let mut walk = Walk::new(file, &directory);
    let metadata = walk.read_member(metadata, METADATA_LIMIT)?;
    name.check(&walk.read_member(wheel, WHEEL_LIMIT)?)?;
    let mut record = Record::parse(&walk.read_member(record, RECORD_LIMIT)?)?;
    for row in &rows {
        check_member(&mut walk, row, &mut record, &info)?;
    }
    walk.finish()?;
    record.finish()?;
    Ok(metadata)
}

/// There is one `.dist-info`, that of the file name, and no two files in it are the same where case does
/// not count.
fn check_info(paths: &Sorted, info: &str) -> Result<(), ArchiveError> {
    let mut files = BTreeSet::new();
    for path in paths.paths() {
        let (top, file) = path.split_once('/').unwrap_or((path, ""));
        let is_info = top.to_ascii_lowercase().ends_with(".dist-info");
        if is_info && top != info {
            let problem = format!(
                "the wheel has {}, the file name asks for {} alone",
                quoted(top),
                quoted(info)
            );
            return Err(ArchiveError::new(
                ArchiveErrorKind::FileNameMismatch,
                problem,
            ));
        }
        if is_info && !files.insert(file.to_ascii_lowercase()) {
            let problem = format!(
                "the wheel has {} twice where case does not count",
                quoted(path)
            );
            return Err(ArchiveError::ambiguous(problem));
        }
    }
    Ok(())
}

/// Reads a member in its turn, and compares it with `RECORD`.
fn check_member<R: Read + Seek>(
    walk: &mut Walk<'_, R>,
    row: &Row<'_>,
    record: &mut Record,
    info: &str,
) -> Result<(), ArchiveError> {
    // Its path has been judged, so it is UTF-8.
    let path = str::from_utf8(row.name).unwrap_or_default();
    if path.ends_with('/') {
        return walk.member(row, &mut |_| {});
    }
    let own = path.strip_prefix(info).and_then(|it| it.strip_prefix('/'));
    let is_signature = own.is_some_and(|it| SIGNATURES.contains(&it));
    let Some(described) = record.take(path) else {
        if is_signature {
            return walk.member(row, &mut |_| {});
        }
        return Err(mismatch(format!("RECORD lacks {}", quoted(path))));
    };
    if !described.has_hash() && !is_signature && own != Some("RECORD") {
        return Err(mismatch(format!("RECORD has no hash of {}", quoted(path))));
    }
    if let Some(size) = described.size().filter(|&size| size != row.entry.size) {
        let (path, real) = (quoted(path), row.entry.size);
        let problem = format!("RECORD says that {path} has {size} bytes, it has {real}");
        return Err(mismatch(problem));
    }
    let mut hasher = described.hasher();
    walk.member(row, &mut |part| hasher.update(part))?;
    if described.is_hash(hasher) {
        return Ok(());
    }
    Err(mismatch(format!(
        "RECORD has another hash than {}",
        quoted(path)
    )))
}
