//! Wheels whose headers lie. One that is accepted is the same by its directory and as a stream, and its
//! `RECORD` is right by a slow reader; one without lies is accepted.
#![no_main]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use portcullis::pypi::archive::{ArchiveLimits, check_wheel};
use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

#[path = "../../tests/it/archives/forged_zip.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod forged_zip;
use forged_zip::{Member, extra, zip_with};

const INFO: &str = "d-1.dist-info";
const WHEEL: &str = "Wheel-Version: 1.0\nTag: py3-none-any\n";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    members: Vec<(&'a str, &'a [u8], bool)>,
    wheel: Option<&'a str>,
    record: Option<&'a str>,
    lies: Vec<(u8, Lie<'a>)>,
    end: Option<EndLie<'a>>,
    /// Bytes that are changed at last.
    patches: Vec<(u16, u8)>,
}

#[derive(Arbitrary, Debug)]
enum Lie<'a> {
    Name(&'a [u8]),
    Data(&'a [u8]),
    Flags(u16),
    Method(u16),
    Crc(u32),
    Packed(u32),
    Size(u32),
    Extra(u16, &'a [u8]),
    Comment(&'a [u8]),
    Mode(u16),
    Shift(i8),
    Gap(&'a [u8]),
    Rows(u8),
    Local(u8),
}

#[derive(Arbitrary, Debug)]
enum EndLie<'a> {
    Disk(u16),
    Rows(u16),
    Size(i8),
    Offset(i8),
    Comment(&'a [u8]),
    Before(&'a [u8]),
    After(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let mut members = members(&input);
    let is_true = input.record.is_none()
        && input.wheel.is_none()
        && input.lies.is_empty()
        && input.end.is_none()
        && input.patches.is_empty();
    let is_plain = members.iter().all(|it| is_plain(&it.name)) && has_distinct_paths(&members);
    for (place, lie) in &input.lies {
        let place = usize::from(*place) % members.len();
        lie.tell(&mut members[place]);
    }
    let mut bytes = zip_with(&members, |end| {
        if let Some(lie) = &input.end {
            lie.tell(end);
        }
    });
    for (place, byte) in &input.patches {
        let place = usize::from(*place) % bytes.len();
        bytes[place] ^= byte;
    }
    let limits = ArchiveLimits::default().with_members(50);
    let result = check_wheel(&mut Cursor::new(&bytes), "d-1-py3-none-any.whl", &limits);
    match result {
        Ok(metadata) => check_views(&bytes, &metadata),
        Err(error) => assert!(!(is_true && is_plain), "{error}: {input:?}"),
    }
});

/// The members of a right wheel, if the input has no record of its own.
fn members(input: &Input<'_>) -> Vec<Member> {
    let member = |path: &str, data: &[u8], is_deflated: bool| match is_deflated {
        true => Member::deflated(path, data),
        false => Member::stored(path, data),
    };
    let given = input.members.iter().take(8);
    let mut members: Vec<_> = given
        .map(|(path, data, is_deflated)| member(path, data, *is_deflated))
        .collect();
    members.push(member(&format!("{INFO}/METADATA"), b"Name: d\n", true));
    members.push(member(
        &format!("{INFO}/WHEEL"),
        input.wheel.unwrap_or(WHEEL).as_bytes(),
        false,
    ));
    let mut record: String = members.iter().map(line).collect();
    record += &format!("{INFO}/RECORD,,\n");
    let record = input.record.unwrap_or(&record);
    members.push(member(&format!("{INFO}/RECORD"), record.as_bytes(), true));
    members
}

fn line(member: &Member) -> String {
    let name = str::from_utf8(&member.name).expect("it was a text");
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&member.plain));
    format!(
        "\"{}\",sha256={digest},{}\n",
        name.replace('"', "\"\""),
        member.plain.len()
    )
}

fn is_plain(name: &[u8]) -> bool {
    let name = str::from_utf8(name).expect("it was a text");
    let segments: Vec<_> = name.split('/').collect();
    let is_own = ["METADATA", "WHEEL", "RECORD"]
        .iter()
        .any(|it| name == format!("{INFO}/{it}"));
    let is_segment = |it: &&str| !it.is_empty() && *it != "." && *it != "..";
    let is_printable = !name
        .chars()
        .any(|c| c.is_control() || c == '\\' || c == ':');
    let is_info = segments[0].to_ascii_lowercase().ends_with(".dist-info");
    segments.iter().all(is_segment) && is_printable && (is_own || !is_info) && name.len() < 1000
}

/// No path is another one's, nor below it.
fn has_distinct_paths(members: &[Member]) -> bool {
    let is_at_or_below = |a: &Member, b: &Member| {
        let rest = a.name.strip_prefix(&b.name[..]);
        rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    };
    let mut pairs = members
        .iter()
        .enumerate()
        .flat_map(|(i, a)| members[..i].iter().map(move |b| (a, b)));
    pairs.all(|(a, b)| !is_at_or_below(a, b) && !is_at_or_below(b, a))
}

/// What the directory shows, what a stream shows, and what `RECORD` says.
fn check_views(wheel: &[u8], metadata: &[u8]) {
    let mut archive = ZipArchive::new(Cursor::new(wheel)).expect("another reader opens it");
    let mut by_directory = BTreeMap::new();
    for place in 0..archive.len() {
        let mut member = archive.by_index(place).expect("a member");
        let mut contents = Vec::new();
        member.read_to_end(&mut contents).expect("its contents");
        let name = member.name().expect("a text").into_owned();
        assert!(by_directory.insert(name, contents).is_none(), "twice");
    }
    let mut stream = Cursor::new(wheel);
    let mut as_stream = BTreeMap::new();
    while let Some(mut member) = read_zipfile_from_stream(&mut stream).expect("a stream") {
        let mut contents = Vec::new();
        member.read_to_end(&mut contents).expect("its contents");
        let name = member.name().expect("a text").into_owned();
        as_stream.insert(name, contents);
    }
    assert_eq!(by_directory, as_stream);
    assert_eq!(by_directory[&format!("{INFO}/METADATA")], metadata);
    let record = str::from_utf8(&by_directory[&format!("{INFO}/RECORD")]).expect("a text");
    let mut recorded = csv(record);
    for (path, contents) in by_directory.iter().filter(|(path, _)| !path.ends_with('/')) {
        let own = path.strip_prefix(INFO).unwrap_or_default();
        let is_signature = ["/RECORD.jws", "/RECORD.p7s"].contains(&own);
        let Some((hash, size)) = recorded.remove(path) else {
            assert!(is_signature, "{path} is not recorded");
            continue;
        };
        assert!(
            size.is_empty() || size.parse() == Ok(contents.len()),
            "{path}: {size}"
        );
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(contents));
        let is_right = match hash.strip_prefix("sha256=") {
            Some(hash) => hash.trim_end_matches('=') == digest,
            None if hash.is_empty() => is_signature || own == "/RECORD",
            None => hash.starts_with("sha384=") || hash.starts_with("sha512="),
        };
        assert!(is_right, "{path}: {hash}");
    }
    assert!(recorded.is_empty(), "{recorded:?}");
}

/// A slow reader of CSV: a line ends where no quote is open.
fn csv(text: &str) -> BTreeMap<String, (String, String)> {
    let mut rows = BTreeMap::new();
    let (mut fields, mut field, mut is_open) = (Vec::new(), String::new(), false);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for c in text.chars().chain(['\n']) {
        match c {
            '"' => is_open = !is_open,
            ',' if !is_open => fields.push(std::mem::take(&mut field)),
            '\n' if !is_open => {
                fields.push(std::mem::take(&mut field));
                if let [path, hash, size] = &std::mem::take(&mut fields)[..] {
                    let before = rows.insert(unquoted(path), (unquoted(hash), unquoted(size)));
                    assert!(before.is_none(), "{path} twice");
                }
                continue;
            }
            _ => {}
        }
        if c != ',' || is_open {
            field.push(c);
        }
    }
    rows
}

fn unquoted(field: &str) -> String {
    let inner = field.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.map_or_else(|| field.to_owned(), |it| it.replace("\"\"", "\""))
}

impl Lie<'_> {
    fn tell(&self, member: &mut Member) {
        match *self {
            Self::Name(name) => member.name = name.to_vec(),
            Self::Data(data) => member.data = data.to_vec(),
            Self::Flags(flags) => member.flags ^= flags,
            Self::Method(method) => member.method = method,
            Self::Crc(crc) => member.crc = crc,
            Self::Packed(packed) => member.packed = packed,
            Self::Size(size) => member.size = size,
            Self::Extra(id, data) => member.extra.extend(extra(id, &data[..data.len().min(100)])),
            Self::Comment(comment) => member.comment = comment.to_vec(),
            Self::Mode(mode) => member.mode = mode,
            // Never before the file.
            Self::Shift(shift) => member.shift = i64::from(shift).abs(),
            Self::Gap(gap) => member.gap = gap.to_vec(),
            Self::Rows(rows) => member.rows = usize::from(rows % 3),
            Self::Local(which) => {
                member.local = match which % 6 {
                    0 => |it| it.name = b"other".to_vec(),
                    1 => |it| it.packed ^= 1,
                    2 => |it| it.size ^= 1,
                    3 => |it| it.method ^= 8,
                    4 => |it| it.extra = extra(1, &[0; 16]),
                    _ => |it| it.crc ^= 1,
                }
            }
        }
    }
}

impl EndLie<'_> {
    fn tell(&self, end: &mut forged_zip::End) {
        match *self {
            Self::Disk(disk) => end.disk = disk,
            Self::Rows(rows) => end.rows = rows,
            Self::Size(change) => end.size = end.size.wrapping_add_signed(change.into()),
            Self::Offset(change) => end.offset = end.offset.wrapping_add_signed(change.into()),
            Self::Comment(comment) => end.comment = comment.to_vec(),
            Self::Before(bytes) => end.before = bytes.to_vec(),
            Self::After(bytes) => end.after = bytes.to_vec(),
        }
    }
}
