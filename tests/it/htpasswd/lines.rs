use portcullis::htpasswd::HtpasswdErrorKind as Kind;
use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};

use super::{APR1, SHA, admits};

const BCRYPT: &str = "$2y$04$sizLC6XEwoOz99iJWYXyMOX4o3qa9eh..XsAk5A6sIVD8u8FTVLgq";
const ARGON2ID: &str = "$argon2id$v=19$m=64,t=1,p=2$6zKGKeVabqMH76ky3L89Kg$rIyfWZwbblFTjzVAXCZ9e8V9Z93xamZy6CA6aTrOhNE";
const SHA256: &str = "$5$rounds=1000$Ezk7Z3NZMij97qPV$.hCqdHC.zOExhqF/6Y/PpBwMYBdd7R5yZMSFy7K84/D";

#[tokio::test]
async fn a_line_is_read_as_apache_reads_it() {
    for (name, contents, user) in [
        ("one line", format!("ana:{SHA}"), "ana"),
        ("an end of line", format!("ana:{SHA}\n"), "ana"),
        ("CRLF", format!("ana:{SHA}\r\nbob:{APR1}\r\n"), "bob"),
        (
            "comments and blank lines",
            format!("# ana:x\n\n \t\n  # y\nbob:{SHA}\n"),
            "bob",
        ),
        (
            "white space around",
            format!(" \tana:{SHA} \x0b\x0c\t"),
            "ana",
        ),
        ("a byte order mark", format!("\u{feff}ana:{SHA}"), "ana"),
        ("a comment behind", format!("ana:{SHA}:Ana, CI: x"), "ana"),
        ("no comment", format!("ana:{APR1}:"), "ana"),
        ("a space within", format!("ana b:{SHA}"), "ana b"),
        ("not ASCII", format!("änä:{SHA}"), "änä"),
        ("a # within", format!("a#:{SHA}"), "a#"),
    ] {
        let table = HtpasswdTable::parse(contents.as_bytes()).unwrap();
        let users = HtpasswdUsers::new(table);
        assert!(admits(&users, user, "s3cret").await, "{name}");
        assert!(!admits(&users, user, "guess").await, "{name}");
        assert!(!admits(&users, "unknown", "s3cret").await, "{name}");
    }
}

#[tokio::test]
async fn a_file_without_users_admits_nobody() {
    for contents in ["", "\n", "# nobody\n"] {
        let table = HtpasswdTable::parse(contents.as_bytes()).unwrap();
        assert!(table.is_empty());
        let users = HtpasswdUsers::new(table);
        assert!(!admits(&users, "", "s3cret").await, "{contents:?}");
    }
}

/// Asserts that the last line of a file is refused for this, and that the error does not repeat it.
fn is_refused(name: &str, line: &str, kind: &str) {
    let contents = format!("# first\nbob:{SHA}\r\n{line}\n:after the first fault\n");
    let error = HtpasswdTable::parse(contents.as_bytes()).unwrap_err();
    assert_eq!(error.line(), Some(3), "{name}");
    assert_eq!(format!("{:?}", error.kind()), kind, "{name}");
    let told = error.to_string();
    assert!(told.starts_with("line 3: "), "{name}: {told}");
    let told = format!("{told} {error:?}");
    // The longest word of a message that is one of a scheme has 8 letters.
    let words = line.split([':', '$', '}', '"', '=']);
    for word in words.filter(|word| word.len() > 8) {
        assert!(!told.contains(word), "{name}: {told}");
    }
}

#[test]
fn a_line_error_does_not_repeat_the_line() {
    for (name, line, kind) in [
        ("no colon", "ana".to_owned(), "MissingColon"),
        ("no user", format!(":{SHA}"), "InvalidUser"),
        ("a space behind", format!("ana :{SHA}"), "InvalidUser"),
        ("no hash", "ana:".to_owned(), "MissingHash"),
        ("a comment alone", "ana::x".to_owned(), "MissingHash"),
        ("a tab", format!("a\tb:{SHA}"), "ControlCharacter"),
        ("a NUL", format!("ana:{SHA}\0"), "ControlCharacter"),
        ("CR alone", format!("a:{SHA}\rb:{SHA}"), "ControlCharacter"),
    ] {
        is_refused(name, &line, kind);
    }
}

#[test]
fn a_hash_error_does_not_repeat_the_hash() {
    let rows = include_str!("bad_hashes.tsv").lines();
    for row in rows.filter(|row| !row.starts_with('#')) {
        let [name, kind, hash] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        is_refused(name, &format!("ana:{hash}"), kind);
    }
}

#[test]
fn errors_across_lines_name_the_last_one() {
    let error = |contents: &[u8]| {
        let error = HtpasswdTable::parse(contents).unwrap_err();
        (error.line(), error.kind())
    };
    let twice = format!("ana:{SHA}\nbob:{SHA}\nana:{APR1}");
    assert_eq!(error(twice.as_bytes()), (Some(3), Kind::DuplicateUser));
    let not_utf8 = [b"ana:", SHA.as_bytes(), b"\nb\xff:"].concat();
    assert_eq!(error(&not_utf8), (Some(2), Kind::NotUtf8));

    let costs = |count: usize| {
        let line = |i: usize| {
            format!(
                "u{i}:{}\n",
                SHA256.replacen("1000", &(1000 + i).to_string(), 1)
            )
        };
        (0..count).map(line).collect::<String>() + "again:" + SHA256
    };
    assert_eq!(
        HtpasswdTable::parse(costs(16).as_bytes()).unwrap().len(),
        17
    );
    assert_eq!(error(costs(17).as_bytes()), (Some(17), Kind::TooManyCosts));

    let mut long = vec![b'#'; 16 * 1024 * 1024];
    assert!(HtpasswdTable::parse(&long).is_ok());
    long.push(b'#');
    assert_eq!(error(&long), (None, Kind::TooLarge));
}

#[test]
fn the_highest_costs_that_are_allowed_are_read() {
    for (name, hash) in [
        ("bcrypt", BCRYPT.replacen("$04", "$16", 1)),
        (
            "argon2id's memory",
            ARGON2ID.replacen("m=64,t=1", "m=262144,t=4", 1),
        ),
        (
            "argon2id's passes",
            ARGON2ID.replacen("m=64,t=1", "m=64,t=16384", 1),
        ),
        ("argon2id's lanes", ARGON2ID.replacen("p=2", "p=8", 1)),
        ("rounds", SHA256.replacen("1000", "1000000", 1)),
    ] {
        let line = format!("ana:{hash}");
        assert!(HtpasswdTable::parse(line.as_bytes()).is_ok(), "{name}");
    }
}
