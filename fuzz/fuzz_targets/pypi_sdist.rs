//! Tar archives whose headers lie. One that is accepted has the same members for the crate `tar`, and no
//! member and no link leaves its folder where a model unpacks it.
#![no_main]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use arbitrary::Arbitrary;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use portcullis::pypi::archive::{ArchiveLimits, check_sdist};
use tar::{Archive, EntryType, Header};

const SEGMENTS: [&str; 8] = ["d-1", "PKG-INFO", "a", "b", "..", ".", "", "a\\b"];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    members: Vec<Member<'a>>,
    /// What follows the archive in its stream, and after it.
    padding: &'a [u8],
    after: &'a [u8],
}

#[derive(Arbitrary, Debug)]
struct Member<'a> {
    path: Path,
    link: Path,
    kind: Kind,
    data: &'a [u8],
    patches: Vec<(u8, u8)>,
}

#[derive(Arbitrary, Debug)]
struct Path {
    segments: Vec<u8>,
    is_below_top: bool,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    File,
    Folder,
    Symlink,
    HardLink,
    GnuName,
    GnuLink,
    Pax(Vec<(Keyword, Path)>),
    Global(Vec<(Keyword, Path)>),
    Other(u8),
}

#[derive(Arbitrary, Debug)]
enum Keyword {
    Path,
    Link,
    Size(u8),
    Other(u8),
}

impl Path {
    fn text(&self) -> String {
        let segments = self.segments.iter().take(6);
        let segments = segments.map(|it| SEGMENTS[usize::from(*it) % SEGMENTS.len()]);
        let top = self.is_below_top.then_some("d-1");
        top.into_iter()
            .chain(segments)
            .collect::<Vec<_>>()
            .join("/")
    }
}

fuzz_target!(|input: Input<'_>| {
    let mut tar = block("d-1/PKG-INFO", "", EntryType::Regular, b"Name: d\n", &[]);
    for member in input.members.iter().take(10) {
        tar.extend(member.block());
    }
    tar.extend([0; 1024]);
    tar.extend(input.padding);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).expect("memory");
    let mut archive = encoder.finish().expect("memory");
    archive.extend(input.after);
    let limits = ArchiveLimits::default().with_members(50);
    if let Ok(pkg_info) = check_sdist(&mut Cursor::new(&archive), "d-1.tar.gz", &limits) {
        assert!(input.after.is_empty() && input.padding.iter().all(|byte| *byte == 0));
        unpack(&archive, &pkg_info);
    }
});

impl Member<'_> {
    fn block(&self) -> Vec<u8> {
        let text = self.path.text();
        let with_nul = [text.as_bytes(), b"\0"].concat();
        let (kind, data) = match &self.kind {
            Kind::File => (EntryType::Regular, self.data.to_vec()),
            Kind::Folder => (EntryType::Directory, Vec::new()),
            Kind::Symlink => (EntryType::Symlink, Vec::new()),
            Kind::HardLink => (EntryType::Link, Vec::new()),
            Kind::GnuName => (EntryType::GNULongName, with_nul),
            Kind::GnuLink => (EntryType::GNULongLink, with_nul),
            Kind::Pax(records) => (EntryType::XHeader, pax(records)),
            Kind::Global(records) => (EntryType::XGlobalHeader, pax(records)),
            Kind::Other(kind) => (EntryType::new(*kind), self.data.to_vec()),
        };
        block(&text, &self.link.text(), kind, &data, &self.patches)
    }
}

fn block(path: &str, link: &str, kind: EntryType, data: &[u8], patches: &[(u8, u8)]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    let bytes = header.as_mut_bytes();
    bytes[..path.len()].copy_from_slice(path.as_bytes());
    bytes[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_size(data.len() as u64);
    header.set_entry_type(kind);
    for (place, byte) in patches {
        header.as_mut_bytes()[usize::from(*place) * 2] ^= byte;
    }
    header.set_cksum();
    let padding = data.len().next_multiple_of(512) - data.len();
    [header.as_bytes(), data, &vec![0; padding]].concat()
}

fn pax(records: &[(Keyword, Path)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (keyword, path) in records.iter().take(3) {
        let text = match keyword {
            Keyword::Path => format!(" path={}\n", path.text()),
            Keyword::Link => format!(" linkpath={}\n", path.text()),
            Keyword::Size(size) => format!(" size={size}\n"),
            Keyword::Other(byte) => format!(" comment={}\n", char::from(*byte)),
        };
        // One digit more if the length has one more with it.
        let length = text.len() + 1;
        let length = length + usize::from(length > 9);
        bytes.extend(format!("{length}{text}").into_bytes());
    }
    bytes
}

/// What stands at a path: a folder, a file, or a link to there.
#[derive(Debug)]
enum Node {
    Folder,
    File,
    Link(String),
}

/// Unpacks into a model of a file system, in which each link is followed.
fn unpack(archive: &[u8], pkg_info: &[u8]) {
    let mut nodes = BTreeMap::from([("d-1".to_owned(), Node::Folder)]);
    let mut found = None;
    let mut archive = Archive::new(GzDecoder::new(archive));
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        if entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        let path = String::from_utf8(entry.path_bytes().into_owned()).expect("a text");
        let path = path.strip_suffix('/').unwrap_or(&path).to_owned();
        assert_eq!(
            resolve(&nodes, &path, false),
            path,
            "a member is written elsewhere"
        );
        let node = match entry.header().entry_type() {
            EntryType::Directory => Node::Folder,
            EntryType::Symlink => {
                let target = entry.link_name_bytes().expect("a target").into_owned();
                Node::Link(String::from_utf8(target).expect("a text"))
            }
            EntryType::Link => Node::File,
            kind => {
                assert_eq!(kind, EntryType::Regular);
                Node::File
            }
        };
        if path == "d-1/PKG-INFO" {
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).expect("its contents");
            assert!(found.replace(contents).is_none(), "two of them");
        }
        nodes.insert(path, node);
        // Wherever the links lead by now, none leads out.
        for path in nodes.keys() {
            resolve(&nodes, path, true);
        }
    }
    assert_eq!(found.as_deref(), Some(pkg_info));
}

/// Follows a path as the kernel does, and its last segment too if `is_followed`.
fn resolve(nodes: &BTreeMap<String, Node>, path: &str, is_followed: bool) -> String {
    let mut left: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
    let mut at: Vec<String> = Vec::new();
    let mut steps = 0;
    while let Some(segment) = left.pop() {
        steps += 1;
        if steps > 100 {
            break; // A circle, which the kernel refuses.
        }
        match &segment[..] {
            "" | "." => continue,
            ".." => {
                at.pop();
            }
            _ => at.push(segment),
        }
        assert_eq!(
            at.first().map(String::as_str),
            Some("d-1"),
            "{path} leaves its folder"
        );
        let here = at.join("/");
        if let Some(Node::Link(target)) = nodes.get(&here)
            && (is_followed || !left.is_empty())
        {
            assert!(!target.starts_with('/'), "{target}");
            at.pop();
            left.extend(target.rsplit('/').map(str::to_owned));
        }
    }
    at.join("/")
}
