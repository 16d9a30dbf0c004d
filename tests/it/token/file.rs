use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use portcullis::token::{
    NewToken, TokenDigest, TokenFile, TokenFileErrorKind as Kind, TokenFormat, Tokens,
};

use super::{LETTERS_SHA256, ZEROS, ZEROS_SHA256, admits, at, judge};
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;

const EMPTY: &str = "{\n  \"tokens\": []\n}\n";

fn hex(digest: &TokenDigest) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap();
    let bytes = digest.as_bytes().iter();
    bytes
        .flat_map(|byte| [byte >> 4, byte & 15].map(digit))
        .collect()
}

fn open(file: &TestFile) -> TokenFile {
    TokenFile::open(&file.path)
        .unwrap()
        .with_clock(StandingClock::new())
}

#[test]
fn a_token_is_digested_by_sha_256() {
    assert_eq!(hex(&TokenDigest::of(ZEROS)), ZEROS_SHA256);
}

#[tokio::test]
async fn only_the_digest_of_a_token_is_written() {
    let file = TestFile::new("tokens", EMPTY);
    let tokens = open(&file);
    let format = TokenFormat::new("acme").unwrap();
    let ci = NewToken::new("ci")
        .with_scopes(["wheels:read", "wheels:write"])
        .with_expires_at(at(2_000_000_000));
    let ci = tokens.issue(&format, ci).unwrap();
    let ana = tokens.issue(&format, NewToken::new("ana@host")).unwrap();
    tokens.revoke("ana@host").unwrap();
    assert!(format.recognise(ci.expose()));

    let written = fs::read_to_string(&file.path).unwrap();
    let expected = format!(
        r#"{{
  "tokens": [
    {{
      "id": "ci",
      "sha256": "{}",
      "created": "2001-09-09T01:46:40Z",
      "expires": "2033-05-18T03:33:20Z",
      "scopes": [
        "wheels:read",
        "wheels:write"
      ]
    }},
    {{
      "id": "ana@host",
      "sha256": "{}",
      "created": "2001-09-09T01:46:40Z",
      "revoked": "2001-09-09T01:46:40Z",
      "scopes": []
    }}
  ]
}}
"#,
        hex(&TokenDigest::of(ci.expose())),
        hex(&TokenDigest::of(ana.expose())),
    );
    assert_eq!(written, expected);

    let list = tokens.list().unwrap();
    let shown: Vec<_> = list
        .iter()
        .map(|token| {
            let scopes: Vec<_> = token.scopes().collect();
            (
                token.id(),
                token.created_at(),
                token.expires_at(),
                token.revoked_at(),
                scopes,
            )
        })
        .collect();
    let now = at(1_000_000_000);
    let scopes = vec!["wheels:read", "wheels:write"];
    let expected = [
        ("ci", now, Some(at(2_000_000_000)), None, scopes),
        ("ana@host", now, None, Some(now), vec![]),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn unchanged_entries_keep_their_form() {
    let by_hand = format!(
        r#"{{"tokens": [{{"scopes": ["b", "a"], "created": "2001-09-09T03:46:40.5+02:00", "id": "z", "sha256": "{ZEROS_SHA256}"}},
        {{"id": "a", "sha256": "{LETTERS_SHA256}", "created": "2001-09-09T01:46:40Z"}}]}}"#
    );
    let file = TestFile::new("tokens", by_hand);
    let tokens = open(&file);
    tokens.revoke("a").unwrap();
    let once = fs::read_to_string(&file.path).unwrap();
    assert!(
        once.contains("\"created\": \"2001-09-09T03:46:40.5+02:00\""),
        "{once}"
    );
    assert!(once.find("\"z\"") < once.find("\"a\","), "{once}");
    // One that was revoked stays so from when it was.
    let clock = StandingClock::new();
    clock.advance(std::time::Duration::from_mins(1));
    tokens.clone().with_clock(clock).revoke("a").unwrap();
    assert_eq!(fs::read_to_string(&file.path).unwrap(), once);
}

#[test]
fn an_entry_not_allowed_is_not_issued() {
    let file = TestFile::new("tokens", EMPTY);
    let tokens = open(&file);
    let format = TokenFormat::default();
    tokens.issue(&format, NewToken::new("ci")).unwrap();
    let before = fs::read_to_string(&file.path).unwrap();
    let in_10000 = at(253_402_300_800);
    for (name, new, kind) in [
        ("there already", NewToken::new("ci"), Kind::DuplicateId),
        ("an empty id", NewToken::new(""), Kind::InvalidId),
        ("a space", NewToken::new("a b"), Kind::InvalidId),
        (
            "a scope",
            NewToken::new("b").with_scopes(["a", "b c"]),
            Kind::InvalidScope,
        ),
        (
            "more than a file may hold",
            NewToken::new("b").with_scopes(["s".repeat(16 * 1024 * 1024)]),
            Kind::TooLarge,
        ),
        (
            "no year of it",
            NewToken::new("b").with_expires_at(in_10000),
            Kind::InvalidTime,
        ),
        (
            "before 1970",
            NewToken::new("b")
                .with_expires_at(SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1)),
            Kind::InvalidTime,
        ),
    ] {
        let error = tokens.issue(&format, new).unwrap_err();
        assert_eq!((error.kind(), error.entry()), (kind, None), "{name}");
    }
    assert_eq!(tokens.revoke("nobody").unwrap_err().kind(), Kind::UnknownId);
    assert_eq!(fs::read_to_string(&file.path).unwrap(), before);
    let last = NewToken::new("b").with_expires_at(at(253_402_300_799));
    assert!(tokens.issue(&format, last).is_ok());
}

#[test]
fn a_bad_file_is_neither_changed_nor_lost() {
    let file = TestFile::new("tokens", EMPTY);
    let tokens = open(&file);
    let bad = r#"{"tokens": [{"id": "ana"}]}"#;
    file.replace(bad);
    let format = TokenFormat::default();
    for error in [
        tokens.issue(&format, NewToken::new("ci")).unwrap_err(),
        tokens.revoke("ana").unwrap_err(),
        tokens.list().unwrap_err(),
        TokenFile::open(&file.path).unwrap_err(),
        TokenFile::open_or_create(&file.path).unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.entry()),
            (Kind::MalformedEntry, Some(1))
        );
    }
    assert_eq!(fs::read_to_string(&file.path).unwrap(), bad);

    file.remove();
    let error = tokens.revoke("ana").unwrap_err();
    assert_eq!(error.kind(), Kind::Unreadable);
    assert_eq!(error.to_string(), "the file cannot be read");
    let source = error.source().unwrap();
    assert!(source.downcast_ref::<std::io::Error>().is_some());
    assert!(!file.path.exists());
}

#[test]
fn a_missing_file_is_created_if_possible() {
    let file = TestFile::new("tokens", "");
    file.remove();
    assert_eq!(
        TokenFile::open(&file.path).unwrap_err().kind(),
        Kind::Unreadable
    );
    let made = TokenFile::open_or_create(&file.path).unwrap();
    assert_eq!(fs::read_to_string(&file.path).unwrap(), EMPTY);
    made.issue(&TokenFormat::default(), NewToken::new("ci"))
        .unwrap();
    let again = TokenFile::open_or_create(&file.path).unwrap();
    assert_eq!(again.list().unwrap().len(), 1);

    let nowhere = Path::new("/dev/null/tokens.json");
    let error = TokenFile::open_or_create(nowhere).unwrap_err();
    assert_eq!(error.kind(), Kind::Unwritable);
}

#[test]
fn writers_take_turns() {
    let file = TestFile::new("tokens", EMPTY);
    thread::scope(|scope| {
        for writer in 0..4 {
            // A handle of its own, as another process would have.
            let tokens = open(&file);
            scope.spawn(move || {
                for token in 0..8 {
                    let new = NewToken::new(format!("{writer}-{token}"));
                    tokens.issue(&TokenFormat::default(), new).unwrap();
                }
            });
        }
        let reader = open(&file);
        scope.spawn(move || {
            for _ in 0..100 {
                reader
                    .list()
                    .expect("a file is there as a whole at all times");
            }
        });
    });
    assert_eq!(open(&file).list().unwrap().len(), 32);
    let beside = file.path.with_added_extension("new");
    assert!(!beside.exists());
}

#[tokio::test]
async fn changes_take_effect_in_clones_at_once() {
    let file = TestFile::new("tokens", EMPTY);
    let writer = open(&file);
    let tokens = Tokens::new(writer.clone());
    // The look of this second is over.
    assert!(!admits(&tokens, ZEROS).await);
    let token = writer
        .issue(&TokenFormat::default(), NewToken::new("ci"))
        .unwrap();
    assert!(admits(&tokens, token.expose()).await);
    writer.revoke("ci").unwrap();
    let refused = judge(&tokens, token.expose()).await;
    assert_eq!(refused.unwrap_err(), (401, "revoked token".into()));
}

#[tokio::test]
async fn a_rotated_token_keeps_its_rights_alone() {
    let file = TestFile::new("tokens", EMPTY);
    let clock = StandingClock::new();
    let writer = open(&file).with_clock(clock.clone());
    let tokens = Tokens::new(writer.clone()).with_clock(clock.clone());
    let format = TokenFormat::default();
    let ci = NewToken::new("ci")
        .with_scopes(["wheels:read"])
        .with_expires_at(at(1_000_000_060));
    let old = writer.issue(&format, ci).unwrap();
    let other = writer.issue(&format, NewToken::new("other")).unwrap();
    let new = writer.rotate(&format, "ci").unwrap();
    assert!(!admits(&tokens, old.expose()).await);
    assert!(admits(&tokens, new.expose()).await && admits(&tokens, other.expose()).await);
    let list = writer.list().unwrap();
    assert_eq!((list[0].id(), list.len()), ("ci", 2));
    assert_eq!(list[0].expires_at(), Some(at(1_000_000_060)));
    assert_eq!(list[0].scopes().collect::<Vec<_>>(), ["wheels:read"]);

    // One that has ended does not come back.
    writer.revoke("other").unwrap();
    clock.advance(std::time::Duration::from_mins(1));
    for (id, kind) in [
        ("ci", Kind::Ended),
        ("other", Kind::Ended),
        ("nobody", Kind::UnknownId),
    ] {
        let error = writer.rotate(&format, id).unwrap_err();
        assert_eq!(error.kind(), kind, "{id}");
    }
}

#[tokio::test]
async fn the_id_of_a_removed_token_is_free() {
    let file = TestFile::new("tokens", EMPTY);
    let writer = open(&file);
    let tokens = Tokens::new(writer.clone());
    let issue = |id: &str| writer.issue(&TokenFormat::default(), NewToken::new(id));
    let (ci, ana) = (issue("ci").unwrap(), issue("ana").unwrap());
    writer.revoke("ci").unwrap();
    assert_eq!(issue("ci").unwrap_err().kind(), Kind::DuplicateId);
    writer.remove("ci").unwrap();
    let again = issue("ci").unwrap();
    assert!(admits(&tokens, again.expose()).await && admits(&tokens, ana.expose()).await);
    assert!(!admits(&tokens, ci.expose()).await);
    // One that is valid ends.
    writer.remove("ana").unwrap();
    assert!(!admits(&tokens, ana.expose()).await);
    assert_eq!(writer.remove("ana").unwrap_err().kind(), Kind::UnknownId);
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = TestFile::new("tokens", "");
    file.remove();
    let tokens = TokenFile::open_or_create(&file.path).unwrap();
    let lock = file.path.with_added_extension("lock");
    assert_eq!((mode(&file.path), mode(&lock)), (0o600, 0o600));

    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
    // What a writer that was killed has left, and who may have put it there.
    let victim = TestFile::new("victim", "as it was");
    let beside = file.path.with_added_extension("new");
    symlink(&victim.path, &beside).unwrap();
    tokens
        .issue(&TokenFormat::default(), NewToken::new("ci"))
        .unwrap();
    assert_eq!(mode(&file.path), 0o640);
    assert_eq!(fs::read_to_string(&victim.path).unwrap(), "as it was");

    // By a link, which stays one.
    let link = TestFile::new("link", "");
    link.remove();
    symlink(&file.path, &link.path).unwrap();
    let linked = TokenFile::open(&link.path).unwrap();
    linked
        .issue(&TokenFormat::default(), NewToken::new("by-link"))
        .unwrap();
    assert!(fs::symlink_metadata(&link.path).unwrap().is_symlink());
    assert_eq!(tokens.list().unwrap().len(), 2);
}
