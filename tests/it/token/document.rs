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

type Row = (&'static str, &'static str, &'static str);

const GOOD: &[Row] = &[
    ("as it should be", "id", r#""second""#),
    ("no expiry", "expires", ""),
    ("not revoked", "revoked", ""),
    ("no scopes", "scopes", ""),
    ("an empty list of them", "scopes", "[]"),
    ("an id of all there is", "id", r#""Az09-._@:/+""#),
    ("an offset", "expires", r#""2002-09-09T01:46:40+02:00""#),
    ("a fraction", "created", r#""2002-09-09T01:46:40.25Z""#),
    ("the first year", "expires", r#""0000-01-01T00:00:00Z""#),
    ("the last one", "expires", r#""9999-12-31T23:59:59Z""#),
    (
        "before the first",
        "expires",
        r#""0000-01-01T00:00:00+23:59""#,
    ),
    (
        "after the last",
        "expires",
        r#""9999-12-31T23:59:59-23:59""#,
    ),
];

const BAD: &[(Kind, &[Row])] = &[
    (
        Kind::MalformedEntry,
        &[
            ("no id", "id", ""),
            ("no digest", "sha256", ""),
            ("no time", "created", ""),
            ("an unknown member", "s3cret", "1"),
            ("a member in capitals", "Expires", r#""""#),
            ("a member given twice", "id", r#""a","id":"s3cret""#),
            ("no value", "expires", "null"),
            ("none to revoke", "revoked", "null"),
            ("a number", "id", "7"),
            ("scopes in a string", "scopes", r#""s3cret""#),
            ("a scope that is a number", "scopes", "[1]"),
        ],
    ),
    (
        Kind::InvalidId,
        &[
            ("an empty id", "id", r#""""#),
            ("a space in it", "id", r#""s3cret x""#),
            ("a line in it", "id", r#""s3cret\n""#),
            ("another alphabet", "id", r#""s3crét""#),
        ],
    ),
    (
        Kind::InvalidDigest,
        &[
            ("an empty digest", "sha256", r#""""#),
            (
                "half a digest",
                "sha256",
                r#""0f70537d2cad69cff2c3a49b1148bebb""#,
            ),
            (
                "one digit short",
                "sha256",
                r#""0f70537d2cad69cff2c3a49b1148bebb3fb80e6482ebfde1fc76b4bdbc3ce8c""#,
            ),
            (
                "one byte short",
                "sha256",
                r#""0f70537d2cad69cff2c3a49b1148bebb3fb80e6482ebfde1fc76b4bdbc3ce8""#,
            ),
            (
                "one byte more",
                "sha256",
                r#""0f70537d2cad69cff2c3a49b1148bebb3fb80e6482ebfde1fc76b4bdbc3ce8ca00""#,
            ),
            (
                "in capitals",
                "sha256",
                r#""0F70537D2CAD69CFF2C3A49B1148BEBB3FB80E6482EBFDE1FC76B4BDBC3CE8CA""#,
            ),
            (
                "not hexadecimal",
                "sha256",
                r#""0f70537d2cgd69cff2c3g49b1148bebb3fb80e6482ebfde1fc76b4bdbc3ce8cg""#,
            ),
        ],
    ),
    (
        Kind::InvalidTime,
        &[
            ("a day", "expires", r#""2002-09-09""#),
            ("no zone", "created", r#""2002-09-09T01:46:40""#),
            ("no such day", "revoked", r#""2002-02-30T01:46:40Z""#),
            ("a word", "expires", r#""s3cret""#),
            ("an empty time", "expires", r#""""#),
        ],
    ),
    (
        Kind::InvalidScope,
        &[
            ("a scope with a space", "scopes", r#"["a s3cret"]"#),
            ("a scope with a quote", "scopes", r#"["s3cret\""]"#),
            ("an empty scope", "scopes", r#"[""]"#),
        ],
    ),
    (
        Kind::DuplicateId,
        &[("the id of another", "id", r#""first""#)],
    ),
    (
        Kind::DuplicateDigest,
        &[(
            "the digest of another",
            "sha256",
            r#""8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61""#,
        )],
    ),
];

#[test]
fn a_good_entry_is_taken() {
    for (name, member, value) in GOOD {
        let table = TokenTable::parse(file(&entry(member, value)).as_bytes());
        assert_eq!(table.unwrap().len(), 2, "{name}");
    }
    for (length, good) in [(128, true), (129, false)] {
        let id = format!("\"{}\"", "x".repeat(length));
        let table = TokenTable::parse(file(&entry("id", &id)).as_bytes());
        assert_eq!(table.is_ok(), good, "an id of {length}");
    }
}

#[test]
fn an_error_has_the_entry_without_its_contents() {
    for (kind, rows) in BAD {
        for (name, member, value) in *rows {
            let table = TokenTable::parse(file(&entry(member, value)).as_bytes());
            let error = table.expect_err(name);
            assert_eq!(error.kind(), *kind, "{name}");
            assert_eq!(error.entry(), Some(2), "{name}");
            assert!(error.to_string().starts_with("entry 2: "), "{name}");
            let told = format!("{error} {error:?}");
            assert!(!told.contains("s3cr"), "{name}: {told}");
            assert!(!told.contains(&LETTERS_SHA256[..8]), "{name}: {told}");
        }
    }
}

#[test]
fn the_file_is_an_object_with_one_list() {
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
