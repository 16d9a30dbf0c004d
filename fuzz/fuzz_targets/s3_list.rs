//! A page of a list of S3 is read as it was written, in either encoding of keys; any other bytes are refused
//! or are a list of keys below the prefix.
#![no_main]

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::ready;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use libfuzzer_sys::fuzz_target;
use portcullis::aws::Credentials;
use portcullis::s3::{Bucket, BucketClient, ETag, ListPage, ListRequest, S3Error};
use portcullis::upstream::RequestBody;
use tower::service_fn;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Bytes(&'a [u8]),
    Page(Page<'a>),
}

#[derive(Arbitrary, Debug)]
struct Page<'a> {
    is_url_encoded: bool,
    is_cut: Option<u16>,
    goes_on: bool,
    objects: Vec<(&'a str, u64, Option<u8>)>,
    folders: Vec<&'a str>,
}

fn list(document: Vec<u8>) -> Result<ListPage, S3Error> {
    let fake = service_fn(move |_: Request<RequestBody>| {
        let answer = Response::new(Full::<Bytes>::from(document.clone()));
        ready(Ok::<_, Infallible>(answer))
    });
    let bucket = Bucket::new("wheels/p", "eu-west-1").unwrap();
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
    let client = BucketClient::with_client(fake, bucket, credentials);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    runtime.block_on(client.list(&ListRequest::new("x")))
}

/// The key as the store writes it.
fn written(key: &str, is_url_encoded: bool) -> String {
    let key = format!("p/x{key}");
    if is_url_encoded {
        return form_urlencoded::byte_serialize(key.as_bytes()).collect();
    }
    key.chars().fold(String::new(), |mut text, character| {
        let _ = match character {
            '&' | '<' | '>' | '\r' => write!(text, "&#{};", u32::from(character)),
            other => write!(text, "{other}"),
        };
        text
    })
}

/// Whether XML can carry the text without an encoding of its own.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
}

fn document(page: &Page<'_>) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"urn:x\">");
    if page.is_url_encoded {
        text.push_str("<EncodingType>url</EncodingType>");
    }
    for (key, size, tag) in &page.objects {
        let key = written(key, page.is_url_encoded);
        let _ = write!(text, "<Contents><Key>{key}</Key><Size>{size}</Size>");
        if let Some(tag) = tag {
            let _ = write!(text, "<ETag>&quot;{tag}&quot;</ETag>");
        }
        text.push_str("</Contents>");
    }
    for folder in &page.folders {
        let folder = written(folder, page.is_url_encoded);
        let _ = write!(
            text,
            "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"
        );
    }
    let _ = write!(text, "<IsTruncated>{}</IsTruncated>", page.goes_on);
    if page.goes_on {
        text.push_str("<NextContinuationToken>t</NextContinuationToken>");
    }
    text.push_str("</ListBucketResult>");
    text
}

fuzz_target!(|input: Input<'_>| {
    let page = match input {
        Input::Bytes(bytes) => {
            if let Ok(page) = list(bytes.to_vec()) {
                let keys = page.objects().iter().map(|object| &object.key);
                assert!(keys.chain(page.folders()).all(|key| key.starts_with('x')));
            }
            return;
        }
        Input::Page(page) => page,
    };
    let names = page.objects.iter().map(|(key, ..)| *key);
    let mut names = names.chain(page.folders.iter().copied());
    if !page.is_url_encoded && !names.all(is_plain) {
        return;
    }
    let mut text = document(&page).into_bytes();
    if let Some(cut) = page.is_cut {
        let end = usize::from(cut) % text.len();
        text.truncate(end);
        assert!(list(text).is_err(), "a part of a page is no page");
        return;
    }
    let read = list(text).expect("is a page");
    assert_eq!(read.next().is_some(), page.goes_on);
    let folders: Vec<_> = page.folders.iter().map(|it| format!("x{it}")).collect();
    assert_eq!(read.folders(), folders);
    assert_eq!(read.objects().len(), page.objects.len());
    for (object, (key, size, tag)) in read.objects().iter().zip(&page.objects) {
        assert_eq!(object.key, format!("x{key}"));
        assert_eq!(object.size, *size);
        let tag = tag.map(|tag| format!("\"{tag}\""));
        assert_eq!(object.etag.as_ref().map(ETag::as_str), tag.as_deref());
    }
});
