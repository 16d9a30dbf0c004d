//! The metadata of a wheel in ranges, against the crate `zip`, which has the whole file.
#![no_main]

use std::borrow::Cow;
use std::io::{Cursor, Read};

use libfuzzer_sys::fuzz_target;
use portcullis::pypi::archive::{MetadataLookup, WheelMetadata};
use zip::ZipArchive;

fuzz_target!(|wheel: &[u8]| {
    let found = look_up(wheel);
    let other = twin(wheel);
    if let Some(found) = &found {
        assert_eq!(other.as_deref(), Some(found.bytes()), "{found:?}");
        let path = format!("{}/METADATA", found.folder());
        assert!(wheel.windows(path.len()).any(|it| it == path.as_bytes()));
    }
});

/// Supplies what is asked for, a few times, never beyond the file and never too much.
fn look_up(wheel: &[u8]) -> Option<WheelMetadata> {
    let length = wheel.len() as u64;
    let mut lookup = MetadataLookup::new(length);
    for _ in 0..4 {
        let range = lookup.range();
        assert!(range.start <= range.end && range.end <= length, "{range:?}");
        let bytes = &wheel[range.start as usize..range.end as usize];
        if let Some(found) = lookup.supply(bytes).ok()? {
            return Some(found);
        }
    }
    panic!("it asks for more and more");
}

/// The contents of the only `*.dist-info/METADATA`.
fn twin(wheel: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(wheel)).ok()?;
    let is_metadata = |path: &String| {
        let folder = path.strip_suffix(".dist-info/METADATA");
        folder.is_some_and(|folder| !folder.contains('/'))
    };
    let paths = archive
        .file_names()
        .filter_map(Result::ok)
        .map(Cow::into_owned);
    let paths: Vec<_> = paths.filter(is_metadata).collect();
    let [path] = &paths[..] else { return None };
    let mut contents = Vec::new();
    archive
        .by_name(path)
        .ok()?
        .read_to_end(&mut contents)
        .ok()?;
    Some(contents)
}
