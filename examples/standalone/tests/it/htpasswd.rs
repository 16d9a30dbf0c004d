use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{DEADLINE, Gateway, KEYS, OBJECT, Program, Store, get};

/// A little more than the shortest time between two checks of the file.
const LOOK_INTERVAL: Duration = Duration::from_millis(1100);

/// `ci:s3cret`, by `openssl passwd -apr1 -salt HA1A/61E s3cret`.
const CI: &str = "ci:$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0\n";

/// `ana:other`, by `openssl passwd -apr1 -salt saltsalt other`.
const ANA: &str = "ana:$apr1$saltsalt$oMNfpl1VcEny2lckzXHCp1\n";

/// Replaces the file atomically.
fn replace(folder: &Path, text: &str) {
    fs::write(folder.join("new"), text).unwrap();
    fs::rename(folder.join("new"), folder.join("htpasswd")).unwrap();
}

#[test]
fn users_need_a_group_that_is_required() {
    let folder = tempfile::tempdir().unwrap();
    replace(folder.path(), &format!("{CI}{ANA}"));
    fs::write(folder.path().join("groups"), "wheels:read: ci\n").unwrap();
    let store = Store::start(OBJECT);
    let text = format!(
        "[[mounts]]\npath = '/'\n[mounts.basic]\nhtpasswd_file = '{{folder}}/htpasswd'\n\
         group_file = '{{folder}}/groups'\nrequire = ['wheels:read']\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n",
        store.url
    );
    let gateway = Gateway::start_in(folder, &text);
    for (login, status) in [("ci:s3cret", 200), ("ana:other", 403), ("ana:s3cret", 401)] {
        let answer = get(&gateway.address, "/x", Some(login));
        assert_eq!(answer.status, status, "{login}");
    }
}

#[test]
fn changes_of_the_users_file_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    replace(folder.path(), CI);
    let store = Store::start(OBJECT);
    let text = format!(
        "[[mounts]]\npath = '/'\nbasic.htpasswd_file = '{{folder}}/htpasswd'\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n",
        store.url
    );
    let mut gateway = Gateway::start_in(folder, &text);
    let address = gateway.address.clone();
    let status = |login| get(&address, "/x", Some(login)).status;
    assert_eq!((status("ci:s3cret"), status("ci:other")), (200, 401));
    assert_eq!(status("ana:other"), 401);

    replace(gateway.folder.path(), &format!("{CI}{ANA}"));
    // Requests trigger the check of the file.
    let begun = Instant::now();
    while status("ana:other") != 200 {
        assert!(begun.elapsed() < DEADLINE, "the file is not read again");
    }
    let line = gateway
        .program
        .stderr_line(|line| line.contains("reloaded"));
    assert!(line.ends_with("htpasswd was reloaded: 2 users"), "{line}");

    replace(gateway.folder.path(), "ana:pa55word\n");
    // The first request after a second triggers a check of the file, and waits for it.
    let begun = Instant::now();
    while begun.elapsed() < LOOK_INTERVAL {
        assert_eq!(status("ana:other"), 200);
    }
    assert_eq!(status("ana:other"), 200);
    let line = gateway
        .program
        .stderr_line(|line| line.contains("cannot be reloaded"));
    assert!(
        line.contains("so the previous users remain: line 1: "),
        "{line}"
    );
    assert!(!line.contains("pa55word"), "{line}");
}

#[test]
fn check_counts_users_and_names_a_wrong_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("htpasswd");
    let path = path.to_str().unwrap();
    let check = |text: &str| {
        fs::write(path, text).unwrap();
        let environment = [
            ("AWS_S3_BUCKET", "wheels"),
            ("S3_ENDPOINT_URL", "http://127.0.0.1:9000"),
            KEYS[0],
            KEYS[1],
            ("HTPASSWD_FILE", path),
        ];
        Program::start(["check"], environment).output()
    };
    let output = check(&format!("{CI}{ANA}"));
    assert_eq!(output.code, Some(0), "{output:?}");
    let row = format!("/     wheels/ at http://127.0.0.1:9000  2 users of {path}");
    assert_eq!(output.stdout.last(), Some(&row));

    let output = check(&format!("{CI}ana:pa55word\n"));
    assert_eq!(output.code, Some(2), "{output:?}");
    let line = format!("portcullis: HTPASSWD_FILE (environment): {path}: line 2: ");
    assert!(output.stderr[0].starts_with(&line), "{output:?}");
    assert!(!output.stderr[0].contains("pa55word"), "{output:?}");
}
