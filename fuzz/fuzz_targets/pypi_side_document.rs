//! Side documents: a foreign one is written again unchanged, and changes that gateways make and merge in any
//! order give what a model of plain maps says.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use portcullis::pypi::{FileFacts, MetadataFact, ProjectStatus, Sha256Digest, SideDocument};

#[derive(Arbitrary, Debug)]
struct Input {
    foreign: [String; 3],
    changes: Vec<(u8, Change)>,
    order: bool,
}

#[derive(Arbitrary, Clone, Debug)]
enum Change {
    Digest {
        file: u8,
        etag: bool,
    },
    Metadata {
        file: u8,
        is_absent: bool,
    },
    Yank {
        file: u8,
        reason: Option<String>,
        at: u8,
    },
    Status {
        is_archived: bool,
        at: u8,
    },
    Delete {
        file: u8,
        at: u8,
    },
}

fuzz_target!(|input: Input| {
    let read = input
        .foreign
        .iter()
        .filter_map(|json| SideDocument::parse(json.as_bytes()).ok());
    let read: Vec<_> = read.collect();
    for document in &read {
        is_written_again(document);
    }
    merges(&read);

    let mut gateways = vec![SideDocument::default(); 3];
    let mut model = Model::default();
    for (gateway, change) in &input.changes {
        apply(&mut gateways[usize::from(gateway % 3)], change);
        model.apply(change);
    }
    merges(&gateways);
    if input.order {
        gateways.reverse();
    }
    let mut merged = gateways.remove(1);
    for gateway in gateways {
        merged.merge(gateway);
    }
    model.check(&merged);
    is_written_again(&merged);
    merged.retain(|_, etag, _| etag == "b");
    model.digests.retain(|(_, etag), ()| *etag);
    model.yanks.clear();
    model.metadata.clear();
    model.check(&merged);
});

fn is_written_again(document: &SideDocument) {
    let json = document.to_json().expect("it is short");
    assert_eq!(SideDocument::parse(&json).as_ref(), Ok(document));
}

/// Merging is commutative, associative and idempotent.
fn merges(documents: &[SideDocument]) {
    let merged = |order: &[usize]| {
        let mut documents = order.iter().map(|&i| documents[i].clone());
        let mut merged = documents.next().unwrap_or_default();
        documents.for_each(|document| merged.merge(document));
        merged
    };
    match documents {
        [a, b] => {
            assert_eq!(merged(&[0, 1]), merged(&[1, 0]));
            assert_eq!((merged(&[0, 0]), merged(&[1, 1])), (a.clone(), b.clone()));
        }
        [a, b, c] => {
            let (mut left, mut right) = (a.clone(), b.clone());
            left.merge(b.clone());
            left.merge(c.clone());
            right.merge(c.clone());
            let mut all = a.clone();
            all.merge(right);
            assert_eq!(left, all);
            assert_eq!(merged(&[2, 1, 0, 1, 2]), all);
        }
        _ => {}
    }
}

fn name(file: u8) -> String {
    format!("demo-{}.zip", file % 4)
}

fn etag(is_second: bool) -> &'static str {
    if is_second { "b" } else { "a" }
}

fn apply(document: &mut SideDocument, change: &Change) {
    match change {
        Change::Digest { file, etag: second } => {
            let mut facts = FileFacts::default();
            facts.sha256 = Some(Sha256Digest::of(&[*file % 4]));
            document.learn(&name(*file), etag(*second), 1, facts);
        }
        Change::Metadata { file, is_absent } => {
            let digest = MetadataFact::Sha256(Sha256Digest::of(&[*file % 4]));
            let mut facts = FileFacts::default();
            facts.core_metadata = Some(if *is_absent {
                MetadataFact::Absent
            } else {
                digest
            });
            document.learn(&name(*file), "a", 1, facts);
        }
        Change::Yank { file, reason, at } => {
            document.yank(&name(*file), "a", 1, reason.clone(), u64::from(*at));
        }
        Change::Status { is_archived, at } => {
            let status = status(*is_archived);
            document.set_status(status, None, u64::from(*at));
        }
        Change::Delete { file, at } => document.delete(&name(*file), None, u64::from(*at)),
    }
}

fn status(is_archived: bool) -> ProjectStatus {
    if is_archived {
        ProjectStatus::Archived
    } else {
        ProjectStatus::Active
    }
}

#[derive(Default)]
struct Model {
    digests: BTreeMap<(u8, bool), ()>,
    metadata: BTreeMap<u8, bool>,
    yanks: BTreeMap<u8, (u8, Option<String>)>,
    /// The later, and of two at once the greater word, which is `archived`.
    status: Option<(u8, bool)>,
    deleted: BTreeMap<u8, ()>,
}

impl Model {
    fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Digest { file, etag } => {
                self.digests.insert((file % 4, etag), ());
            }
            Change::Metadata { file, is_absent } => {
                let all_absent = self.metadata.entry(file % 4).or_insert(true);
                *all_absent &= is_absent;
            }
            Change::Yank { file, reason, at } => {
                let yank = self.yanks.entry(file % 4).or_default();
                *yank = yank.clone().max((at, reason));
            }
            Change::Status { is_archived, at } => {
                self.status = self.status.max(Some((at, is_archived)))
            }
            Change::Delete { file, .. } => {
                self.deleted.insert(file % 4, ());
            }
        }
    }

    fn check(&self, document: &SideDocument) {
        for file in 0..4 {
            let name = name(file);
            for second in [false, true] {
                let facts = document.facts(&name, etag(second), 1);
                let digest = facts.and_then(|facts| facts.sha256);
                let expected = self.digests.contains_key(&(file, second));
                assert_eq!(digest, expected.then(|| Sha256Digest::of(&[file])));
            }
            let fact = document
                .facts(&name, "a", 1)
                .and_then(|facts| facts.core_metadata);
            let expected = self.metadata.get(&file).map(|all_absent| match all_absent {
                true => MetadataFact::Absent,
                false => MetadataFact::Sha256(Sha256Digest::of(&[file])),
            });
            assert_eq!(fact, expected);
            let reason = self
                .yanks
                .get(&file)
                .and_then(|(_, reason)| reason.as_deref());
            assert_eq!(document.yanked(&name, "a", 1), reason);
            assert_eq!(document.facts(&name, "a", 2), None);
            assert_eq!(
                document.deleted(&name).is_some(),
                self.deleted.contains_key(&file)
            );
        }
        let expected = self.status.is_some_and(|(_, is_archived)| is_archived);
        assert_eq!(document.status(), (status(expected), None));
    }
}
