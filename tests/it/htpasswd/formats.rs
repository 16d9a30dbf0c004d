use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};

use super::{UNKNOWN, admits};

/// The rows of `vectors.tsv`: a password, the command, and the hash that it made.
fn vectors() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let lines = include_str!("vectors.tsv").lines();
    lines.filter(|line| !line.starts_with('#')).map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap();
        let digits = "0123456789".repeat(7);
        let password = match field() {
            "ascii" => "s3cret".to_owned(),
            "unicode" => "pässwörd→日本".to_owned(),
            "colons" => "a:b::c".to_owned(),
            "one" => "x".to_owned(),
            "long72" => digits + "ab",
            "long73" => digits + "abc",
            other => panic!("{other}"),
        };
        (password, field(), field())
    })
}

#[tokio::test]
async fn hashes_of_other_implementations_admit_their_password() {
    for (password, command, hash) in vectors() {
        let line = format!("ana:{hash}");
        let users = HtpasswdUsers::new(HtpasswdTable::parse(line.as_bytes()).unwrap());
        assert!(
            admits(&users, "ana", &password).await,
            "{command}: {password}"
        );
        let mut last_differs = password.clone();
        let last = last_differs.pop().unwrap();
        let without_last = last_differs.clone();
        last_differs.push(char::from_u32(u32::from(last) ^ 1).unwrap());
        for (name, wrong) in [
            ("one character", last_differs),
            ("too short, or empty", without_last),
            // Of a password of 72 bytes, bcrypt does not look at this.
            ("too long", format!("{password}c")),
        ] {
            assert!(
                !admits(&users, "ana", &wrong).await,
                "{command}: {password}, {name}"
            );
        }
    }
}

#[test]
fn each_scheme_has_vectors_of_two_implementations() {
    for (scheme, least) in [
        ("$2", 3),
        ("$argon2id$", 2),
        ("$5$", 3),
        ("$6$", 3),
        ("$apr1$", 3),
        ("{SHA}", 2),
        ("{SSHA}", 3),
        ("{S3PYPI}", 2),
    ] {
        let commands: std::collections::HashSet<_> = vectors()
            .filter(|(_, _, hash)| hash.starts_with(scheme))
            .map(|(_, command, _)| command)
            .collect();
        assert!(commands.len() >= least, "{scheme}: {commands:?}");
    }
}

#[tokio::test]
async fn plain_passwords_are_accepted_only_by_opt_in() {
    let users = |line: &str| {
        HtpasswdUsers::new(HtpasswdTable::insecure_parse_with_plain(line.as_bytes()).unwrap())
    };
    for (line, password, admitted) in [
        ("ana:{PLAIN}s3cret", "s3cret", true),
        ("ana:{PLAIN}s3cret", "s3creT", false),
        ("ana:{PLAIN}s3cret", "{PLAIN}s3cret", false),
        ("ana:{PLAIN}a:b", "a:b", true),
        ("ana:{PLAIN}a:b", "a", false),
    ] {
        assert_eq!(
            admits(&users(line), "ana", password).await,
            admitted,
            "{line}: {password}"
        );
    }
}

#[tokio::test]
async fn a_password_no_tool_makes_is_refused() {
    let longest = "x".repeat(255);
    let line = format!("ana:{{PLAIN}}{longest}");
    let table = HtpasswdTable::insecure_parse_with_plain(line.as_bytes()).unwrap();
    let users = HtpasswdUsers::new(table);
    assert!(admits(&users, "ana", &longest).await);
    // The digest of no bytes at all, which `htpasswd -bs` makes of a variable that is not set.
    let empty = HtpasswdTable::parse(b"ana:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=").unwrap();
    let empty = HtpasswdUsers::new(empty);
    for (name, users, password) in [
        ("empty", &empty, String::new()),
        ("a NUL", &users, "a\0".to_owned()),
        ("too long", &users, format!("{longest}x")),
    ] {
        use portcullis::gate::{Decision, PasswordVerifier, Verdict};
        let decision = users.verify("ana", &password, UNKNOWN);
        assert!(
            matches!(&decision, Decision::Now(Verdict::Refuse(it)) if it.status() == 401),
            "{name}: {decision:?}"
        );
    }
}
