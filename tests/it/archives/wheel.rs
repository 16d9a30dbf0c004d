use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::pypi::archive::ArchiveErrorKind::{
    self, Ambiguous, Corrupt, FileNameMismatch, Malformed, Missing, RecordMismatch, SpecialFile,
    TooLarge, UnsafePath, Unsupported,
};
use portcullis::pypi::archive::{ArchiveError, ArchiveLimits, check_wheel};
use sha2::{Digest, Sha256, Sha512};

use super::forged_zip::{Member, extra, zip, zip_with};
use super::{METADATA, told, vector};

const FILE_NAME: &str = "demo-1.0-py2.py3-none-any.whl";
const WHEEL: &[u8] = b"Wheel-Version: 1.0\nTag: py3-none-any\nTag: py2-none-any\n";
const RECORD: &str = "demo-1.0.dist-info/RECORD";

fn judge(wheel: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    check_wheel(
        &mut Cursor::new(wheel),
        FILE_NAME,
        &ArchiveLimits::default(),
    )
}

/// The members of a right wheel but for `RECORD`.
fn members() -> Vec<Member> {
    vec![
        Member::stored("demo/", b"").with(|it| it.mode = 0o040_755),
        Member::deflated("demo/__init__.py", b"VERSION = 1\n"),
        Member::deflated("demo-1.0.dist-info/METADATA", METADATA),
        Member::stored("demo-1.0.dist-info/WHEEL", WHEEL),
    ]
}

fn line(member: &Member) -> String {
    let name = String::from_utf8_lossy(&member.name);
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&member.plain));
    format!("{name},sha256={digest},{}\n", member.plain.len())
}

/// The right `RECORD` of these members.
fn record(members: &[Member]) -> String {
    let files = members.iter().filter(|it| !it.name.ends_with(b"/"));
    let lines: String = files.map(line).collect();
    lines + RECORD + ",,\n"
}

/// A wheel of these members with the right `RECORD`.
fn wheel(mut members: Vec<Member>) -> Vec<u8> {
    let record = record(&members);
    members.push(Member::deflated(RECORD, record.as_bytes()));
    zip(&members)
}

fn wheel_with(more: Member) -> Vec<u8> {
    wheel([members(), vec![more]].concat())
}

/// A wheel whose member of this place is changed.
fn changed(place: usize, change: fn(&mut Member)) -> Vec<u8> {
    let mut members = members();
    change(&mut members[place]);
    wheel(members)
}

fn recorded(change: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut members = members();
    let record = change(record(&members));
    members.push(Member::stored(RECORD, record.as_bytes()));
    zip(&members)
}

fn check(name: &str, wheel: &[u8], kind: ArchiveErrorKind, message: &str) {
    let (own, text) = told(name, judge(wheel));
    assert!(
        own == kind && text.contains(message),
        "{name}: {own:?}, {text}"
    );
}

fn accept(name: &str, wheel: &[u8]) {
    let metadata = judge(wheel).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(metadata, METADATA, "{name}");
}

#[test]
fn wheels_of_python_are_accepted() {
    for name in ["deflated", "stored", "comment", "zip64"] {
        accept(name, &vector(&format!("{name}.whl")));
    }
    let wheel = vector("data-descriptor.whl");
    check("data descriptor", &wheel, Ambiguous, "data descriptor");
}

#[test]
fn the_contents_must_be_those_of_the_name() {
    let right = wheel(members());
    let judge = |name: &str| check_wheel(&mut Cursor::new(&right), name, &ArchiveLimits::default());
    for (name, message) in [
        (
            "demo-1.1-py2.py3-none-any.whl",
            "asks for \"demo-1.1.dist-info\" alone",
        ),
        (
            "Demo-1.0-py2.py3-none-any.whl",
            "asks for \"Demo-1.0.dist-info\" alone",
        ),
        ("demo-1.0-py3-none-any.whl", "has the tag \"py2-none-any\""),
        (
            "demo-1.0-py2.py3-cp312-any.whl",
            "the file name has \"py2.py3-cp312-any\"",
        ),
        ("demo-1.0-py2.py3-none-any.win32.whl", "2 tags"),
        ("demo-1.0-any.whl", "is not \"{name}-{version}-"),
        ("demo-1.0-1-2-py2.py3-none-any.whl", "is not"),
        ("demo-1.0-py2.py3-none-any.zip", "is not"),
        ("", "is not"),
    ] {
        let (kind, text) = told(name, judge(name));
        assert!(
            kind == FileNameMismatch && text.contains(message),
            "{name}: {text}"
        );
    }
    for name in [FILE_NAME, "demo-1.0-1-py3.py2-none-any.whl"] {
        assert!(judge(name).is_ok(), "{name}");
    }
}

#[test]
fn each_file_of_the_folder_is_needed() {
    for (name, place) in [("METADATA", 2), ("WHEEL", 3)] {
        let mut members = members();
        members.remove(place);
        check(
            name,
            &wheel(members),
            Missing,
            &format!("no \"demo-1.0.dist-info/{name}\""),
        );
    }
    check(
        "RECORD",
        &zip(&members()),
        Missing,
        "no \"demo-1.0.dist-info/RECORD\"",
    );
    check("nothing", &zip(&[]), Missing, "METADATA");
    check("no wheel", b"", Malformed, "not a zip");
}

#[test]
fn another_info_folder_is_refused() {
    for (name, path, kind) in [
        (
            "another project's",
            "other-1.0.dist-info/METADATA",
            FileNameMismatch,
        ),
        (
            "other case",
            "demo-1.0.DIST-INFO/METADATA",
            FileNameMismatch,
        ),
        (
            "other case of the name",
            "Demo-1.0.dist-info/METADATA",
            FileNameMismatch,
        ),
        ("a file", "x.dist-info", FileNameMismatch),
        (
            "a file of other case",
            "demo-1.0.dist-info/metadata",
            Ambiguous,
        ),
    ] {
        check(
            name,
            &wheel_with(Member::stored(path, b"x")),
            kind,
            "the wheel has",
        );
    }
    for path in [
        "demo/x.dist-info/METADATA",
        "demo-1.0.dist-info/licenses/METADATA",
        "Demo/__init__.py",
    ] {
        accept(path, &wheel_with(Member::stored(path, b"x")));
    }
}

#[test]
fn the_wheel_file_must_be_readable() {
    for (name, text, kind) in [
        (
            "no version",
            &b"Tag: py2-none-any\nTag: py3-none-any\n"[..],
            Unsupported,
        ),
        (
            "version 2",
            b"Wheel-Version: 2.0\nTag: py2-none-any\nTag: py3-none-any\n",
            Unsupported,
        ),
        (
            "two versions",
            b"Wheel-Version: 1.0\nWheel-Version: 1.0\n",
            Unsupported,
        ),
        ("not UTF-8", b"Wheel-Version: 1.0\xff", Malformed),
        (
            "a tag is missing",
            b"Wheel-Version: 1.0\nTag: py3-none-any\n",
            FileNameMismatch,
        ),
        (
            "a tag in the body",
            b"Wheel-Version: 1.0\nTag: py3-none-any\n\nTag: py2-none-any\n",
            FileNameMismatch,
        ),
        (
            "a tag of two parts",
            b"Wheel-Version: 1.0\nTag: py3-none\n",
            FileNameMismatch,
        ),
    ] {
        let mut members = members();
        members[3] = Member::stored("demo-1.0.dist-info/WHEEL", text);
        check(name, &wheel(members), kind, "WHEEL");
    }
    let mut members = members();
    let text =
        b"wheel-version: 1.9\r\ntag: py2-none-any\r\nTag: py3-none-any\r\nTag: py3-none-any\r\n";
    members[3] = Member::stored("demo-1.0.dist-info/WHEEL", text);
    accept("other case, line ends and a tag twice", &wheel(members));
}

#[test]
fn the_record_must_be_right() {
    let refused = |name: &str, change: &dyn Fn(String) -> String, message: &str| {
        check(name, &recorded(change), RecordMismatch, message);
    };
    refused(
        "empty",
        &|_| String::new(),
        "RECORD lacks \"demo/__init__.py\"",
    );
    refused(
        "itself",
        &|it| it.replace(",,\n", "2,,\n"),
        "RECORD lacks \"demo-1.0.dist-info/RECORD\"",
    );
    refused(
        "one more",
        &|it| it + "demo/more.py,,\n",
        "not in the wheel",
    );
    refused("a line twice", &|it| it.clone() + &it, "twice");
    refused(
        "other size",
        &|it| it.replace(",12\n", ",13\n"),
        "has 13 bytes, it has 12",
    );
    refused(
        "invalid size",
        &|it| it.replace(",12\n", ",-12\n"),
        "invalid size",
    );
    refused(
        "other hash",
        &|it| it.replace("sha256=", "sha256=x"),
        "another hash",
    );
    refused(
        "weak hash",
        &|it| it.replace("sha256=", "md5="),
        "sha256, sha384 or sha512",
    );
    refused(
        "hash without its name",
        &|it| it.replace("sha256=", ""),
        "invalid hash",
    );
    refused("two fields", &|it| it.replace(",12\n", "\n"), "2 fields");
    refused("a folder", &|it| it + "demo/,,\n", "not in the wheel");
    refused("open quote", &|it| it + "\"x,,\n", "does not end");
    refused("quote within", &|it| it + "\"x\"y,,\n", "quote within");
    let no_hash = |it: String| format!("demo/__init__.py,,12\n{}", it.split_once('\n').unwrap().1);
    refused("no hash", &no_hash, "no hash of \"demo/__init__.py\"");
    let mut bytes = members();
    bytes.push(Member::stored(RECORD, b"\xff,,\n"));
    check("not UTF-8", &zip(&bytes), RecordMismatch, "not UTF-8");

    let digest = URL_SAFE_NO_PAD.encode(Sha512::digest(b"VERSION = 1\n"));
    let sha512 = |it: String| {
        format!(
            "demo/__init__.py,sha512={digest},\n{}",
            it.split_once('\n').unwrap().1
        )
    };
    accept("SHA-512 and no size", &recorded(sha512));
    accept(
        "quotes",
        &recorded(|it| it.replace("demo/__init__.py", "\"demo/__init__.py\"")),
    );
    accept(
        "CRLF and an empty line",
        &recorded(|it| it.replace('\n', "\r\n") + "\r\n"),
    );
    accept("no line end", &recorded(|it| it.trim_end().to_owned()));
    accept("padding", &recorded(|it| it.replace(",12\n", "=,12\n")));
}

#[test]
fn a_signature_needs_no_record() {
    for name in [
        "demo-1.0.dist-info/RECORD.jws",
        "demo-1.0.dist-info/RECORD.p7s",
    ] {
        let mut all = members();
        all.push(Member::stored(RECORD, record(&members()).as_bytes()));
        all.push(Member::stored(name, b"signature"));
        accept(name, &zip(&all));
        let mut all = members();
        all.push(Member::stored(
            RECORD,
            (record(&members()) + name + ",,\n").as_bytes(),
        ));
        all.push(Member::stored(name, b"signature"));
        accept("listed without a hash", &zip(&all));
    }
    let mut all = members();
    all.push(Member::stored(RECORD, record(&members()).as_bytes()));
    all.push(Member::stored("demo/RECORD.jws", b"not a signature"));
    check("elsewhere", &zip(&all), RecordMismatch, "lacks");
}

#[test]
fn unsafe_paths_are_refused() {
    for path in [
        "../x",
        "demo/../../x",
        "demo/./x",
        "demo//x",
        "/x",
        "C:/x",
        "c:x",
        "demo\\x",
        "demo/x\0.py",
        "demo/\u{7f}",
        "demo/\u{85}",
        "..",
        ".",
        "",
    ] {
        check(
            path,
            &wheel_with(Member::stored(path, b"x")),
            UnsafePath,
            "the archive's path",
        );
    }
    let long = format!("demo/{}", "x".repeat(1020));
    check(
        "long",
        &wheel_with(Member::stored(&long, b"x")),
        UnsafePath,
        "1024",
    );
    let latin = Member::stored("demo/x", b"x").with(|it| it.name[5] = 0xe4);
    check("not UTF-8", &wheel_with(latin), UnsafePath, "UTF-8");
    for path in [
        "demo/..x",
        "demo/x..",
        "demo/x:y",
        "demo/ä/日本",
        &long[..1024],
    ] {
        accept(path, &wheel_with(Member::stored(path, b"x")));
    }
}

#[test]
fn special_members_are_refused() {
    let member = || Member::stored("demo/x", b"y");
    for (name, member, kind, message) in [
        (
            "link",
            member().with(|it| it.mode = 0o120_777),
            SpecialFile,
            "link",
        ),
        (
            "device",
            member().with(|it| it.mode = 0o020_666),
            SpecialFile,
            "special",
        ),
        (
            "folder without a slash",
            member().with(|it| it.mode = 0o040_755),
            SpecialFile,
            "special",
        ),
        (
            "file with a slash",
            Member::stored("demo/x/", b""),
            SpecialFile,
            "special",
        ),
        (
            "comment",
            member().with(|it| it.comment = b"c".to_vec()),
            Ambiguous,
            "comment",
        ),
        (
            "encrypted",
            member().with(|it| it.flags = 1),
            Unsupported,
            "encrypted",
        ),
        (
            "bzip2",
            member().with(|it| it.method = 12),
            Unsupported,
            "method 12",
        ),
        (
            "unmarked name",
            Member::stored("demo/ä", b"").with(|it| it.flags = 0),
            Ambiguous,
            "marked as UTF-8",
        ),
        (
            "twice",
            Member::stored("demo/__init__.py", b"VERSION = 1\n"),
            Ambiguous,
            "two members",
        ),
        (
            "below a file",
            Member::stored("demo/__init__.py/x", b""),
            UnsafePath,
            "no folder",
        ),
        (
            "other Unicode name",
            member().with(|it| it.extra = extra(0x7075, b"\x01....x")),
            Ambiguous,
            "another name",
        ),
        (
            "other contents",
            member().with(|it| it.data = b"z".to_vec()),
            Corrupt,
            "checksum",
        ),
    ] {
        check(name, &wheel_with(member), kind, message);
    }
    let folder = Member::stored("demo/d/", b"x").with(|it| it.mode = 0);
    check(
        "folder with contents",
        &wheel_with(folder),
        Ambiguous,
        "contents",
    );
    for (name, member) in [
        ("no mode", member().with(|it| it.mode = 0)),
        (
            "folder without a mode",
            Member::stored("demo/d/", b"").with(|it| it.mode = 0),
        ),
        ("mode without a type", member().with(|it| it.mode = 0o755)),
    ] {
        accept(name, &wheel_with(member));
    }
}

#[test]
fn what_two_readers_see_differently_is_refused() {
    for (name, wheel, kind, message) in [
        (
            "gap before a member",
            changed(1, |it| it.gap = vec![0]),
            Ambiguous,
            "does not follow",
        ),
        (
            "hidden member",
            changed(1, |it| it.rows = 0),
            Ambiguous,
            "does not follow",
        ),
        (
            "gap at the start",
            changed(0, |it| it.gap = vec![0]),
            Ambiguous,
            "does not follow",
        ),
        (
            "two rows for one member",
            changed(1, |it| it.rows = 2),
            Ambiguous,
            "two members",
        ),
        (
            "other name locally",
            changed(1, |it| it.local = |it| it.name[0] = b'X'),
            Ambiguous,
            "is called",
        ),
        (
            "other size locally",
            changed(1, |it| it.local = |it| it.size += 1),
            Ambiguous,
            "differs",
        ),
        (
            "other length locally",
            changed(1, |it| it.local = |it| it.packed += 1),
            Ambiguous,
            "differs",
        ),
        (
            "data after it",
            [&wheel(members())[..], b"x"].concat(),
            Ambiguous,
            "after its end",
        ),
        (
            "data before it",
            [b"x", &wheel(members())[..]].concat(),
            Ambiguous,
            "before its first",
        ),
    ] {
        check(name, &wheel, kind, message);
    }
    let mut all = members();
    all.push(Member::stored(RECORD, record(&members()).as_bytes()));
    all.push(Member::stored("demo/hidden.py", b"x").with(|it| it.rows = 0));
    check(
        "hidden at the end",
        &zip(&all),
        Ambiguous,
        "between its last member",
    );
    let wheel = zip_with(&all, |end| end.offset -= 1);
    check("directory elsewhere", &wheel, Ambiguous, "before its first");
    let overlapping = Member::stored("demo/overlap", b"x").with(|it| it.shift = -10);
    check(
        "overlap",
        &wheel_with(overlapping),
        Ambiguous,
        "does not follow",
    );
}

#[test]
fn a_wheel_has_limits() {
    let wheel = wheel(members());
    let judge = |limits| check_wheel(&mut Cursor::new(&wheel), FILE_NAME, &limits);
    let sizes: usize = members().iter().map(|it| it.plain.len()).sum();
    let bytes = (sizes + record(&members()).len()) as u64;
    let limits = ArchiveLimits::default;
    assert!(judge(limits().with_members(5).with_unpacked_bytes(bytes)).is_ok());
    for limits in [
        limits().with_members(4),
        limits().with_unpacked_bytes(bytes - 1),
    ] {
        let (kind, text) = told("above", judge(limits));
        assert!(kind == TooLarge && text.contains("more than"), "{text}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 65 << 20];
    let bomb = Member::deflated("demo/zeros", &zeros);
    check("bomb", &wheel_with(bomb), TooLarge, "50 times its length");
    let small = Member::deflated("demo/zeros", &zeros[..60 << 20]);
    accept("below 64 MiB", &wheel_with(small));
    let lying = Member::deflated("demo/zeros", &zeros).with(|it| it.size = 1);
    let mut all = members();
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest([0]));
    let record = format!("demo/zeros,sha256={digest},1\n{}", record(&all));
    all.push(lying);
    all.push(Member::stored(RECORD, record.as_bytes()));
    check(
        "lying bomb",
        &zip(&all),
        Corrupt,
        "longer than the directory says",
    );
}
