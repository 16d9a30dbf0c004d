use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, UNIX_EPOCH};

use portcullis::gate::{Decision, PasswordVerifier, Verdict};
use portcullis::htpasswd::{CheckPool, HtpasswdErrorKind, HtpasswdUsers};

use super::{APR1, SHA, UNKNOWN, admits, remembers, verdict};
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;

const SECOND: Duration = Duration::from_secs(1);

/// What the observer receives: the number of users, or the line and kind of the error.
type Told = Result<usize, (Option<usize>, HtpasswdErrorKind)>;

fn watched(file: &TestFile) -> (HtpasswdUsers, StandingClock, Receiver<Told>) {
    let clock = StandingClock::new();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let users = HtpasswdUsers::from_file(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_pool(CheckPool::new(1).unwrap())
        .with_reload_observer(move |change| {
            let change = change
                .map(portcullis::htpasswd::HtpasswdTable::len)
                .map_err(|error| (error.line(), error.kind()));
            // An error says that the test is over.
            let _: Result<(), _> = tell.lock().unwrap().send(change);
        });
    (users, clock, told)
}

#[tokio::test]
async fn the_first_request_after_a_second_reloads() {
    let file = TestFile::new("change", format!("ana:{SHA}\nbob:{SHA}\n"));
    let (users, clock, told) = watched(&file);
    assert!(admits(&users, "ana", "s3cret").await);
    assert!(admits(&users, "bob", "s3cret").await);
    assert!(remembers(&users, "ana", "s3cret"));

    file.replace(format!("bob:{APR1}\ncat:{APR1}\n"));
    clock.advance(Duration::from_millis(999));
    assert!(remembers(&users, "ana", "s3cret"), "it is not due yet");
    clock.advance(Duration::from_millis(1));
    let first = users.verify("ana", "s3cret", UNKNOWN);
    assert!(matches!(first, Decision::Later(_)), "it waits for the file");
    assert!(matches!(verdict(first).await, Verdict::Refuse(_)));
    assert!(!remembers(&users, "bob", "s3cret"), "of the table before");
    assert!(admits(&users, "bob", "s3cret").await);
    assert!(admits(&users, "cat", "s3cret").await);
    assert_eq!(told.recv_timeout(60 * SECOND), Ok(Ok(2)));

    clock.advance(SECOND);
    assert!(admits(&users, "cat", "s3cret").await);
    assert!(remembers(&users, "bob", "s3cret"), "the file is as it was");
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn a_clock_set_back_does_not_stop_reloading() {
    let file = TestFile::new("set-back", format!("ana:{SHA}\n"));
    let (users, clock, _told) = watched(&file);
    assert!(admits(&users, "ana", "s3cret").await);
    file.replace(format!("bob:{SHA}\n"));
    clock.set_back(3600 * SECOND);
    assert!(!admits(&users, "ana", "s3cret").await);
}

#[tokio::test]
async fn only_one_request_waits_for_the_file() {
    let file = TestFile::new("go-on", format!("ana:{SHA}\n"));
    let (users, clock, _told) = watched(&file);
    assert!(admits(&users, "ana", "s3cret").await);
    clock.advance(SECOND);
    let first = users.verify("ana", "s3cret", UNKNOWN);
    assert!(matches!(first, Decision::Later(_)));
    assert!(remembers(&users, "ana", "s3cret"));
    assert!(matches!(verdict(first).await, Verdict::Admit(_)));
}

#[tokio::test]
async fn a_bad_file_is_reported_once() {
    let file = TestFile::new("bad", format!("ana:{SHA}\n"));
    let (users, clock, told) = watched(&file);
    assert!(admits(&users, "ana", "s3cret").await);
    let steps: [(&str, &dyn Fn(), Told); 5] = [
        (
            "a bad line",
            &|| file.replace(format!("# ours\nana:{SHA}x\n")),
            Err((Some(2), HtpasswdErrorKind::MalformedHash)),
        ),
        (
            "another",
            &|| file.replace(format!("ana:{SHA}\nana:{SHA}\n")),
            Err((Some(2), HtpasswdErrorKind::DuplicateUser)),
        ),
        (
            "no file",
            &|| file.remove(),
            Err((None, HtpasswdErrorKind::Unreadable)),
        ),
        (
            "too long",
            &|| file.replace(vec![b'\n'; 16 * 1024 * 1024 + 1]),
            Err((None, HtpasswdErrorKind::TooLarge)),
        ),
        (
            "a good one",
            &|| file.replace(format!("ana:{SHA}\nbob:{SHA}\n")),
            Ok(2),
        ),
    ];
    for (name, change, expected) in steps {
        change();
        for _ in 0..3 {
            clock.advance(SECOND);
            assert!(admits(&users, "ana", "s3cret").await, "{name}");
            assert!(!admits(&users, "ana", "guess").await, "{name}");
        }
        assert_eq!(told.recv_timeout(60 * SECOND), Ok(expected), "{name}");
        assert!(told.try_recv().is_err(), "{name} is reported once");
    }
}

fn set_modified(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + 1_000_000 * SECOND).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_of_equal_length_and_time_reloads() {
    use std::os::unix::fs::MetadataExt as _;
    let changed = |path: &Path| {
        let metadata = fs::metadata(path).unwrap();
        (metadata.ctime(), metadata.ctime_nsec())
    };
    let file = TestFile::new("same", format!("ana:{SHA}\n"));
    set_modified(&file.path);
    let (users, clock, told) = watched(&file);
    assert!(admits(&users, "ana", "s3cret").await);

    let other = file.path.with_extension("other");
    fs::write(&other, format!("bob:{SHA}\n")).unwrap();
    set_modified(&other);
    fs::rename(&other, &file.path).unwrap();
    clock.advance(SECOND);
    assert!(!admits(&users, "ana", "s3cret").await);
    assert!(admits(&users, "bob", "s3cret").await);
    assert_eq!(told.recv_timeout(60 * SECOND), Ok(Ok(1)));

    // In place, and as soon as the clock of the file system tells a difference.
    let before = changed(&file.path);
    while changed(&file.path) == before {
        fs::write(&file.path, format!("cat:{SHA}\n")).unwrap();
        set_modified(&file.path);
    }
    clock.advance(SECOND);
    assert!(!admits(&users, "bob", "s3cret").await);
    assert!(admits(&users, "cat", "s3cret").await);
}

#[test]
fn a_bad_file_is_refused_when_built() {
    let file = TestFile::new("built", format!("ana:{SHA}\nbob:\n"));
    let error = HtpasswdUsers::from_file(&file.path).unwrap_err();
    assert_eq!(error.kind(), HtpasswdErrorKind::MissingHash);
    assert_eq!(error.line(), Some(2));
    assert!(error.source().is_none());

    file.replace("ana:{PLAIN}s3cret");
    let error = HtpasswdUsers::from_file(&file.path).unwrap_err();
    assert_eq!(error.kind(), HtpasswdErrorKind::PlainPassword);
    assert!(HtpasswdUsers::insecure_from_file_with_plain(&file.path).is_ok());

    file.remove();
    for (name, path) in [
        ("missing", &*file.path),
        ("a folder", Path::new("/")),
        // It would be a file without users.
        ("a device", Path::new("/dev/null")),
    ] {
        let error = HtpasswdUsers::from_file(path).unwrap_err();
        assert_eq!(error.kind(), HtpasswdErrorKind::Unreadable, "{name}");
        assert_eq!(error.line(), None, "{name}");
        let source = error.source().unwrap();
        assert!(source.downcast_ref::<std::io::Error>().is_some(), "{name}");
        assert_eq!(error.to_string(), "the file cannot be read", "{name}");
    }
}
