//! Writes and lists on S3 servers of other makers.

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use portcullis::aws::Credentials;
use portcullis::path::{KeyPrefix, ObjectKey};
use portcullis::s3::{BucketWriter, ListRequest, PutOutcome, WriteOptions};
use portcullis::upstream::BoxError;

use super::server::Peer;

fn key(name: &str) -> ObjectKey {
    ObjectKey::new(name, &KeyPrefix::default()).unwrap()
}

fn writer(peer: &Peer, bucket: &str) -> BucketWriter {
    let credentials = Credentials::new(&*peer.key, &*peer.secret).unwrap();
    BucketWriter::new(peer.bucket(bucket), credentials).unwrap()
}

fn absent() -> WriteOptions {
    WriteOptions::new().if_absent()
}

/// The keys of all pages below a prefix.
async fn keys(writer: &BucketWriter, prefix: &str) -> Vec<String> {
    let (mut next, mut keys) = (
        Some(ListRequest::new(prefix).with_page_size(100)),
        Vec::new(),
    );
    while let Some(request) = next {
        let (objects, _, following) = writer.reader().list(&request).await.unwrap().into_parts();
        keys.extend(objects.into_iter().map(|object| object.key));
        next = following;
    }
    keys
}

async fn keeps_its_promises(peer: Peer) {
    let name = peer.endpoint.clone();
    let writer = writer(&peer, "plain");
    writer.probe().await.unwrap();
    assert_eq!(
        keys(&writer, "").await,
        [] as [&str; 0],
        "{name}: the probe leaves nothing"
    );

    // Of ten writers of one key, one stores it.
    let puts = (0..10).map(|number| {
        let (writer, content) = (&writer, Bytes::from(format!("writer {number}")));
        async move {
            writer
                .put(&key("once"), content.into(), &absent())
                .await
                .unwrap()
        }
    });
    let outcomes = futures_util::future::join_all(puts).await;
    let stored = outcomes
        .iter()
        .filter(|it| matches!(it, PutOutcome::Stored(_)))
        .count();
    assert_eq!(stored, 1, "{name}: {outcomes:?}");

    let large: Bytes = (0..20_000_003_u32)
        .map(|i| (i % 251).to_le_bytes()[0])
        .collect();
    let outcome = writer
        .put_stream(&key("a large one"), Full::new(large.clone()), &absent())
        .await;
    assert!(
        matches!(outcome, Ok(PutOutcome::Stored(_))),
        "{name}: {outcome:?}"
    );
    let read = writer
        .reader()
        .get(&key("a large one"))
        .await
        .unwrap()
        .unwrap();
    assert!(
        read.into_body().collect().await.unwrap().to_bytes() == large,
        "{name}"
    );
    let again = writer
        .put_stream(&key("a large one"), Full::new(large.clone()), &absent())
        .await;
    assert_eq!(again.unwrap(), PutOutcome::PreconditionFailed, "{name}");

    let broken = [
        Ok(Frame::data(large)),
        Err(BoxError::from("the client has left")),
    ];
    let broken = StreamBody::new(stream::iter(broken));
    assert!(
        writer
            .put_stream(&key("broken"), broken, &absent())
            .await
            .is_err(),
        "{name}"
    );
    assert!(
        writer.reader().get(&key("broken")).await.unwrap().is_none(),
        "{name}"
    );

    let mut expected = Vec::new();
    for number in 0..250 {
        let name = format!("many/a b+{number:03}é");
        writer
            .put(&key(&name), Bytes::new().into(), &absent())
            .await
            .unwrap();
        expected.push(name);
    }
    assert_eq!(keys(&writer, "many/").await, expected, "{name}");
    let folders = writer
        .reader()
        .list(&ListRequest::new("").by_folder())
        .await
        .unwrap();
    assert_eq!(folders.folders(), ["many/"], "{name}");
    for _ in 0..2 {
        writer.delete(&key("once")).await.unwrap();
    }
    assert!(
        writer.reader().get(&key("once")).await.unwrap().is_none(),
        "{name}"
    );
}

#[tokio::test]
#[ignore = "needs `weed`, of PyPI"]
async fn seaweedfs_keeps_what_is_promised() {
    keeps_its_promises(Peer::seaweedfs(r#"{"plain": {}}"#)).await;
}

#[tokio::test]
#[ignore = "needs `moto_server`, of PyPI"]
async fn moto_keeps_what_is_promised() {
    keeps_its_promises(Peer::moto(r#"{"plain": {}}"#)).await;
}
