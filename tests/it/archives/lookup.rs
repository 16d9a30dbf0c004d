use std::io::{Cursor, Write};
use std::ops::Range;

use portcullis::pypi::archive::ArchiveErrorKind::{
    self, Ambiguous, Corrupt, Malformed, Missing, TooLarge, Unsupported,
};
use portcullis::pypi::archive::{ArchiveError, MetadataLookup, WheelMetadata};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::forged_zip::{Member, extra, zip, zip_with};
use super::{METADATA, told, vector};

const NAME: &str = "demo-1.0.dist-info/METADATA";

/// What is found, and the ranges that were read for it.
fn look_up(wheel: &[u8]) -> (Result<WheelMetadata, ArchiveError>, Vec<Range<u64>>) {
    let mut lookup = MetadataLookup::new(wheel.len() as u64);
    let mut ranges = Vec::new();
    loop {
        let range = lookup.range();
        let bytes =
            &wheel[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        ranges.push(range);
        assert!(ranges.len() <= 4, "{ranges:?}");
        match lookup.supply(bytes) {
            Ok(Some(metadata)) => return (Ok(metadata), ranges),
            Ok(None) => {}
            Err(error) => return (Err(error), ranges),
        }
    }
}

fn metadata() -> Member {
    Member::deflated(NAME, METADATA)
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

#[test]
fn wheels_of_python_are_read() {
    for name in ["deflated", "stored", "comment", "zip64", "data-descriptor"] {
        let (found, ranges) = look_up(&vector(&format!("{name}.whl")));
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.folder(), "demo-1.0.dist-info", "{name}");
        assert_eq!(found.bytes(), METADATA, "{name}");
        assert_eq!(ranges.len(), 1, "{name}: a small wheel needs one read");
    }
}

#[test]
fn wheels_of_another_crate_are_read() {
    let large = METADATA.repeat(20_000);
    for (name, method, is_large) in [
        ("stored", CompressionMethod::Stored, false),
        ("deflated", CompressionMethod::Deflated, false),
        ("ZIP64", CompressionMethod::Deflated, true),
    ] {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(is_large);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, data) in [("demo/data.bin", &noise(300_000)), (NAME, &large)] {
            writer.start_file(path, options).unwrap();
            writer.write_all(data).unwrap();
        }
        let (found, ranges) = look_up(&writer.finish().unwrap().into_inner());
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found.into_bytes() == large, "{name}");
        assert!(ranges.len() <= 3, "{name}: {ranges:?}");
    }
}

#[test]
fn few_bytes_of_a_large_wheel_are_read() {
    let many: Vec<_> = (0..2000)
        .map(|it| Member::stored(&format!("demo/module_{it:06}.py"), b""))
        .collect();
    let data = Member::stored("demo/data.bin", &noise(1 << 20));
    for (name, members, reads, most) in [
        ("at the end", vec![data.clone(), metadata()], 1, 66_000),
        ("at the start", vec![metadata(), data.clone()], 2, 67_000),
        (
            "large directory",
            [vec![metadata(), data.clone()], many].concat(),
            3,
            250_000,
        ),
    ] {
        let (found, ranges) = look_up(&zip(&members));
        assert_eq!(found.expect(name).bytes(), METADATA, "{name}");
        assert_eq!(ranges.len(), reads, "{name}: {ranges:?}");
        let bytes: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        assert!(bytes < most, "{name}: {bytes} bytes");
    }
}

#[test]
fn a_local_header_may_be_longer_than_guessed() {
    let local = |member: &mut Member| member.extra = extra(0xcafe, &[0; 5000]);
    let members = [
        metadata().with(|it| it.local = local),
        Member::stored("demo/data.bin", &noise(1 << 20)),
    ];
    let (found, ranges) = look_up(&zip(&members));
    assert_eq!(found.unwrap().bytes(), METADATA);
    assert_eq!(ranges.len(), 3, "{ranges:?}");
}

#[test]
fn the_folder_may_have_any_spelling() {
    let others = [
        Member::stored("demo/METADATA", b"not this one"),
        Member::stored("demo/x.dist-info/METADATA", b"nor this one"),
        Member::stored("Demo-1.0.dist-info/METADATA", METADATA),
    ];
    let (found, _) = look_up(&zip(&others));
    assert_eq!(found.unwrap().folder(), "Demo-1.0.dist-info");
    let (found, _) = look_up(&zip(&others[..2]));
    let (kind, _) = told("others alone", found);
    assert_eq!(kind, Missing);
}

fn check(name: &str, wheel: &[u8], kind: ArchiveErrorKind, message: &str) {
    let (found, _) = look_up(wheel);
    let (own, text) = told(name, found);
    assert!(
        own == kind && text.contains(message),
        "{name}: {own:?}, {text}"
    );
}

#[test]
fn what_is_no_zip_is_refused() {
    let wheel = zip(&[metadata()]);
    for (name, wheel, kind, message) in [
        ("empty", vec![], Malformed, "not a zip"),
        ("text", b"not a wheel".repeat(9000), Malformed, "not a zip"),
        (
            "cut at the end",
            wheel[..wheel.len() - 1].to_vec(),
            Malformed,
            "cut off",
        ),
        (
            "cut at the start",
            wheel[1..].to_vec(),
            Ambiguous,
            "before its first member",
        ),
        (
            "data before it",
            [b"#!", &wheel[..]].concat(),
            Ambiguous,
            "before its first member",
        ),
        (
            "data after it",
            [&wheel[..], b"!"].concat(),
            Ambiguous,
            "after its end",
        ),
        (
            "two zips",
            [&wheel[..], &wheel].concat(),
            Ambiguous,
            "before its first member",
        ),
    ] {
        check(name, &wheel, kind, message);
    }
    assert!(look_up(&wheel).0.is_ok());
}

#[test]
fn an_end_that_lies_is_refused() {
    let of = |change: fn(&mut super::forged_zip::End)| zip_with(&[metadata()], change);
    for (name, wheel, kind, message) in [
        (
            "another disk",
            of(|end| end.disk = 1),
            Unsupported,
            "several disks",
        ),
        (
            "a row too many",
            of(|end| end.rows = 2),
            Ambiguous,
            "number of members",
        ),
        (
            "no row",
            of(|end| end.rows = 0),
            Ambiguous,
            "number of members",
        ),
        (
            "directory elsewhere",
            of(|end| end.offset -= 1),
            Ambiguous,
            "before its first member",
        ),
        (
            "directory too long",
            of(|end| end.size += 1),
            Ambiguous,
            "before its first member",
        ),
        (
            "gap after the directory",
            of(|end| end.before = vec![0]),
            Ambiguous,
            "after its directory",
        ),
        (
            "directory moved",
            of(|end| (end.offset, end.size) = (end.offset - 1, end.size + 1)),
            Malformed,
            "directory of the zip is not where",
        ),
        (
            "locator without its record",
            of(|end| end.before = [&b"PK\x06\x07"[..], &[0; 16]].concat()),
            Malformed,
            "ZIP64 locator",
        ),
        (
            "an end in the comment",
            of(|end| end.comment = b"PK\x05\x06 and more than 22 bytes".to_vec()),
            Malformed,
            "cut off",
        ),
    ] {
        check(name, &wheel, kind, message);
    }
    let wheel = of(|end| end.comment = b"a comment".repeat(7000));
    assert!(look_up(&wheel).0.is_ok(), "a long comment");
}

#[test]
fn the_records_of_zip64_must_agree() {
    let wheel = vector("zip64.whl");
    let end = wheel.len() - 22;
    let (record, locator) = (end - 76, end - 20);
    for (name, at, value, kind, message) in [
        ("narrow rows", end + 8, 4, Unsupported, "several disks"),
        ("wide rows", record + 24, 4, Unsupported, "several disks"),
        ("wide size", record + 40, 0, Ambiguous, "contradict"),
        ("wide offset", record + 48, 1, Ambiguous, "contradict"),
        (
            "own length",
            record + 4,
            45,
            Malformed,
            "does not end at its locator",
        ),
        (
            "place of the record",
            locator + 8,
            0,
            Malformed,
            "points elsewhere",
        ),
        (
            "number of disks",
            locator + 16,
            2,
            Unsupported,
            "several disks",
        ),
        ("signature", record, 0, Malformed, "not where it must be"),
    ] {
        let mut wheel = wheel.clone();
        wheel[at] = value;
        check(name, &wheel, kind, message);
    }
    let with_size = |size: u32| {
        let mut wheel = wheel.clone();
        wheel[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
        wheel
    };
    check("narrow size", &with_size(7), Ambiguous, "contradict");
    assert!(
        look_up(&with_size(u32::MAX)).0.is_ok(),
        "a narrow size that is full"
    );
}

#[test]
fn a_member_that_lies_is_refused() {
    let of = |change: fn(&mut Member)| zip(&[metadata().with(change)]);
    for (name, wheel, kind, message) in [
        ("encrypted", of(|it| it.flags = 1), Unsupported, "encrypted"),
        (
            "strongly encrypted",
            of(|it| it.flags = 1 << 6),
            Unsupported,
            "encrypted",
        ),
        ("bzip2", of(|it| it.method = 12), Unsupported, "method 12"),
        (
            "stored by two lengths",
            of(|it| it.method = 0),
            Ambiguous,
            "two different lengths",
        ),
        ("other checksum", of(|it| it.crc ^= 1), Corrupt, "checksum"),
        (
            "longer than it says",
            of(|it| it.size -= 1),
            Corrupt,
            "longer",
        ),
        (
            "shorter than it says",
            of(|it| it.size += 1),
            Corrupt,
            "shorter",
        ),
        ("cut off", of(|it| it.packed -= 1), Corrupt, "cut off"),
        (
            "not deflated",
            of(|it| it.data.fill(0xff)),
            Corrupt,
            "not deflated",
        ),
        (
            "data after its end",
            of(|it| (it.packed, it.data) = (it.packed + 1, [&it.data[..], b"x"].concat())),
            Corrupt,
            "data after its end",
        ),
        (
            "larger than allowed",
            of(|it| it.size = (8 << 20) + 1),
            TooLarge,
            "8 MiB",
        ),
        (
            "packed larger",
            of(|it| it.packed = 9 << 20),
            TooLarge,
            "8 MiB",
        ),
    ] {
        check(name, &wheel, kind, message);
    }
    assert!(look_up(&of(|_| {})).0.is_ok());
    assert!(
        look_up(&zip(&[Member::deflated(NAME, b"")])).0.is_ok(),
        "empty"
    );
}

#[test]
fn a_header_that_lies_is_refused() {
    let of = |change: fn(&mut Member)| zip(&[metadata().with(change)]);
    for (name, wheel, kind, message) in [
        (
            "header after all members",
            of(|it| it.shift = 1 << 20),
            Malformed,
            "not among its members",
        ),
        (
            "header elsewhere",
            of(|it| it.shift = 1),
            Malformed,
            "not where it must be",
        ),
        (
            "data up to the end",
            of(|it| it.packed += 1),
            Malformed,
            "not among its members",
        ),
        ("twice", of(|it| it.rows = 2), Ambiguous, "METADATA"),
        (
            "other name locally",
            of(|it| it.local = |it| it.name[0] = b'D'),
            Ambiguous,
            "is called",
        ),
        (
            "other method locally",
            of(|it| it.local = |it| it.method = 0),
            Ambiguous,
            "differs",
        ),
        (
            "other checksum locally",
            of(|it| it.local = |it| it.crc = 0),
            Ambiguous,
            "differs",
        ),
        (
            "other flags locally",
            of(|it| it.local = |it| it.flags = 8),
            Ambiguous,
            "differs",
        ),
        (
            "broken extra field",
            of(|it| it.extra = vec![1, 0, 9, 0]),
            Malformed,
            "cut off",
        ),
        (
            "ZIP64 not asked for",
            of(|it| it.extra = extra(1, &[0; 8])),
            Ambiguous,
            "more than",
        ),
        (
            "ZIP64 missing",
            of(|it| it.size = u32::MAX),
            Malformed,
            "ZIP64",
        ),
        (
            "ZIP64 twice",
            of(|it| it.extra = extra(1, &[]).repeat(2)),
            Ambiguous,
            "twice",
        ),
        (
            "other Unicode name",
            of(|it| it.extra = extra(0x7075, b"\x01....x")),
            Ambiguous,
            "another name",
        ),
    ] {
        check(name, &wheel, kind, message);
    }
    let same_name =
        |it: &mut Member| it.extra = extra(0x7075, &[b"\x01....", NAME.as_bytes()].concat());
    for (name, wheel) in [
        ("as it is", of(|_| {})),
        (
            "unknown extra field",
            of(|it| it.extra = extra(0xcafe, b"x")),
        ),
        ("the same Unicode name", zip(&[metadata().with(same_name)])),
    ] {
        assert!(look_up(&wheel).0.is_ok(), "{name}");
    }
}

#[test]
fn a_bomb_is_cut_at_its_length() {
    let bomb = Member::deflated(NAME, &vec![0; 64 << 20]).with(|it| it.size = 1000);
    check(
        "bomb",
        &zip(&[bomb]),
        Corrupt,
        "longer than the directory says",
    );
    let at_limit = Member::deflated(NAME, &vec![0; 8 << 20]);
    assert_eq!(look_up(&zip(&[at_limit])).0.unwrap().bytes().len(), 8 << 20);
    let above = Member::deflated(NAME, &vec![0; (8 << 20) + 1]);
    check("above the limit", &zip(&[above]), TooLarge, "8388609 bytes");
}

#[test]
fn another_length_than_asked_for_is_refused() {
    let mut lookup = MetadataLookup::new(100);
    let (kind, _) = told("short", lookup.supply(&[0; 99]));
    assert_eq!(kind, Malformed);
}
