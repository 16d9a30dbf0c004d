//! Clients that read the end of a wheel for its metadata: F1 and F2 of what registries are asked.

use http::{Method, StatusCode};

use super::gateway::Gateway;
use super::install::{Client, UV, install};
use super::s3pypi::upload;
use super::server::Peer;

const FAST_PIP: Client = Client {
    program: "pip",
    arguments: &["install", "--no-cache-dir", "--use-feature=fast-deps"],
};

#[tokio::test]
#[ignore = "needs `weed`, `s3pypi`, `pip` and `uv`, all of PyPI"]
async fn clients_read_a_wheels_metadata_by_ranges() {
    let peer = Peer::seaweedfs(r#"{"plain": {}}"#);
    upload(&peer, "plain", &["--index.html"]).await;
    let gateway = Gateway::start(peer.client(peer.bucket("plain")), "").await;
    for client in [FAST_PIP, UV] {
        let (ended, installed) = install(&client, "peer-wheel", &gateway.url()).await;
        assert_eq!(ended.code, Some(0), "{}", ended.text);
        assert_eq!(installed.len(), 1, "{}", ended.text);

        let mut wire = gateway.take_wire();
        wire.retain(|exchange| exchange.path.contains("-1.0"));
        let case = format!("{}: {wire:#?}", client.program);
        let [head, parts @ .., whole] = &*wire else {
            panic!("{case}");
        };
        assert_eq!((&head.method, head.status), (&Method::HEAD, StatusCode::OK));
        assert!(!parts.is_empty(), "{case}");
        for part in parts {
            let got = (part.is_ranged, part.status);
            assert_eq!(got, (true, StatusCode::PARTIAL_CONTENT), "{case}");
        }
        assert_eq!((whole.is_ranged, whole.status), (false, StatusCode::OK));
        assert_eq!(head.length, whole.length, "{case}");
        let of_parts = parts.iter().map(|part| part.length.unwrap()).sum::<usize>();
        assert!(of_parts < whole.length.unwrap() / 2, "{case}");
    }
}
