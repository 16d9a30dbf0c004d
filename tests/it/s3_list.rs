//! Lists of a bucket, from an S3 that verifies signatures.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use portcullis::path::{KeyPrefix, ObjectKey};
use portcullis::s3::{Bucket, BucketClient, ListPage, ListRequest, S3ErrorKind};
use portcullis::upstream::{HttpClient, RequestBody};
use tower::{ServiceExt, service_fn};

use crate::support::fake_s3::{ETAG, FakeS3, SECRET, credentials};

/// The keys of a page.
fn keys(page: &ListPage) -> Vec<&str> {
    let objects = page.objects().iter();
    objects.map(|object| object.key.as_str()).collect()
}

#[tokio::test]
async fn a_list_has_the_keys_below_the_prefix() {
    let s3 = FakeS3::start().await;
    let awkward = [
        "a b+c", "a&<\"'>", "é/ü", "x\u{1}y", "100%", "z/../z", "folder/",
    ];
    for key in awkward.iter().chain(&["app/1", "app/2", "app/sub/3"]) {
        s3.put(&format!("packages/{key}"), "wheel");
    }
    s3.put("packagesother", "x");
    let bucket = s3.bucket().with_prefix("packages").unwrap();
    let client = BucketClient::new(bucket, credentials(SECRET)).unwrap();
    let all = client.list(&ListRequest::new("")).await.unwrap();
    let mut expected: Vec<_> = awkward
        .into_iter()
        .chain(["app/1", "app/2", "app/sub/3"])
        .collect();
    expected.sort_unstable();
    assert_eq!(keys(&all), expected);
    let object = &all.objects()[0];
    assert_eq!(object.size, 5);
    assert_eq!(object.etag.as_ref().unwrap().as_str(), ETAG);
    let written = object.last_modified.unwrap();
    assert_eq!(
        written
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs(),
        1_445_412_480
    );

    let folder = client
        .list(&ListRequest::new("app/").by_folder())
        .await
        .unwrap();
    assert_eq!(keys(&folder), ["app/1", "app/2"]);
    assert_eq!(folder.folders(), ["app/sub/"]);
    let after = ListRequest::new("app/").start_after("app/1");
    assert_eq!(
        keys(&client.list(&after).await.unwrap()),
        ["app/2", "app/sub/3"]
    );
}

#[tokio::test]
async fn a_presigned_url_reads_one_object() {
    let s3 = FakeS3::start().await;
    s3.put("a b+c", "wheel");
    s3.put("b", "secret");
    let name = ObjectKey::new("a b+c", &KeyPrefix::default()).unwrap();
    let hour = Duration::from_hours(1);
    let url = s3.client().presigned_get(&name, hour).await.unwrap();
    let other = url.expose().replace("/a%20b%2Bc?", "/b?");
    assert_ne!(other, url.expose());
    for (name, url, status) in [
        ("as it is", url.expose(), 200),
        ("of another object", &other, 403),
    ] {
        let request = Request::get(url).body(RequestBody::empty()).unwrap();
        let client = HttpClient::without_tls().unwrap();
        assert_eq!(
            client.oneshot(request).await.unwrap().status(),
            status,
            "{name}"
        );
    }
    let outside = s3.bucket().with_prefix("packages").unwrap();
    let outside = BucketClient::new(outside, credentials(SECRET)).unwrap();
    assert!(outside.presigned_get(&name, hour).await.is_err());
    assert!(s3.client().presigned_get(&name, hour * 1000).await.is_err());
}

#[tokio::test]
async fn pages_follow_each_other() {
    let s3 = FakeS3::start().await;
    for number in 0..25 {
        s3.put(&format!("f{}/k{number:02}", number / 10), "x");
    }
    for (by_folder, total) in [(false, 25), (true, 3)] {
        for size in [1, 2, 7, 25, 1000] {
            let mut request = ListRequest::new("").with_page_size(size);
            if by_folder {
                request = request.by_folder();
            }
            let (mut next, mut found) = (Some(request), Vec::new());
            while let Some(request) = next {
                let (objects, folders, following) =
                    s3.client().list(&request).await.unwrap().into_parts();
                assert!(objects.len() + folders.len() <= usize::from(size));
                found.extend(objects.into_iter().map(|object| object.key));
                found.extend(folders);
                next = following;
            }
            assert_eq!(found.len(), total, "{size}");
            assert!(found.is_sorted(), "{found:?}");
        }
    }
}

#[tokio::test]
async fn other_answers_are_no_list() {
    let page = |truncated: &str, rest: &str| {
        format!("<ListBucketResult>{rest}<IsTruncated>{truncated}</IsTruncated></ListBucketResult>")
    };
    let object = |key: &str| format!("<Contents><Key>{key}</Key><Size>5</Size></Contents>");
    let token = "<NextContinuationToken>t</NextContinuationToken>";
    for (name, document, is_list) in [
        ("a list", page("false", &object("p/a")), true),
        ("an empty list", page("false", ""), true),
        ("it goes on", page("true", token), true),
        ("it goes on, nobody knows where", page("true", ""), false),
        ("neither complete nor not", page("", ""), false),
        (
            "a key of another prefix",
            page("false", &object("q/a")),
            false,
        ),
        (
            "an object without a key",
            page("false", "<Contents><Size>5</Size></Contents>"),
            false,
        ),
        (
            "no size",
            page("false", "<Contents><Key>p/a</Key></Contents>"),
            false,
        ),
        (
            "a malformed size",
            page(
                "false",
                "<Contents><Key>p/a</Key><Size>+5</Size></Contents>",
            ),
            false,
        ),
        (
            "cut short",
            page("false", &object("p/a")).replace("</ListBucketResult>", ""),
            false,
        ),
        ("another document", "<html>no</html>".to_owned(), false),
        ("nothing", String::new(), false),
        (
            "a malformed escape",
            page(
                "false",
                &format!("<EncodingType>url</EncodingType>{}", object("p/%zz")),
            ),
            false,
        ),
    ] {
        let fake = service_fn(move |_: Request<RequestBody>| {
            let body = Full::<Bytes>::from(document.clone());
            async move { Ok::<_, Infallible>(Response::new(body)) }
        });
        let bucket = Bucket::new("wheels/p", "eu-west-1").unwrap();
        let client = BucketClient::with_client(fake, bucket, credentials(SECRET));
        let listed = client.list(&ListRequest::new("")).await;
        let kind = listed.as_ref().err().map(portcullis::s3::S3Error::kind);
        let expected = (!is_list).then_some(S3ErrorKind::Unexpected);
        assert_eq!(kind, expected, "{name}: {listed:?}");
        // The same token again would be the same page for ever.
        if let Some(next) = listed.ok().and_then(|page| page.next().cloned()) {
            assert!(client.list(&next).await.is_err(), "{name}");
        }
    }
}
