//! What the gateway's own credentials may do, judged by an IAM of another maker, and what the clients
//! say of the login.

use http::StatusCode;

use super::gateway::{Gateway, PASSWORD, stack};
use super::install::{OLD_PIP, PIP, UV, install};
use super::s3pypi::upload;
use super::server::{Peer, client};
use crate::support::{basic, get, send};

/// Denies the missing objects of the buckets below. moto answers 404 for a missing object even if the
/// credentials may not list the bucket; AWS then answers 403.
const MAY_READ: &str = r#"
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject",
     "Resource": ["arn:aws:s3:::folders/*/index.html", "arn:aws:s3:::*/absent/*"]}"#;
const MAY_LIST: &str = r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}"#;

async fn moto() -> Peer {
    let peer = Peer::moto(r#"{"pages": {}, "folders": {}}"#);
    upload(&peer, "pages", &["--index.html"]).await;
    upload(&peer, "folders", &[]).await;
    peer
}

#[tokio::test]
#[ignore = "needs `moto_server`, `s3pypi`, `pip21.3`, `pip` and `uv`, all of PyPI"]
async fn credentials_that_may_only_read_are_enough() {
    let peer = moto().await;
    let (key, secret) = peer.user("reader", &format!("[{MAY_READ}]"));
    let clients = [
        // Without a terminal it keeps to itself that it was refused.
        (
            OLD_PIP,
            "No matching distribution found for absent",
            "No matching distribution found for peer-wheel",
        ),
        (
            PIP,
            "No matching distribution found for absent",
            "401 Error, Credentials not correct",
        ),
        (
            UV,
            "absent was not found in the package registry",
            "lack of valid authentication credentials (401 Unauthorized)",
        ),
    ];
    for bucket in ["pages", "folders"] {
        let reader = client(peer.bucket(bucket), &key, &secret);
        let gateway = Gateway::start(reader, "").await;
        for (client, no_such_package, wrong_password) in &clients {
            let case = format!("{} from {bucket}", client.program);
            let (ended, installed) = install(client, "peer-wheel", &gateway.url()).await;
            assert_eq!(
                (ended.code, installed.len()),
                (Some(0), 1),
                "{case}: {}",
                ended.text
            );

            gateway.take_wire();
            for (project, url, status, words) in [
                (
                    "absent",
                    gateway.url(),
                    StatusCode::NOT_FOUND,
                    no_such_package,
                ),
                (
                    "peer-wheel",
                    gateway.url_with("guess"),
                    StatusCode::UNAUTHORIZED,
                    wrong_password,
                ),
            ] {
                let (ended, _) = install(client, project, &url).await;
                assert_eq!(ended.code, Some(1), "{case}: {}", ended.text);
                assert!(ended.text.contains(words), "{case}: {}", ended.text);
                let wire = gateway.take_wire();
                let is_told = !wire.is_empty() && wire.iter().all(|it| it.status == status);
                assert!(is_told, "{case}: {wire:?}");
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs `moto_server` and `s3pypi`, both of PyPI"]
async fn denied_means_missing_only_without_list_permission() {
    let peer = moto().await;
    let login = basic("ci", PASSWORD);
    for (name, statements, found, denied) in [
        ("reads", format!("[{MAY_READ}]"), 200, 404),
        (
            "reads-and-lists",
            format!("[{MAY_READ}, {MAY_LIST}]"),
            502,
            502,
        ),
    ] {
        let (key, secret) = peer.user(name, &statements);
        let stack = stack(client(peer.bucket("folders"), &key, &secret), "");
        for (path, status) in [
            ("/peer-wheel/peer_wheel-1.0%2Blocal-py3-none-any.whl", 200),
            // The key of the page with `index.html` is denied, so that it may be what was meant.
            ("/peer-wheel/", found),
            ("/absent/x.whl", denied),
            ("/missing", 404),
        ] {
            let request = get(path, &[("authorization", &login)]);
            let answer = send(stack.clone(), request).await;
            assert_eq!(answer.status, status, "{name}: {path}");
        }
    }
}
