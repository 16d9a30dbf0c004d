use std::io::{Read, Write};
use std::net::TcpStream;

use sha2::{Digest, Sha256};

use crate::support::{Demo, get, request};

#[test]
fn the_login_opens_the_index_and_the_wheel() {
    let demo = Demo::start([""; 0]);

    let root = demo.get("/");
    assert_eq!(root.status, 200);
    assert!(root.text().contains("<a href=\"portcullis-demo/\">"));

    let page = demo.get("/portcullis-demo/");
    assert_eq!(page.status, 200);
    // pip ignores pages of other types.
    assert_eq!(page.header("content-type"), Some("text/html"));
    let (_, link) = page.text().split_once("<a href=\"").unwrap();
    let (file, rest) = link.split_once("#sha256=").unwrap();
    let (hash, rest) = rest.split_once("\">").unwrap();
    assert_eq!(file, "portcullis_demo-1.0.0-py3-none-any.whl");
    assert!(rest.starts_with(&format!("{file}</a>")));

    let wheel = demo.get(&format!("/portcullis-demo/{file}"));
    assert_eq!(wheel.status, 200);
    let listed = (0..hash.len()).step_by(2);
    let listed: Vec<u8> = listed
        .map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap())
        .collect();
    assert_eq!(Sha256::digest(&wheel.body)[..], listed);
    assert!(wheel.body.starts_with(b"PK\x03\x04"));
}

#[test]
fn wrong_logins_and_hostile_paths_are_refused() {
    let demo = Demo::start([""; 0]);
    let address = demo.address.as_str();

    for (name, login) in [
        ("no login", None),
        ("another password", Some("demo:guess")),
        ("another user", Some(&*format!("admin:{}", demo.password()))),
        ("an empty password", Some("demo:")),
    ] {
        let answer = get(address, "/portcullis-demo/", login);
        assert_eq!(answer.status, 401, "{name}");
        let challenge = answer.header("www-authenticate");
        let expected = r#"Basic realm="portcullis", charset="UTF-8""#;
        assert_eq!(challenge, Some(expected), "{name}");
    }
    for (target, status) in [
        ("/portcullis-demo/", 200),
        ("/portcullis-demo%2F", 200),
        ("/%70ortcullis-demo/", 200),
        ("/portcullis-demo", 404),
        ("/no-such-project/", 404),
        ("/portcullis-demo/../index.html", 400),
        ("/portcullis-demo/%2e%2E/index.html", 400),
        ("/..%2f..%2fetc/passwd", 400),
        ("/a%5Cb", 400),
        ("/a%00b", 400),
    ] {
        assert_eq!(demo.get(target).status, status, "{target}");
    }
    let put = request(address, "PUT", "/x", Some(&demo.login));
    assert_eq!(put.status, 405);
}

#[test]
fn each_request_has_one_line_without_the_password() {
    let mut demo = Demo::start([""; 0]);
    let page = demo.get("/portcullis-demo/?token=pa55word");
    get(&demo.address, "/", Some("demo:pa55word"));
    get(&demo.address, "/a/%2e%2e/b", None);
    let last = demo
        .program
        .stderr_line(|line| line.contains("/a/%2e%2e/b"));
    assert!(last.contains(" 400 "), "{last}");
    assert!(
        last.ends_with(r#" - - reason="the path has a dot segment""#),
        "{last}"
    );

    let password = demo.password().to_owned();
    demo.program.signal(rustix::process::Signal::TERM);
    let output = demo.program.output();
    let lines: Vec<_> = output
        .stderr
        .iter()
        .filter(|line| !line.starts_with("portcullis: "))
        .collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    let served = lines.iter().find(|line| line.contains(" 200 ")).unwrap();
    let length = page.body.len();
    assert!(
        served.contains(&format!(" GET /portcullis-demo/ 200 {length}B ")),
        "{served}"
    );
    assert!(served.contains(" demo mount="), "{served}");
    for line in &output.stderr {
        assert!(
            !line.contains(&password) && !line.contains("pa55word"),
            "{line}"
        );
    }
}

#[test]
fn a_temporary_folder_is_removed_a_given_kept() {
    let demo = Demo::start([""; 0]);
    let temporary = demo.bucket.parent().unwrap().to_owned();
    assert!(temporary.is_dir());
    demo.program.signal(rustix::process::Signal::INT);
    assert_eq!(demo.program.output().code, Some(0));
    assert!(!temporary.exists());

    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("made/on the spot");
    for _ in 0..2 {
        let demo = Demo::start(["--data-dir".as_ref(), data.as_os_str()]);
        assert_eq!(demo.get("/portcullis-demo/").status, 200);
        demo.program.signal(rustix::process::Signal::INT);
        assert_eq!(demo.program.output().code, Some(0));
        assert!(data.join("packages/portcullis-demo/index.html").is_file());
    }
}

#[test]
fn a_malformed_request_is_refused_and_logged() {
    let mut demo = Demo::start([""; 0]);
    for request in [
        "GET /a\0b HTTP/1.1\r\nhost: h\r\n\r\n",
        "what is this?\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(&demo.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        let line = demo
            .program
            .stderr_line(|line| line.contains("cannot be parsed"));
        assert!(
            line.starts_with("portcullis: refused a request of 127.0.0.1:"),
            "{line}"
        );
    }
    assert_eq!(demo.get("/").status, 200);
}
