//! Mounts with credentials of their own, tried by `portcullis check --online`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use crate::support::{KEYS, OBJECT, Output, Program, Store};

/// Runs `check --online` on a mount with these lines. The keys of the process are wrong.
fn check(store: &Store, lines: &str, more: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let url = &store.url;
    let text = format!(
        "[[mounts]]\npath = '/'\ninsecure_no_auth = true\n[mounts.s3]\nbucket = 'wheels'\n\
         endpoint_url = '{url}'\n{lines}\n"
    );
    fs::write(&file, text).unwrap();
    let profiles = folder.path().join("credentials");
    let [(_, id), (_, key)] = KEYS;
    let profile = format!("[archive]\naws_access_key_id = {id}\naws_secret_access_key = {key}\n");
    fs::write(&profiles, profile).unwrap();
    let environment = [
        ("AWS_ACCESS_KEY_ID", "OTHER"),
        ("AWS_SECRET_ACCESS_KEY", "wr0ng-secret"),
        ("AWS_SHARED_CREDENTIALS_FILE", profiles.to_str().unwrap()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("STORE_ID", id),
        ("STORE_KEY", key),
    ];
    let arguments = ["check", "--online", "--config", file.to_str().unwrap()];
    let environment = environment.into_iter().chain(more.iter().copied());
    Program::start(arguments, environment).output()
}

#[test]
fn a_mount_signs_with_credentials_of_its_own() {
    let store = Store::start(OBJECT);
    let keys = "access_key_id_env = 'STORE_ID'\nsecret_access_key_env = 'STORE_KEY'";
    for (name, lines, code) in [
        ("the keys of the process", "", 1),
        ("keys", keys, 0),
        ("a profile", "profile = 'archive'", 0),
        ("no such profile", "profile = 'other'", 1),
    ] {
        let output = check(&store, lines, &[]);
        assert_eq!(output.code, Some(code), "{name}: {output:?}");
    }
}

/// An STS that gives the keys of the store for any role.
fn sts() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let [(_, id), (_, key)] = KEYS;
    let document = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{key}</SecretAccessKey>\
         <SessionToken>t0ken</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    );
    // The thread ends with the test process.
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let length = document.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all((head + &document).as_bytes());
        }
    });
    url
}

#[test]
fn a_mount_may_assume_a_role() {
    let store = Store::start(OBJECT);
    let sts = sts();
    let role = "profile = 'archive'\nrole_arn = 'arn:aws:iam::123456789012:role/archive'";
    let output = check(&store, role, &[("AWS_ENDPOINT_URL_STS", &sts)]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let output = check(
        &store,
        role,
        &[("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")],
    );
    assert_eq!(output.code, Some(1), "{output:?}");
}
