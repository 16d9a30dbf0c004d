//! What `s3pypi upload` has made of a bucket, in both its layouts, is an index for every client.

use super::gateway::{Gateway, PASSWORD, stack};
use super::install::{OLD_PIP, PIP, UV, install};
use super::s3pypi::upload;
use super::server::Peer;
use crate::support::{basic, get, send};

/// Whether the root page is there, and every client installs the sdist, and the wheel that it needs,
/// through the gateway.
async fn installs(peer: &Peer, bucket: &str, prefix: &str, mount: &str) {
    let address = peer.bucket(bucket).with_prefix(prefix).unwrap();
    let reader = peer.client(address);
    let root = get(
        &format!("{mount}/"),
        &[("authorization", &basic("ci", PASSWORD))],
    );
    let page = send(stack(reader.clone(), mount), root).await;
    assert!(
        page.status == 200 && page.body.contains("<a href=\"peer-wheel/\">"),
        "{bucket}: {page:?}"
    );
    let gateway = Gateway::start(reader, mount).await;
    for client in [OLD_PIP, PIP, UV] {
        let (ended, installed) = install(&client, "peer.sdist", &gateway.url()).await;
        let expected = [
            ("peer_sdist", "VERSION = '2.0'\n".to_owned()),
            ("peer_wheel", "VERSION = '1.0+local'\n".to_owned()),
        ];
        let case = format!(
            "{} from {bucket} at {mount:?}: {}",
            client.program, ended.text
        );
        assert_eq!(ended.code, Some(0), "{case}");
        assert_eq!(installed, expected, "{case}");
    }
}

#[tokio::test]
#[ignore = "needs `weed`, `s3pypi`, `pip21.3`, `pip` and `uv`, all of PyPI"]
async fn clients_install_from_pages_named_index_html() {
    let peer = Peer::seaweedfs(r#"{"plain": {}, "prefixed": {}}"#);
    upload(&peer, "plain", &["--index.html"]).await;
    installs(&peer, "plain", "", "").await;
    let options = ["--index.html", "--prefix", "team/packages"];
    upload(&peer, "prefixed", &options).await;
    installs(&peer, "prefixed", "team/packages", "/a/b/simple").await;
}

// SeaweedFS keeps no content for a key that ends in a slash.
#[tokio::test]
#[ignore = "needs `moto_server`, `s3pypi`, `pip21.3`, `pip` and `uv`, all of PyPI"]
async fn clients_install_from_pages_that_are_folder_objects() {
    let peer = Peer::moto(r#"{"plain": {}, "prefixed": {}}"#);
    upload(&peer, "plain", &[]).await;
    installs(&peer, "plain", "", "/a/b/simple").await;
    upload(&peer, "prefixed", &["--prefix", "team/packages"]).await;
    installs(&peer, "prefixed", "team/packages", "").await;
}
