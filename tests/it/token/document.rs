use portcullis::token::{TokenFileErrorKind as Kind, TokenTable};

use super::{LETTERS_SHA256, ZEROS_SHA256};

/// The first entry is good, so the second is the one at fault.
fn file(second: &str) -> String {
    format!(
        r#"{{"tokens":[{{"id":"first","sha256":"{ZEROS_SHA256}","created":"2001-09-09T01:46:40Z"}},{second}]}}"#
    )
}

fn entry(member: &str, value: &str) -> String {
    let members = [
        ("id", "\"second\""),
        ("sha256", &format!("\"{LETTERS_SHA256}\"")),
        ("created", "\"2001-09-09T01:46:40Z\""),
        ("expires", "\"2002-09-09T01:46:40Z\""),
        ("revoked", "\"2002-09-09T01:46:40Z\""),
        ("scopes", "[\"a:b\"]"),
    ];
    let mut text: Vec<_> = members
        .iter()
        .filter(|(name, _)| *name != member)
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    if !value.is_empty() {
        text.push(format!("\"{member}\":{value}"));
    }
    format!("{{{}}}", text.join(","))
}

#[test]
fn an_entry_is_taken_as_it_is_or_the_file_is_not() {
    let hex = |text: &str| format!("\"{text}\"");
    let long = format!("\"{}\"", "x".repeat(129));
    let rows: Vec<(&str, &str, String, Option<Kind>)> = vec![
        ("as it should be", "id", "\"second\"".into(), None),
        ("no expiry", "expires", String::new(), None),
        ("not revoked", "revoked", String::new(), None),
        ("no scopes", "scopes", String::new(), None),
        ("an empty list of them", "scopes", "[]".into(), None),
        (
            "an id of all there is",
            "id",
            "\"Az09-._@:/+\"".into(),
            None,
        ),
        ("the longest id", "id", hex(&"x".repeat(128)), None),
        (
            "an offset",
            "expires",
            "\"2002-09-09T01:46:40+02:00\"".into(),
            None,
        ),
        (
            "a fraction",
            "created",
            "\"2002-09-09T01:46:40.25Z\"".into(),
            None,
        ),
        ("no id", "id", String::new(), Some(Kind::MalformedEntry)),
        (
            "no digest",
            "sha256",
            String::new(),
            Some(Kind::MalformedEntry),
        ),
        (
            "no time",
            "created",
            String::new(),
            Some(Kind::MalformedEntry),
        ),
        (
            "an unknown member",
            "s3cret",
            "1".into(),
            Some(Kind::MalformedEntry),
        ),
        (
            "a member in capitals",
            "Expires",
            "\"\"".into(),
            Some(Kind::MalformedEntry),
        ),
        (
            "a member given twice",
            "id",
            "\"a\",\"id\":\"s3cret\"".into(),
            Some(Kind::MalformedEntry),
        ),
        (
            "no value",
            "expires",
            "null".into(),
            Some(Kind::MalformedEntry),
        ),
        (
            "none to revoke",
            "revoked",
            "null".into(),
            Some(Kind::MalformedEntry),
        ),
        ("a number", "id", "7".into(), Some(Kind::MalformedEntry)),
        (
            "scopes in a string",
            "scopes",
            "\"s3cret\"".into(),
            Some(Kind::MalformedEntry),
        ),
        (
            "a scope that is a number",
            "scopes",
            "[1]".into(),
            Some(Kind::MalformedEntry),
        ),
        ("an empty id", "id", "\"\"".into(), Some(Kind::InvalidId)),
        ("an id too long", "id", long, Some(Kind::InvalidId)),
        (
            "a space in it",
            "id",
            "\"s3cret x\"".into(),
            Some(Kind::InvalidId),
        ),
        (
            "a line in it",
            "id",
            "\"s3cret\\n\"".into(),
            Some(Kind::InvalidId),
        ),
        (
            "another alphabet",
            "id",
            "\"s3crét\"".into(),
            Some(Kind::InvalidId),
        ),
        (
            "a digest in capitals",
            "sha256",
            hex(&LETTERS_SHA256.to_uppercase()),
            Some(Kind::InvalidDigest),
        ),
        (
            "a short digest",
            "sha256",
            hex(&LETTERS_SHA256[..63]),
            Some(Kind::InvalidDigest),
        ),
        (
            "a digest that is cut to bytes",
            "sha256",
            hex(&LETTERS_SHA256[..62]),
            Some(Kind::InvalidDigest),
        ),
        (
            "a long digest",
            "sha256",
            hex(&format!("{LETTERS_SHA256}00")),
            Some(Kind::InvalidDigest),
        ),
        (
            "what is not hexadecimal",
            "sha256",
            hex(&LETTERS_SHA256.replace('a', "g")),
            Some(Kind::InvalidDigest),
        ),
        (
            "a day",
            "expires",
            "\"2002-09-09\"".into(),
            Some(Kind::InvalidTime),
        ),
        (
            "no zone",
            "created",
            "\"2002-09-09T01:46:40\"".into(),
            Some(Kind::InvalidTime),
        ),
        (
            "no such day",
            "revoked",
            "\"2002-02-30T01:46:40Z\"".into(),
            Some(Kind::InvalidTime),
        ),
        (
            "a word",
            "expires",
            "\"s3cret\"".into(),
            Some(Kind::InvalidTime),
        ),
        (
            "an empty time",
            "expires",
            "\"\"".into(),
            Some(Kind::InvalidTime),
        ),
        (
            "a scope with a space",
            "scopes",
            "[\"a s3cret\"]".into(),
            Some(Kind::InvalidScope),
        ),
        (
            "a scope with a quote",
            "scopes",
            r#"["s3cret\""]"#.into(),
            Some(Kind::InvalidScope),
        ),
        (
            "an empty scope",
            "scopes",
            "[\"\"]".into(),
            Some(Kind::InvalidScope),
        ),
        (
            "the id of another",
            "id",
            "\"first\"".into(),
            Some(Kind::DuplicateId),
        ),
        (
            "the digest of another",
            "sha256",
            hex(ZEROS_SHA256),
            Some(Kind::DuplicateDigest),
        ),
    ];
    for (name, member, value, expected) in rows {
        let file = file(&entry(member, &value));
        match (TokenTable::parse(file.as_bytes()), expected) {
            (Ok(table), None) => assert_eq!(table.len(), 2, "{name}"),
            (Err(error), Some(kind)) => {
                assert_eq!(error.kind(), kind, "{name}");
                assert_eq!(error.entry(), Some(2), "{name}");
                let told = format!("{error} {error:?}");
                assert!(error.to_string().starts_with("entry 2: "), "{name}");
                assert!(
                    !told.contains("s3cr") && !told.contains(&LETTERS_SHA256[..8]),
                    "{told}"
                );
            }
            (table, _) => panic!("{name}: {table:?}"),
        }
    }
}

#[test]
fn the_file_is_an_object_with_the_list_and_nothing_else() {
    let good = file(&entry("id", "\"second\""));
    for (name, contents, expected) in [
        ("a good one", good.clone(), Ok(2)),
        ("white space about it", format!("\n {good}\t\n"), Ok(2)),
        ("no tokens", r#"{"tokens":[]}"#.into(), Ok(0)),
        ("nothing", String::new(), Err((None, Kind::Malformed))),
        ("no list", "{}".into(), Err((None, Kind::Malformed))),
        ("the list alone", "[]".into(), Err((None, Kind::Malformed))),
        (
            "the list in a list",
            "[[]]".into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "no list but null",
            r#"{"tokens":null}"#.into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "another member",
            r#"{"tokens":[],"s3cret":1}"#.into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "the list twice",
            r#"{"tokens":[],"tokens":[]}"#.into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "a comma too many",
            r#"{"tokens":[],}"#.into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "cut short",
            good[..good.len() - 1].into(),
            Err((None, Kind::Malformed)),
        ),
        (
            "more behind it",
            format!("{good}{good}"),
            Err((None, Kind::Malformed)),
        ),
        (
            "a comment",
            format!("// s3cret\n{good}"),
            Err((None, Kind::Malformed)),
        ),
        (
            "a byte order mark",
            format!("\u{feff}{good}"),
            Err((None, Kind::Malformed)),
        ),
        (
            "an entry that is a list",
            file(r#"["s3cret"]"#),
            Err((Some(2), Kind::MalformedEntry)),
        ),
        (
            "an entry that is null",
            file("null"),
            Err((Some(2), Kind::MalformedEntry)),
        ),
        (
            "an empty entry",
            file("{}"),
            Err((Some(2), Kind::MalformedEntry)),
        ),
        (
            "the longest",
            format!("{}{}", " ".repeat(16 * 1024 * 1024 - good.len()), good),
            Ok(2),
        ),
        (
            "one byte more",
            format!("{}{}", " ".repeat(16 * 1024 * 1024 - good.len() + 1), good),
            Err((None, Kind::TooLarge)),
        ),
    ] {
        let table = TokenTable::parse(contents.as_bytes());
        let told = format!("{table:?}");
        assert!(!told.contains("s3cret"), "{name}: {told}");
        let table = table.map(|table| table.len());
        let table = table.map_err(|error| (error.entry(), error.kind()));
        assert_eq!(table, expected, "{name}");
    }
    // In a string, and where there is none.
    for bytes in [&b"{\"tokens\":[\"\xff\"]}"[..], b"\xff"] {
        assert_eq!(
            TokenTable::parse(bytes).unwrap_err().kind(),
            Kind::Malformed
        );
    }
    assert!(TokenTable::parse(br#"{"tokens":[]}"#).unwrap().is_empty());
}
