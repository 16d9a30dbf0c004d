use super::super::facts::MetadataFact;
use super::*;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn parse(json: &str) -> SideDocument {
    SideDocument::parse(json.as_bytes()).unwrap()
}

#[test]
fn a_document_of_today_keeps_its_bytes() {
    let json = format!(
        r#"{{"version":1,"status":{{"at":5,"status":"archived","reason":"done"}},"files":[{{"name":"a-1.zip","etag":"\"e\"","size":7,"sha256":"{HEX}","requires-python":">=3.9","core-metadata":"absent","uploaded":9,"provenance":"{HEX}","yank":{{"at":6,"reason":"bad"}}}},{{"name":"b-1.zip","etag":"f","size":0,"core-metadata":"{HEX}"}}],"deleted":{{"c-1.zip":{{"at":7,"sha256":"{HEX}"}}}}}}"#
    );
    let document = parse(&json);
    assert_eq!(
        String::from_utf8(document.to_json().unwrap()).unwrap(),
        json
    );
    let digest = Sha256Digest::from_hex(HEX).unwrap();
    let facts = document.facts("a-1.zip", "\"e\"", 7).unwrap();
    assert_eq!(facts.requires_python.as_deref(), Some(">=3.9"));
    assert_eq!(facts.core_metadata, Some(MetadataFact::Absent));
    assert_eq!(
        (facts.sha256, facts.uploaded, facts.provenance),
        (Some(digest), Some(9), Some(digest))
    );
    let other = document.facts("b-1.zip", "f", 0).unwrap();
    assert_eq!(other.core_metadata, Some(MetadataFact::Sha256(digest)));
    assert_eq!(document.yanked("a-1.zip", "\"e\"", 7), Some("bad"));
    assert_eq!(document.status(), (ProjectStatus::Archived, Some("done")));
    assert_eq!(document.deleted("c-1.zip"), Some(Some(digest)));
    assert_eq!(document.deleted("a-1.zip"), None);
}

#[test]
fn unknown_members_are_kept() {
    let json = r#"{"version":1,"status":{"at":1,"status":"active","by":"x"},"files":[{"name":"a","etag":"e","size":1,"yank":{"at":1,"reason":null,"by":"x"},"new":[1]}],"deleted":{"b":{"at":1,"by":"x"}},"more":{"a":null}}"#;
    let document = parse(json);
    assert_eq!(
        String::from_utf8(document.to_json().unwrap()).unwrap(),
        json
    );
    let mut merged = SideDocument::default();
    merged.merge(document.clone());
    assert_eq!(merged, document);
}

#[test]
fn another_content_is_unknown() {
    let mut document = SideDocument::default();
    document.yank("a", "e", 1, Some(String::new()), 1);
    for (name, etag, size, yanked) in [
        ("a", "e", 1, Some("")),
        ("a", "e", 2, None),
        ("a", "f", 1, None),
        ("b", "e", 1, None),
    ] {
        assert_eq!(
            document.yanked(name, etag, size),
            yanked,
            "{name} {etag} {size}"
        );
        assert_eq!(document.facts(name, etag, size).is_some(), yanked.is_some());
    }
    document.retain(|_, etag, _| etag != "e");
    assert_eq!(document, SideDocument::default());
}

#[test]
fn the_later_decision_counts() {
    let mut document = SideDocument::default();
    for (at, reason, expected) in [
        (5, Some("first"), Some("first")),
        (4, None, Some("first")),
        (6, None, None),
        (6, Some("at once"), Some("at once")),
        (7, Some(""), Some("")),
    ] {
        document.yank("a", "e", 1, reason.map(str::to_owned), at);
        assert_eq!(document.yanked("a", "e", 1), expected, "{at} {reason:?}");
    }
    document.set_status(ProjectStatus::Quarantined, None, 2);
    document.set_status(ProjectStatus::Active, None, 1);
    assert_eq!(document.status(), (ProjectStatus::Quarantined, None));
}

#[test]
fn a_merge_loses_nothing() {
    let mut ours = SideDocument::default();
    let mut theirs = SideDocument::default();
    let facts = FileFacts {
        sha256: Sha256Digest::from_hex(HEX),
        uploaded: Some(9),
        ..FileFacts::default()
    };
    ours.learn("a", "e", 1, facts);
    theirs.yank("a", "e", 1, Some("bad".to_owned()), 1);
    let facts = FileFacts {
        uploaded: Some(8),
        ..FileFacts::default()
    };
    theirs.learn("a", "e", 1, facts);
    theirs.delete("b", None, 1);
    let mut other = theirs.clone();
    other.merge(ours.clone());
    ours.merge(theirs);
    assert_eq!(ours, other);
    let facts = ours.facts("a", "e", 1).unwrap();
    assert_eq!(
        (facts.sha256, facts.uploaded),
        (Sha256Digest::from_hex(HEX), Some(8))
    );
    assert_eq!(ours.yanked("a", "e", 1), Some("bad"));
    assert_eq!(ours.deleted("b"), Some(None));
}

#[test]
fn other_documents_are_refused() {
    use SideDocumentErrorKind as Kind;

    let file =
        |members: &str| format!(r#"{{"version":1,"files":[{{"name":"a","size":1{members}}}]}}"#);
    assert!(SideDocument::parse(br#"{"version":1}"#).is_ok());
    assert!(SideDocument::parse(file(r#","etag":"e""#).as_bytes()).is_ok());
    let too_long = format!(r#"{{"version":1,"x":"{}"}}"#, "a".repeat(MAX_BYTES));
    for (json, kind) in [
        ("", Kind::Malformed),
        ("null", Kind::Malformed),
        ("[1]", Kind::Malformed),
        ("{}", Kind::Malformed),
        (r#"{"version":"1"}"#, Kind::Malformed),
        (r#"{"version":1} x"#, Kind::Malformed),
        (r#"{"version":0}"#, Kind::UnknownVersion),
        (r#"{"version":2,"files":{}}"#, Kind::UnknownVersion),
        (r#"{"version":1,"files":{}}"#, Kind::Malformed),
        (
            r#"{"version":1,"status":{"at":1,"status":"gone"}}"#,
            Kind::Malformed,
        ),
        (&file(""), Kind::Malformed),
        (&file(r#","etag":"e","sha256":"00""#), Kind::Malformed),
        (
            &file(r#","etag":"e","core-metadata":"none""#),
            Kind::Malformed,
        ),
        (&too_long, Kind::TooLong),
    ] {
        let error = SideDocument::parse(json.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), kind, "{}", &json[..json.len().min(80)]);
    }
}
