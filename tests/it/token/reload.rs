use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portcullis::gate::{Decision, TokenVerifier, Verdict};
use portcullis::token::{
    NewToken, TokenFile, TokenFileErrorKind as Kind, TokenFormat, TokenTable, Tokens,
};

use super::{LETTERS, LETTERS_SHA256, ZEROS, ZEROS_SHA256, admits};
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;

const SECOND: Duration = Duration::from_secs(1);

/// What the observer receives: the number of tokens, or the entry and kind of the error.
type Told = Result<usize, (Option<usize>, Kind)>;

fn contents(digests: &[&str]) -> String {
    let entries: Vec<_> = digests
        .iter()
        .enumerate()
        .map(|(i, digest)| {
            format!(r#"{{"id":"{i}","sha256":"{digest}","created":"2001-09-09T01:46:40Z"}}"#)
        })
        .collect();
    format!(r#"{{"tokens":[{}]}}"#, entries.join(","))
}

fn watched(file: &TestFile) -> (Tokens, StandingClock, Receiver<Told>) {
    let clock = StandingClock::new();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let store = TokenFile::open(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_reload_observer(move |change| {
            let change = change
                .map(TokenTable::len)
                .map_err(|error| (error.entry(), error.kind()));
            // An error says that the test is over.
            let _: Result<(), _> = tell.lock().unwrap().send(change);
        });
    (Tokens::new(store), clock, told)
}

#[tokio::test]
async fn the_first_request_after_a_second_reloads() {
    let file = TestFile::new("tokens", contents(&[ZEROS_SHA256]));
    let (tokens, clock, told) = watched(&file);
    assert!(admits(&tokens, ZEROS).await);
    assert!(!admits(&tokens, LETTERS).await);

    file.replace(contents(&[LETTERS_SHA256, &"0".repeat(64)]));
    clock.advance(Duration::from_millis(999));
    assert!(admits(&tokens, ZEROS).await, "it is not due yet");
    clock.advance(Duration::from_millis(1));
    let first = tokens.verify(ZEROS);
    let meanwhile = tokens.verify(ZEROS);
    assert!(matches!(meanwhile, Decision::Now(_)), "others go on");
    let Decision::Later(first) = first else {
        panic!("it waits for the file");
    };
    let first = tokio::time::timeout(60 * SECOND, first).await;
    assert!(matches!(first, Ok(Verdict::Refuse(_))));
    assert!(admits(&tokens, LETTERS).await);
    assert_eq!(told.recv_timeout(60 * SECOND), Ok(Ok(2)));

    clock.advance(SECOND);
    assert!(admits(&tokens, LETTERS).await);
    assert!(told.try_recv().is_err(), "the file is as it was");
}

#[tokio::test]
async fn a_slow_observer_delays_no_change() {
    let file = TestFile::new("tokens", contents(&[ZEROS_SHA256]));
    let clock = StandingClock::new();
    let (tell, told) = channel();
    let (go_on, wait) = channel::<()>();
    let both = Mutex::new((tell, wait));
    let store = TokenFile::open(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_reload_observer(move |change| {
            let (tell, wait) = &*both.lock().unwrap();
            // An error says that the test is over.
            let _: Result<(), _> = tell.send(change.map(TokenTable::len).ok());
            let _: Result<(), _> = wait.recv();
        });
    let tokens = Tokens::new(store);
    assert!(admits(&tokens, ZEROS).await);

    // The last is found while the observer still hears of the first.
    let one_more = contents(&[ZEROS_SHA256, LETTERS_SHA256]);
    for (name, contents, zeros, letters) in [
        ("issued", &*one_more, true, true),
        ("bad", "{", true, true),
        ("revoked", &*contents(&[LETTERS_SHA256]), false, true),
    ] {
        file.replace(contents);
        clock.advance(SECOND);
        assert_eq!(admits(&tokens, ZEROS).await, zeros, "{name}");
        assert_eq!(admits(&tokens, LETTERS).await, letters, "{name}");
    }
    for expected in [Some(2), None, Some(1)] {
        assert_eq!(told.recv_timeout(60 * SECOND), Ok(expected));
        assert!(told.try_recv().is_err(), "one at a time");
        go_on.send(()).unwrap();
    }
}

#[tokio::test]
async fn a_bad_file_is_reported_once() {
    let file = TestFile::new("tokens", contents(&[ZEROS_SHA256]));
    let (tokens, clock, told) = watched(&file);
    assert!(admits(&tokens, ZEROS).await);
    let good = contents(&[ZEROS_SHA256, LETTERS_SHA256]);
    let steps: [(&str, &dyn Fn(), Told); 5] = [
        (
            "a digest twice",
            &|| file.replace(contents(&[LETTERS_SHA256, LETTERS_SHA256])),
            Err((Some(2), Kind::DuplicateDigest)),
        ),
        (
            "half a file",
            &|| file.replace(&good[..good.len() / 2]),
            Err((None, Kind::Malformed)),
        ),
        ("no file", &|| file.remove(), Err((None, Kind::Unreadable))),
        (
            "too long",
            &|| file.replace(vec![b' '; 16 * 1024 * 1024 + 1]),
            Err((None, Kind::TooLarge)),
        ),
        ("a good one", &|| file.replace(&good), Ok(2)),
    ];
    for (name, change, expected) in steps {
        change();
        for _ in 0..3 {
            clock.advance(SECOND);
            assert!(admits(&tokens, ZEROS).await, "{name}");
            assert_eq!(admits(&tokens, LETTERS).await, expected.is_ok(), "{name}");
        }
        assert_eq!(told.recv_timeout(60 * SECOND), Ok(expected), "{name}");
        assert!(told.try_recv().is_err(), "{name} is reported once");
    }
}

#[tokio::test]
async fn a_revocation_elsewhere_counts_a_second_later() {
    let file = TestFile::new("tokens", contents(&[]));
    let program = TokenFile::open(&file.path).unwrap();
    let token = program
        .issue(&TokenFormat::default(), NewToken::new("ci"))
        .unwrap();
    let (tokens, clock, _told) = watched(&file);
    assert!(admits(&tokens, token.expose()).await);
    program.revoke("ci").unwrap();
    clock.advance(SECOND);
    assert!(!admits(&tokens, token.expose()).await);
}

#[tokio::test]
async fn what_a_handle_changes_itself_is_not_told() {
    let file = TestFile::new("tokens", contents(&[]));
    let clock = StandingClock::new();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let handle = TokenFile::open(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_reload_observer(move |change| {
            let _: Result<(), _> = tell.lock().unwrap().send(change.map(TokenTable::len).ok());
        });
    let tokens = Tokens::new(handle.clone());
    let token = handle
        .issue(&TokenFormat::default(), NewToken::new("ci"))
        .unwrap();
    clock.advance(SECOND);
    assert!(admits(&tokens, token.expose()).await);
    file.replace(contents(&[ZEROS_SHA256, LETTERS_SHA256]));
    clock.advance(SECOND);
    assert!(admits(&tokens, ZEROS).await);
    assert_eq!(told.recv_timeout(60 * SECOND), Ok(Some(2)));
}
