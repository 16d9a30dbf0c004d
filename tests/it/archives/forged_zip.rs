//! A writer of zips that can write anything, right by default.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A member: each field is what both headers say, unless `local` changes the local one.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) plain: Vec<u8>,
    pub(super) data: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) size: u32,
    pub(super) extra: Vec<u8>,
    pub(super) comment: Vec<u8>,
    pub(super) mode: u16,
    /// Added to the place of its local header in the directory.
    pub(super) shift: i64,
    /// What comes before its local header.
    pub(super) gap: Vec<u8>,
    pub(super) local: fn(&mut Member),
    /// How many times it is in the directory.
    pub(super) rows: usize,
}

impl Member {
    pub(super) fn stored(name: &str, data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let length = u32::try_from(data.len()).unwrap();
        Self {
            name: name.into(),
            plain: data.into(),
            data: data.into(),
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            method: 0,
            crc: crc.sum(),
            packed: length,
            size: length,
            extra: Vec::new(),
            comment: Vec::new(),
            mode: 0o100_644,
            shift: 0,
            gap: Vec::new(),
            local: |_| {},
            rows: 1,
        }
    }

    pub(super) fn deflated(name: &str, data: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        let mut member = Self::stored(name, data);
        member.method = 8;
        member.data = encoder.finish().unwrap();
        member.packed = u32::try_from(member.data.len()).unwrap();
        member
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn common(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for field in [20, self.flags, self.method, 0, 0x21] {
            bytes.extend(u16::to_le_bytes(field));
        }
        for field in [self.crc, self.packed, self.size] {
            bytes.extend(field.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            bytes.extend(u16::try_from(length).unwrap().to_le_bytes());
        }
        bytes
    }
}

/// The end record, as it will be written.
pub(super) struct End {
    pub(super) disk: u16,
    pub(super) rows: u16,
    pub(super) size: u32,
    pub(super) offset: u32,
    pub(super) comment: Vec<u8>,
    /// What comes before the record, and after it.
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

pub(super) fn zip(members: &[Member]) -> Vec<u8> {
    zip_with(members, |_| {})
}

pub(super) fn zip_with(members: &[Member], change: impl FnOnce(&mut End)) -> Vec<u8> {
    let (mut bytes, mut directory, mut rows) = (Vec::new(), Vec::new(), 0);
    for member in members {
        bytes.extend(&member.gap);
        let offset = i64::try_from(bytes.len()).unwrap() + member.shift;
        let mut local = member.clone();
        (member.local)(&mut local);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(local.common());
        for part in [&local.name, &local.extra, &local.data] {
            bytes.extend(part);
        }
        for _ in 0..member.rows {
            rows += 1;
            directory.extend(b"PK\x01\x02\x14\x03");
            directory.extend(member.common());
            directory.extend(u16::try_from(member.comment.len()).unwrap().to_le_bytes());
            directory.extend([0; 4]);
            directory.extend((u32::from(member.mode) << 16).to_le_bytes());
            directory.extend(u32::try_from(offset).unwrap().to_le_bytes());
            for part in [&member.name, &member.extra, &member.comment] {
                directory.extend(part);
            }
        }
    }
    let mut end = End {
        disk: 0,
        rows,
        size: u32::try_from(directory.len()).unwrap(),
        offset: u32::try_from(bytes.len()).unwrap(),
        comment: Vec::new(),
        before: Vec::new(),
        after: Vec::new(),
    };
    change(&mut end);
    bytes.extend(directory);
    bytes.extend(&end.before);
    bytes.extend(b"PK\x05\x06");
    for field in [end.disk, 0, end.rows, end.rows] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(end.size.to_le_bytes());
    bytes.extend(end.offset.to_le_bytes());
    bytes.extend(u16::try_from(end.comment.len()).unwrap().to_le_bytes());
    bytes.extend(&end.comment);
    bytes.extend(&end.after);
    bytes
}

/// An extra field.
pub(super) fn extra(id: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&id.to_le_bytes(), &length.to_le_bytes(), data].concat()
}
