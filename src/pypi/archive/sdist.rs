use std::io::{Read, Seek};

use super::error::{ArchiveError, ArchiveErrorKind, quoted};
use super::limits::ArchiveLimits;
use super::tarball;
use super::tree::Sorted;
use super::zip::{Directory, Walk};

/// The longest `PKG-INFO` in bytes.
const PKG_INFO_LIMIT: u64 = 8 << 20;

/// Judges a source distribution that was uploaded under this file name, `{name}-{version}.tar.gz` or
/// `{name}-{version}.zip`, and returns its `PKG-INFO`.
///
/// It reads the file once and blocks: call it where that is allowed. The file name must be a valid one; it
/// is compared with the contents here.
///
/// Links within a tar archive are allowed if they cannot lead out of its folder. The public index refuses
/// less of a tar archive: its installers refuse a link that leads out (PEP 721), and read what this function
/// refuses as ambiguous in different ways.
///
/// # Errors
///
/// The archive is refused, or the file cannot be read.
pub fn check_sdist<R: Read + Seek>(
    file: &mut R,
    file_name: &str,
    limits: &ArchiveLimits,
) -> Result<Vec<u8>, ArchiveError> {
    let zip = file_name.strip_suffix(".zip");
    let folder = zip.or_else(|| file_name.strip_suffix(".tar.gz"));
    let folder = folder.ok_or_else(|| {
        let problem = format!(
            "the file name {} ends neither with .tar.gz nor with .zip",
            quoted(file_name)
        );
        ArchiveError::new(ArchiveErrorKind::FileNameMismatch, problem)
    })?;
    let wanted = format!("{folder}/PKG-INFO");
    let (paths, pkg_info) = if zip.is_some() {
        check_zip(file, &wanted, limits)?
    } else {
        tarball::check(file, &wanted, PKG_INFO_LIMIT, limits)?
    };
    for path in paths.paths() {
        let top = path.split('/').next().unwrap_or(path);
        if top != folder {
            let (path, folder) = (quoted(path), quoted(folder));
            let problem = format!(
                "the source distribution has {path}, the file name asks for {folder} alone"
            );
            return Err(ArchiveError::new(
                ArchiveErrorKind::FileNameMismatch,
                problem,
            ));
        }
    }
    pkg_info.ok_or_else(|| {
        let problem = format!("the source distribution has no {}", quoted(wanted));
        ArchiveError::new(ArchiveErrorKind::Missing, problem)
    })
}

/// Judges a zip, and returns its paths and the contents of one of them.
fn check_zip<R: Read + Seek>(
    file: &mut R,
    wanted: &str,
    limits: &ArchiveLimits,
) -> Result<(Sorted, Option<Vec<u8>>), ArchiveError> {
    let directory = Directory::read(file)?;
    let rows = directory.rows()?;
    let paths = directory.check(&rows, limits)?;
    let mut walk = Walk::new(file, &directory);
    let mut pkg_info = None;
    for row in &rows {
        if row.name == wanted.as_bytes() {
            pkg_info = Some(walk.read_member(row, PKG_INFO_LIMIT)?);
        }
        walk.member(row, &mut |_| {})?;
    }
    walk.finish()?;
    Ok((paths, pkg_info))
}
