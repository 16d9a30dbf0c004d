//! Keys and tokens of other implementations and of RFCs, wrong ones beside right ones, each with the
//! expected verdict and the reason.
//!
//! The rows are data that `scripts/jwt-corpus/generate` makes, by `joserfc` and `PyJWT` in Python and by
//! `jose` in JavaScript; `scripts/jwt-corpus/check` shows that it still makes the same. `others` has the
//! verdicts of these three; nothing here depends on it.

mod row;

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::JwtScopeLayer;
use portcullis::gate::{Decision, Identity, RefusalKind, TokenVerifier, Verdict};
use portcullis::jwt::JwtVerifier;

use self::row::{Corpus, Expect, Row};
use crate::support::{get, through};

/// How many rows the files have, so that none gets lost.
const ROWS: usize = 952;

/// The files with rows.
const FAMILIES: [(&str, &str); 10] = [
    ("claims", include_str!("claims.json")),
    ("eddsa", include_str!("eddsa.json")),
    ("form", include_str!("form.json")),
    ("header", include_str!("header.json")),
    ("key_sets", include_str!("key_sets.json")),
    ("key_values", include_str!("key_values.json")),
    ("pem", include_str!("pem.json")),
    ("published", include_str!("published.json")),
    ("scopes", include_str!("scopes.json")),
    ("signatures", include_str!("signatures.json")),
];

/// The verdict on a token.
fn said(verifier: &JwtVerifier, token: &str) -> Expect {
    match verifier.verify(token) {
        Decision::Absent => Expect::Absent,
        Decision::Now(Verdict::Admit(_)) => Expect::Accepted,
        Decision::Now(Verdict::Refuse(refusal)) if refusal.kind() == RefusalKind::Invalid => {
            Expect::Invalid
        }
        other => panic!("neither admitted nor refused for what it is: {other:?}"),
    }
}

/// The identity of an accepted token, as the service behind the layer sees it.
async fn identity(verifier: JwtVerifier, token: &str) -> Identity {
    let layer = JwtScopeLayer::new("corpus", verifier).unwrap();
    let field = format!("Bearer {token}");
    let answer = through(&layer, get("/", &[("authorization", &field)])).await;
    answer
        .seen()
        .extensions
        .get()
        .cloned()
        .expect("an identity")
}

/// What is wrong with the verdict on this row.
async fn fault(corpus: &Corpus, row: &Row) -> Option<String> {
    let Ok(verifier) = corpus.verifier(row) else {
        let expected = row.expect == Expect::Misconfigured;
        return (!expected).then(|| "the keys were not taken".to_owned());
    };
    // Twice, since the second verdict may come from memory.
    for time in ["first", "second"] {
        let said = said(&verifier, &row.token);
        if said != row.expect {
            return Some(format!("{said:?} the {time} time"));
        }
    }
    if row.expect != Expect::Accepted {
        return None;
    }
    let identity = identity(verifier, &row.token).await;
    let scopes: Vec<&str> = identity.scopes().collect();
    if row.scopes.as_ref().is_some_and(|wanted| *wanted != scopes) {
        return Some(format!("it grants {scopes:?}"));
    }
    let subject = identity.subject();
    let is_other = row.subject.as_ref().is_some_and(|wanted| wanted != subject);
    is_other.then(|| format!("it admits {subject:?}"))
}

#[tokio::test]
async fn every_row_gets_its_verdict() {
    let corpus = Corpus::load();
    let (mut faults, mut run) = (Vec::new(), 0);
    for (_, text) in FAMILIES {
        let rows: Vec<Row> = serde_json::from_str(text).unwrap();
        for row in &rows {
            run += 1;
            if let Some(fault) = fault(&corpus, row).await {
                let Row {
                    name,
                    source,
                    expect,
                    reason,
                    ..
                } = row;
                faults.push(format!(
                    "{name} ({source}): {expect:?}, since {reason}; yet {fault}"
                ));
            }
        }
    }
    assert_eq!(run, ROWS);
    assert!(
        faults.is_empty(),
        "{} wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_file_of_rows_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/jwt_corpus");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let files: BTreeSet<String> = names
        .map(|name| name.into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let known = FAMILIES.iter().map(|(family, _)| *family);
    let known: BTreeSet<String> = known.chain(["keys", "rules"]).map(str::to_owned).collect();
    assert_eq!(files, known);
}

#[test]
fn every_refused_row_has_an_accepted_one() {
    let mut names = BTreeSet::new();
    for (family, text) in FAMILIES {
        let rows: Vec<Row> = serde_json::from_str(text).unwrap();
        assert!(
            rows.iter().any(|row| row.expect == Expect::Accepted),
            "{family}"
        );
        for row in rows {
            assert!(
                names.insert(row.name.clone()),
                "{} is there twice",
                row.name
            );
        }
    }
}
