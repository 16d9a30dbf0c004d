use std::io::{Cursor, Error, Read, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use portcullis::pypi::archive::ArchiveErrorKind::{
    self, Ambiguous, Corrupt, FileNameMismatch, Malformed, Missing, SpecialFile, TooLarge,
    Unreadable, UnsafePath, Unsupported,
};
use portcullis::pypi::archive::{ArchiveError, ArchiveLimits, check_sdist};
use tar::{EntryType, Header};

use super::forged_zip::{Member, zip};
use super::{METADATA, told, vector};

const FILE_NAME: &str = "demo-1.0.tar.gz";

fn judge(archive: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    check_sdist(
        &mut Cursor::new(archive),
        FILE_NAME,
        &ArchiveLimits::default(),
    )
}

/// One member with its header.
fn member(path: &str, kind: EntryType, link: &str, data: &[u8]) -> Vec<u8> {
    forged(path, kind, link, data, |_| {})
}

fn forged(
    path: &str,
    kind: EntryType,
    link: &str,
    data: &[u8],
    change: impl FnOnce(&mut Header),
) -> Vec<u8> {
    let mut header = Header::new_ustar();
    let bytes = header.as_mut_bytes();
    bytes[..path.len()].copy_from_slice(path.as_bytes());
    bytes[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_size(data.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    change(&mut header);
    header.set_cksum();
    let padding = data.len().next_multiple_of(512) - data.len();
    [header.as_bytes(), data, &vec![0; padding]].concat()
}

fn file(path: &str, data: &[u8]) -> Vec<u8> {
    member(path, EntryType::Regular, "", data)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A source distribution with `PKG-INFO` and these members.
fn sdist(more: &[Vec<u8>]) -> Vec<u8> {
    let pkg_info = file("demo-1.0/PKG-INFO", METADATA);
    gzip(&[&pkg_info[..], &more.concat(), &[0; 1024]].concat())
}

fn check(name: &str, archive: &[u8], kind: ArchiveErrorKind, message: &str) {
    let (own, text) = told(name, judge(archive));
    assert!(
        own == kind && text.contains(message),
        "{name}: {own:?}, {text}"
    );
}

fn accept(name: &str, archive: &[u8]) {
    let pkg_info = judge(archive).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(pkg_info, METADATA, "{name}");
}

fn record(keyword: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {keyword}={value}\n");
    let digits = if rest.len() + 2 < 100 { 2 } else { 3 };
    format!("{}{rest}", rest.len() + digits).into_bytes()
}

fn pax(records: &[Vec<u8>]) -> Vec<u8> {
    member("pax", EntryType::XHeader, "", &records.concat())
}

#[test]
fn archives_of_python_are_accepted() {
    for name in ["pax", "gnu"] {
        accept(name, &vector(&format!("{name}.tar.gz")));
    }
}

#[test]
fn an_archive_has_one_folder() {
    let pkg_info = file("demo-1.0/PKG-INFO", METADATA);
    let of = |members: &[Vec<u8>]| gzip(&[&members.concat()[..], &[0; 1024]].concat());
    let folder = member("demo-1.0/", EntryType::Directory, "", b"");
    for (name, archive, kind, message) in [
        ("nothing", of(&[]), Missing, "no \"demo-1.0/PKG-INFO\""),
        (
            "no PKG-INFO",
            of(std::slice::from_ref(&folder)),
            Missing,
            "PKG-INFO",
        ),
        (
            "PKG-INFO deeper",
            of(&[file("demo-1.0/demo/PKG-INFO", b"")]),
            Missing,
            "PKG-INFO",
        ),
        (
            "a link to PKG-INFO",
            of(&[member("demo-1.0/PKG-INFO", EntryType::Symlink, "x", b"")]),
            Missing,
            "PKG-INFO",
        ),
        (
            "other folder",
            of(&[file("demo-1.1/PKG-INFO", b"")]),
            FileNameMismatch,
            "\"demo-1.0\" alone",
        ),
        (
            "two folders",
            sdist(&[file("other/x", b"")]),
            FileNameMismatch,
            "\"other/x\"",
        ),
        (
            "a file beside it",
            sdist(&[file("pax_global_header", b"")]),
            FileNameMismatch,
            "alone",
        ),
        (
            "the folder is a file",
            of(&[file("demo-1.0", b"")]),
            Missing,
            "PKG-INFO",
        ),
        (
            "twice",
            sdist(&[file("demo-1.0/PKG-INFO", b"")]),
            Ambiguous,
            "two members",
        ),
    ] {
        check(name, &archive, kind, message);
    }
    accept("with its folder", &of(&[folder, pkg_info.clone()]));
    accept("without end", &gzip(&pkg_info));
    for name in ["demo-1.0.tar.bz2", "demo-1.0.whl", "demo-1.0"] {
        let result = check_sdist(
            &mut Cursor::new(gzip(&pkg_info)),
            name,
            &ArchiveLimits::default(),
        );
        assert_eq!(told(name, result).0, FileNameMismatch, "{name}");
    }
}

#[test]
fn zips_are_judged_as_wheels_are() {
    let pkg_info = Member::deflated("demo-1.0/PKG-INFO", METADATA);
    let judge = |members: &[Member]| {
        let file = &mut Cursor::new(zip(members));
        check_sdist(file, "demo-1.0.zip", &ArchiveLimits::default())
    };
    let data = Member::deflated("demo-1.0/setup.py", b"x");
    assert_eq!(judge(&[data.clone(), pkg_info.clone()]).unwrap(), METADATA);
    for (name, members, kind) in [
        ("no PKG-INFO", vec![data.clone()], Missing),
        (
            "other folder",
            vec![pkg_info.clone(), Member::stored("x", b"")],
            FileNameMismatch,
        ),
        (
            "traversal",
            vec![pkg_info.clone(), Member::stored("demo-1.0/../x", b"")],
            UnsafePath,
        ),
        (
            "link",
            vec![
                pkg_info.clone(),
                data.clone().with(|it| it.mode = 0o120_777),
            ],
            SpecialFile,
        ),
        (
            "gap",
            vec![pkg_info.clone(), data.clone().with(|it| it.gap = vec![0])],
            Ambiguous,
        ),
        (
            "corrupt",
            vec![pkg_info.clone(), data.with(|it| it.crc = 0)],
            Corrupt,
        ),
    ] {
        assert_eq!(told(name, judge(&members)).0, kind, "{name}");
    }
}

#[test]
fn unsafe_paths_are_refused() {
    for path in [
        "../x",
        "/x",
        "demo-1.0/../../x",
        "demo-1.0/./x",
        "./demo-1.0/x",
        "demo-1.0/a\\b",
        "demo-1.0//x",
        "",
    ] {
        check(
            path,
            &sdist(&[file(path, b"")]),
            UnsafePath,
            "the archive's path",
        );
    }
    let name = record("path", "demo-1.0/a\0b");
    check(
        "NUL",
        &sdist(&[pax(&[name]), file("demo-1.0/x", b"")]),
        UnsafePath,
        "control",
    );
    for path in ["demo-1.0/..x", "demo-1.0/a b", "demo-1.0/ä"] {
        accept(path, &sdist(&[file(path, b"")]));
    }
}

#[test]
fn links_stay_within_the_folder() {
    let link =
        |target: &str| sdist(&[member("demo-1.0/a/b/link", EntryType::Symlink, target, b"")]);
    for target in ["..", "../..", "../../x", ".", "x", "x/y", "./x", "../c/"] {
        accept(target, &link(target));
    }
    for (target, message) in [
        ("../../..", "outside"),
        ("../../../demo-1.0/x", "outside"),
        ("/etc/passwd", "no plain path"),
        ("x/../y", "no plain path"),
        ("x/../../..", "no plain path"),
        ("C:/x", "no plain path"),
        ("x\\y", "no plain path"),
        ("", "no plain path"),
    ] {
        check(target, &link(target), SpecialFile, message);
    }
    let through = [
        member("demo-1.0/link", EntryType::Symlink, ".", b""),
        file("demo-1.0/link/x", b""),
    ];
    check("through a link", &sdist(&through), UnsafePath, "no folder");
    let top = member("demo-1.0", EntryType::Symlink, "x", b"");
    check("the folder itself", &gzip(&top), SpecialFile, "outside");
}

#[test]
fn hard_links_lead_to_files() {
    let link = |target: &str| member("demo-1.0/link", EntryType::Link, target, b"");
    accept("to a file", &sdist(&[link("demo-1.0/PKG-INFO")]));
    for (name, target, kind) in [
        ("to nothing", "demo-1.0/x", SpecialFile),
        ("to itself", "demo-1.0/link", SpecialFile),
        ("to a folder", "demo-1.0/folder", SpecialFile),
        ("outside", "../x", UnsafePath),
        ("absolute", "/etc/passwd", UnsafePath),
    ] {
        let folder = member("demo-1.0/folder/", EntryType::Directory, "", b"");
        check(name, &sdist(&[folder, link(target)]), kind, target);
    }
}

#[test]
fn special_members_are_refused() {
    for (name, kind, expected) in [
        ("character device", EntryType::Char, SpecialFile),
        ("block device", EntryType::Block, SpecialFile),
        ("pipe", EntryType::Fifo, SpecialFile),
        ("contiguous", EntryType::Continuous, SpecialFile),
        ("unknown", EntryType::new(b'Z'), SpecialFile),
        ("sparse", EntryType::GNUSparse, Unsupported),
    ] {
        check(
            name,
            &sdist(&[member("demo-1.0/x", kind, "", b"")]),
            expected,
            "demo-1.0/x",
        );
    }
    for kind in [EntryType::Directory, EntryType::Symlink, EntryType::Link] {
        let archive = sdist(&[member("demo-1.0/x", kind, "PKG-INFO", b"data")]);
        check("contents", &archive, Ambiguous, "has contents");
    }
    check(
        "file or folder",
        &sdist(&[file("demo-1.0/x/", b"")]),
        Ambiguous,
        "name of a folder",
    );
}

#[test]
fn extended_headers_are_read_in_one_way() {
    let x = || file("demo-1.0/x", b"data");
    let path = || record("path", "demo-1.0/long");
    let gnu = |name: &str| member("././@LongLink", EntryType::GNULongName, "", name.as_bytes());
    let global = |it: Vec<u8>| member("pax_global_header", EntryType::XGlobalHeader, "", &it);
    for (name, members, kind, message) in [
        (
            "a name of two kinds",
            vec![gnu("demo-1.0/a"), pax(&[path()]), x()],
            Ambiguous,
            "two ways",
        ),
        (
            "two GNU names",
            vec![gnu("a"), gnu("b"), x()],
            Ambiguous,
            "differently",
        ),
        (
            "two pax headers",
            vec![pax(&[path()]), pax(&[path()]), x()],
            Ambiguous,
            "differently",
        ),
        (
            "two paths",
            vec![pax(&[path(), path()]), x()],
            Ambiguous,
            "two \"path\"",
        ),
        (
            "other size",
            vec![pax(&[record("size", "5")]), x()],
            Ambiguous,
            "two lengths",
        ),
        (
            "global path",
            vec![global(path()), x()],
            Ambiguous,
            "differently",
        ),
        (
            "sparse",
            vec![pax(&[record("GNU.sparse.major", "1")]), x()],
            Unsupported,
            "sparse",
        ),
        (
            "no member follows",
            vec![pax(&[path()])],
            Malformed,
            "ends with",
        ),
        (
            "a global header between",
            vec![pax(&[path()]), global(record("comment", "x")), x()],
            Ambiguous,
            "differently",
        ),
        (
            "a line end",
            vec![pax(&[record("comment", "\n"), path()]), x()],
            Ambiguous,
            "line end",
        ),
    ] {
        check(name, &sdist(&members), kind, message);
    }
    for (name, members) in [
        (
            "pax path",
            vec![pax(&[path(), record("mtime", "1.5")]), x()],
        ),
        ("the same size", vec![pax(&[record("size", "4")]), x()]),
        ("GNU name", vec![gnu("demo-1.0/long\0"), x()]),
        (
            "comment of git",
            vec![global(record("comment", "0123")), x()],
        ),
    ] {
        accept(name, &sdist(&members));
    }
}

#[test]
fn malformed_extended_headers_are_refused() {
    let x = || file("demo-1.0/x", b"data");
    let gnu = |name: &str| member("././@LongLink", EntryType::GNULongName, "", name.as_bytes());
    for (name, members, kind, message) in [
        (
            "wrong length",
            vec![pax(&[b"99 path=x\n".to_vec()]), x()],
            Malformed,
            "invalid extended",
        ),
        (
            "no length",
            vec![pax(&[b"path=x\n".to_vec()]), x()],
            Malformed,
            "invalid extended",
        ),
        (
            "signed length",
            vec![pax(&[b"+10 path=x\n".to_vec()]), x()],
            Malformed,
            "invalid extended",
        ),
        (
            "no keyword",
            vec![pax(&[b"5 xx\n".to_vec()]), x()],
            Malformed,
            "invalid extended",
        ),
        (
            "too long",
            vec![pax(&[vec![b'x'; (64 << 10) + 1]]), x()],
            TooLarge,
            "64 KiB",
        ),
        (
            "unsafe GNU name",
            vec![gnu("/x\0"), x()],
            UnsafePath,
            "absolute",
        ),
    ] {
        check(name, &sdist(&members), kind, message);
    }
}

#[test]
fn a_name_continues_in_headers_of_posix_alone() {
    let plain = |header: &mut Header| header.as_mut_bytes()[257..265].fill(0);
    let prefix = |header: &mut Header| header.as_mut_bytes()[345] = b'x';
    let old = forged("demo-1.0/x", EntryType::Regular, "", b"", plain);
    accept("a header before POSIX", &sdist(&[old]));
    let both = |header: &mut Header| (plain(header), prefix(header)).0;
    let old = forged("demo-1.0/x", EntryType::Regular, "", b"", both);
    check(
        "a prefix before POSIX",
        &sdist(&[old]),
        Ambiguous,
        "two kinds",
    );
    let posix = forged("y", EntryType::Regular, "", b"", |it| {
        it.as_mut_bytes()[345..353].copy_from_slice(b"demo-1.0");
    });
    accept("a prefix of POSIX", &sdist(&[posix]));
    let unmarked = forged("x", EntryType::GNULongName, "", b"demo-1.0/y", plain);
    check(
        "unmarked extension",
        &sdist(&[unmarked, file("demo-1.0/x", b"")]),
        Ambiguous,
        "differently",
    );
}

#[test]
fn the_stream_must_be_whole_and_alone() {
    let right = sdist(&[]);
    let mut corrupt = right.clone();
    let checksum = corrupt.len() - 8;
    corrupt[checksum] ^= 1;
    let tar = [&file("demo-1.0/PKG-INFO", METADATA)[..], &[0; 1024]].concat();
    for (name, archive, kind, message) in [
        ("empty", vec![], Malformed, "cut off"),
        ("text", b"not an archive".to_vec(), Malformed, "not a valid"),
        ("tar alone", tar.clone(), Malformed, "not a valid"),
        (
            "cut off",
            right[..right.len() - 1].to_vec(),
            Malformed,
            "cut off",
        ),
        ("checksum", corrupt, Malformed, "not a valid"),
        (
            "garbage after it",
            [&right[..], b"x"].concat(),
            Ambiguous,
            "after its gzip stream",
        ),
        (
            "zeros after it",
            [&right[..], &[0; 512]].concat(),
            Ambiguous,
            "after its gzip stream",
        ),
        (
            "two streams",
            [&right[..], &gzip(&[0; 512])].concat(),
            Ambiguous,
            "after its gzip stream",
        ),
        (
            "data after the end",
            gzip(&[&tar[..], &tar].concat()),
            Ambiguous,
            "data after its end",
        ),
        (
            "a member cut off",
            gzip(&tar[..520]),
            Malformed,
            "unexpected EOF",
        ),
        (
            "a header cut off",
            gzip(&tar[..500]),
            Malformed,
            "entire block",
        ),
        (
            "a header's checksum",
            gzip(&[&tar[1..], b"x"].concat()),
            Malformed,
            "checksum",
        ),
    ] {
        check(name, &archive, kind, message);
    }
    accept("padding", &gzip(&[&tar[..], &vec![0; 20_480]].concat()));
}

#[test]
fn a_source_distribution_has_limits() {
    let archive = sdist(&[file("demo-1.0/x", b"")]);
    let judge = |limits| check_sdist(&mut Cursor::new(&archive), FILE_NAME, &limits);
    let limits = ArchiveLimits::default;
    // Two headers, a block of contents, and the end.
    assert!(judge(limits().with_members(2).with_unpacked_bytes(5 * 512)).is_ok());
    for limits in [
        limits().with_members(1),
        limits().with_unpacked_bytes(5 * 512 - 1),
    ] {
        assert_eq!(told("above", judge(limits)).0, TooLarge);
    }
    let zeros = vec![0; 65 << 20];
    check(
        "bomb",
        &sdist(&[file("demo-1.0/x", &zeros)]),
        TooLarge,
        "50 times",
    );
    accept(
        "below 64 MiB",
        &sdist(&[file("demo-1.0/x", &zeros[..60 << 20])]),
    );
    let long = gzip(&file("demo-1.0/PKG-INFO", &zeros[..=8 << 20]));
    check("long PKG-INFO", &long, TooLarge, "8388609 bytes");
    let endless = forged("demo-1.0/x", EntryType::Regular, "", b"", |it| {
        it.set_size(u64::MAX >> 1);
    });
    check("endless", &sdist(&[endless]), Malformed, "unexpected EOF");
}

/// A file that cannot be read from some place on.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Error> {
        Err(Error::other("the disk is gone"))
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
        self.0.seek(to)
    }
}

#[test]
fn an_unreadable_file_is_not_the_archives_fault() {
    for name in [FILE_NAME, "demo-1.0.zip"] {
        let mut file = Broken(Cursor::new(sdist(&[])));
        let error = check_sdist(&mut file, name, &ArchiveLimits::default()).unwrap_err();
        assert_eq!(error.kind(), Unreadable, "{name}: {error}");
        let source = std::error::Error::source(&error).expect(name);
        assert_eq!(source.to_string(), "the disk is gone", "{name}");
    }
}
