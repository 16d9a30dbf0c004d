use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Authorization, Connection, Gateway, OBJECT, Output, Program, Store, get};

/// A little more than the shortest time between two checks of the file.
const LOOK_INTERVAL: Duration = Duration::from_millis(1100);

fn portcullis(arguments: &[&str]) -> Output {
    Program::start(arguments, [("", ""); 0]).output()
}

/// Makes a token, and reads it from stdout.
fn new(file: &str, id: &str, more: &[&str]) -> String {
    let arguments = ["token", "new", "--token-file", file, id];
    let output = portcullis(&[&arguments, more].concat());
    assert_eq!(output.code, Some(0), "{output:?}");
    let [token] = &output.stdout[..] else {
        panic!("not one line: {output:?}");
    };
    token.clone()
}

#[test]
fn a_token_works_until_revoked_without_being_logged() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let file = file.to_str().unwrap().to_owned();
    let robot = new(&file, "robot", &["--scope", "wheels:read", "--days", "30"]);
    let other = new(&file, "other", &["--scope", "wheels:write", "--no-expiry"]);
    let text = format!(
        "[[mounts]]\npath = '/conda'\n\
         tokens = {{ file = '{{folder}}/tokens.json', require = ['wheels:read'], in_path = true }}\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{0}'\n\
         [[mounts]]\npath = '/simple'\n\
         tokens = {{ file = '{{folder}}/tokens.json', require = ['wheels:read'] }}\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{0}'\n",
        store.url
    );
    let mut gateway = Gateway::start_in(folder, &text);
    let address = gateway.address.clone();
    let bearer = |token: &str| {
        let login = Authorization(format!("Bearer {token}"));
        Connection::open_with(&address, "GET", "/conda/x", Some(&login)).status()
    };
    let password = |token: &str| get(&address, "/conda/x", Some(&format!("any:{token}"))).status;
    let at_root = |token: &str| get(&address, &format!("/t/{token}/conda/x"), None).status;
    let at_mount = |token: &str| get(&address, &format!("/conda/t/{token}/x"), None).status;
    let ways: [&dyn Fn(&str) -> u16; 4] = [&bearer, &password, &at_root, &at_mount];
    let mut altered = robot.clone();
    let last = if altered.pop() == Some('0') { '1' } else { '0' };
    altered.push(last);
    for (way, status) in ways.iter().enumerate() {
        assert_eq!(status(&robot), 200, "way {way}");
        assert_eq!(store.target(), "/wheels/x", "way {way}");
        assert_eq!(status(&other), 403, "way {way}");
        assert_eq!(status(&altered), 401, "way {way}");
    }
    // A mount accepts tokens in the path only if configured.
    let beside = format!("/t/{robot}/simple/x");
    assert_eq!(get(&address, &beside, None).status, 401);
    assert_eq!(
        get(&address, "/simple/x", Some(&format!("any:{robot}"))).status,
        200
    );
    assert_eq!(store.target(), "/wheels/x");
    for path in [
        "/t\\{}/x",
        "//t/{}/x",
        "/%74/{}/%zz",
        "/t/./{}/../x",
        "/simple/t/{}/x",
    ] {
        get(&address, &path.replace("{}", &robot), None);
    }
    for _ in 0..19 {
        let line = gateway.program.stderr_line(|line| line.contains("GET /"));
        for token in [&robot, &other, &altered] {
            assert!(!line.contains(&**token), "{line}");
        }
        assert!(!line.contains("/t/") || line.contains("<TOKEN>"), "{line}");
    }

    let listed = portcullis(&["token", "list", "--token-file", &file]);
    let rows = listed
        .stdout
        .iter()
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows[0], ["ID", "CREATED", "EXPIRES", "REVOKED", "SCOPES"]);
    assert_eq!(
        (rows[1][0], rows[1][3], rows[1][4]),
        ("robot", "-", "wheels:read")
    );
    // Both are RFC 3339, so they compare as texts.
    assert!(rows[1][2] > rows[1][1], "{listed:?}");
    assert_eq!(
        (rows[2][0], rows[2][2], rows[2][4]),
        ("other", "-", "wheels:write")
    );

    let revoked = portcullis(&["token", "revoke", "--token-file", &file, "robot"]);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    let begun = Instant::now();
    // The first request after a second triggers a check of the file, and waits for it.
    while begun.elapsed() < LOOK_INTERVAL {
        bearer(&robot);
    }
    for (way, status) in ways.iter().enumerate() {
        assert_eq!(status(&robot), 401, "way {way}");
    }
}

#[test]
fn a_token_is_rotated_and_its_name_freed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let file = file.to_str().unwrap();
    let first = new(file, "robot", &["--scope", "wheels:read", "--days", "30"]);
    let run = |command: &str| portcullis(&["token", command, "--token-file", file, "robot"]);
    let rotated = run("rotate");
    assert_eq!(
        (rotated.code, rotated.stdout.len()),
        (Some(0), 1),
        "{rotated:?}"
    );
    assert!(rotated.stdout[0].starts_with("pcl-") && rotated.stdout[0] != first);
    for (command, code) in [
        ("revoke", 0),
        ("rotate", 2),
        ("remove", 0),
        ("remove", 2),
        ("rotate", 2),
    ] {
        let output = run(command);
        assert_eq!(output.code, Some(code), "{command}: {output:?}");
        assert!(output.stdout.is_empty(), "{command}: {output:?}");
    }
    new(file, "robot", &["--no-expiry"]);
}

#[test]
fn a_wrong_token_command_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let file = file.to_str().unwrap();
    new(file, "robot", &["--days", "1"]);
    let new = ["token", "new", "--token-file", file];
    let revoke = ["token", "revoke", "--token-file", file, "nobody"];
    for (name, arguments, problem) in [
        ("no lifetime", [&new[..], &["x"]].concat(), "--days"),
        (
            "two lifetimes",
            [&new[..], &["x", "--days", "1", "--no-expiry"]].concat(),
            "--days",
        ),
        (
            "an id twice",
            [&new[..], &["robot", "--days", "1"]].concat(),
            "tokens.json: ",
        ),
        (
            "an id with a space",
            [&new[..], &["a b", "--days", "1"]].concat(),
            "tokens.json: ",
        ),
        ("no id of the file", revoke.to_vec(), "tokens.json: "),
        (
            "no file",
            vec!["token", "list"],
            "--token-file or TOKEN_FILE",
        ),
    ] {
        let output = portcullis(&arguments);
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert!(output.stdout.is_empty(), "{name}: {output:?}");
        assert!(output.stderr[0].contains(problem), "{name}: {output:?}");
    }
}

#[test]
fn io_errors_exit_with_1_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none").join("tokens.json");
    let file = file.to_str().unwrap();
    for arguments in [
        &["token", "list", "--token-file", file][..],
        &["token", "revoke", "--token-file", file, "x"],
        &["token", "new", "--token-file", file, "x", "--no-expiry"],
    ] {
        let output = portcullis(arguments);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr[0].contains(file), "{output:?}");
    }

    let file = folder.path().join("tokens.json");
    let file = file.to_str().unwrap().to_owned();
    let makers: Vec<_> = (0..8)
        .map(|i| {
            let file = file.clone();
            thread::spawn(move || new(&file, &format!("robot-{i}"), &["--no-expiry"]))
        })
        .collect();
    for maker in makers {
        maker.join().unwrap();
    }
    let listed = portcullis(&["token", "list", "--token-file", &file]);
    assert_eq!(listed.stdout.len(), 9, "{listed:?}");
}
