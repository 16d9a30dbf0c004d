//! Writes and lists, as strict as S3: conditions, lengths, the sizes and tags of parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};
use sha2::{Digest, Sha256};

use super::{BUCKET, ETAG, Fault, Object, Objects, State, error, fail, with_status};

/// The least size of a part that is not the last one.
const MIN_PART: usize = 5 * 1024 * 1024;

/// An upload in parts that is neither completed nor aborted.
#[derive(Debug, Default)]
pub(super) struct OpenUpload {
    key: String,
    headers: HeaderMap,
    parts: BTreeMap<u64, (String, Bytes)>,
}

/// A tag of these bytes, and of the number of parts that they came in.
fn tag(bytes: &[u8], parts: usize) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest[..16].iter().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    });
    match parts {
        0 => format!("\"{digits}\""),
        parts => format!("\"{digits}-{parts}\""),
    }
}

/// What the request does, by the names of the API reference, and the parameters of the query.
fn operation(request: &S3Request<Body>) -> Option<(&'static str, BTreeMap<String, String>)> {
    let query = request.uri.query().unwrap_or_default();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let names: Vec<_> = query.keys().map(String::as_str).collect();
    let name = match (&request.method, &*names) {
        (&Method::PUT, []) => "PUT",
        (&Method::PUT, ["partNumber", "uploadId"]) => "PART",
        (&Method::POST, ["uploads"]) => "BEGIN",
        (&Method::POST, ["uploadId"]) => "COMPLETE",
        (&Method::DELETE, ["uploadId"]) => "ABORT",
        (&Method::DELETE, []) => "DELETE",
        _ => return None,
    };
    Some((name, query))
}

impl Objects {
    pub(super) async fn write(
        &self,
        path: &str,
        request: S3Request<Body>,
    ) -> S3Result<S3Response<Body>> {
        let Some((name, query)) = operation(&request) else {
            return Err(s3_error!(NotImplemented));
        };
        let key = path.strip_prefix(&format!("/{BUCKET}/"));
        let key = key
            .filter(|key| !key.is_empty())
            .ok_or_else(|| s3_error!(NotImplemented))?;
        let called = format!("{name} {key}");
        let fault = self.state.lock().unwrap().fault(&called, &request.method);
        match fault {
            Some(Fault::Silence) => std::future::pending().await,
            Some(fault) => return Ok(fail(&fault, &request.method)),
            None => {}
        }
        let hash = request.headers.get("x-amz-content-sha256");
        let signs_the_body = hash.is_some_and(|hash| hash.len() == 64);
        let length = request.headers.get("content-length").cloned();
        let headers = request.headers.clone();
        // The body fails if it is not the one whose hash was signed.
        let read = BodyExt::collect(request.input).await;
        let bytes = read.map_err(|_| s3_error!(BadDigest))?.to_bytes();
        if name != "DELETE" && name != "ABORT" {
            if !signs_the_body {
                return Err(s3_error!(InvalidRequest, "the body is not signed"));
            }
            let length = length.ok_or_else(|| s3_error!(MissingContentLength))?;
            assert_eq!(length.to_str().unwrap(), bytes.len().to_string());
        }
        let mut state = self.state.lock().unwrap();
        Ok(match name {
            "PUT" => state.put_object(key, &headers, bytes),
            "BEGIN" => state.begin(key, headers),
            "PART" => state.put_part(key, &query, bytes),
            "COMPLETE" => state.complete(key, &query, &headers, &bytes),
            "ABORT" => state.abort(key, &query),
            _ => {
                state.objects.remove(key);
                answer(StatusCode::NO_CONTENT, None, "")
            }
        })
    }
}

impl State {
    fn put_object(&mut self, key: &str, headers: &HeaderMap, bytes: Bytes) -> S3Response<Body> {
        if let Some(refusal) = self.condition(key, headers, &Method::PUT) {
            return refusal;
        }
        let tag = tag(&bytes, 0);
        self.store(key, headers, bytes, tag.clone());
        answer(StatusCode::OK, Some(&tag), "")
    }

    /// The refusal of a conditional write, as `PutObject` and `CompleteMultipartUpload` have it.
    fn condition(
        &self,
        key: &str,
        headers: &HeaderMap,
        method: &Method,
    ) -> Option<S3Response<Body>> {
        let get = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        if self.ignores_conditions {
            return None;
        }
        let current = self.objects.get(key);
        let tag = current.map(|object| object.etag.as_deref().unwrap_or(ETAG));
        let failed = || {
            error(
                method,
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                "",
            )
        };
        match (get("if-none-match"), get("if-match")) {
            (None, None) => None,
            (Some("*"), None) => current.map(|_| failed()),
            (None, Some(wanted)) => match tag {
                None => Some(error(method, StatusCode::NOT_FOUND, "NoSuchKey", "")),
                Some(tag) => (tag != wanted).then(failed),
            },
            _ => Some(error(
                method,
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                "",
            )),
        }
    }

    fn store(&mut self, key: &str, headers: &HeaderMap, bytes: Bytes, etag: String) {
        let is_kept = |name: &HeaderName| {
            let name = name.as_str();
            name.starts_with("x-amz-meta-")
                || matches!(
                    name,
                    "content-type" | "cache-control" | "content-disposition"
                )
        };
        let own = headers.iter().filter(|(name, _)| is_kept(name));
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        let object = Object {
            bytes,
            headers: Vec::new(),
            own: own.collect(),
            etag: Some(etag),
        };
        self.objects.insert(key.to_owned(), object);
    }

    fn begin(&mut self, key: &str, headers: HeaderMap) -> S3Response<Body> {
        self.begun += 1;
        let id = format!("upload+{}/=", self.begun);
        let upload = OpenUpload {
            key: key.to_owned(),
            headers,
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.clone(), upload);
        let document = format!(
            "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Bucket>{BUCKET}</Bucket><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        );
        answer(StatusCode::OK, None, &document)
    }

    fn upload(&mut self, key: &str, query: &BTreeMap<String, String>) -> Option<&mut OpenUpload> {
        let upload = self.uploads.get_mut(&query["uploadId"]);
        upload.filter(|upload| upload.key == key)
    }

    fn put_part(
        &mut self,
        key: &str,
        query: &BTreeMap<String, String>,
        bytes: Bytes,
    ) -> S3Response<Body> {
        let number = query["partNumber"].parse().unwrap();
        assert!((1..=10_000).contains(&number));
        let Some(upload) = self.upload(key, query) else {
            return no_upload(&Method::PUT);
        };
        let tag = tag(&bytes, 0);
        upload.parts.insert(number, (tag.clone(), bytes));
        answer(StatusCode::OK, Some(&tag), "")
    }

    fn complete(
        &mut self,
        key: &str,
        query: &BTreeMap<String, String>,
        headers: &HeaderMap,
        document: &[u8],
    ) -> S3Response<Body> {
        if let Some(refusal) = self.condition(key, headers, &Method::POST) {
            return refusal;
        }
        let Some(upload) = self.upload(key, query) else {
            return no_upload(&Method::POST);
        };
        let mut named = String::from("<CompleteMultipartUpload>");
        for (number, (tag, _)) in &upload.parts {
            let _ = write!(
                named,
                "<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            );
        }
        named.push_str("</CompleteMultipartUpload>");
        assert_eq!(std::str::from_utf8(document).unwrap(), named);
        let last = upload.parts.len();
        let small = |(number, bytes): (usize, &Bytes)| number < last && bytes.len() < MIN_PART;
        let parts = || upload.parts.values().map(|(_, bytes)| bytes);
        if (1..).zip(parts()).any(small) {
            return error(&Method::POST, StatusCode::BAD_REQUEST, "EntityTooSmall", "");
        }
        let bytes = parts().map(|bytes| &bytes[..]).collect::<Vec<_>>().concat();
        let tag = tag(&bytes, last);
        let headers = upload.headers.clone();
        self.uploads.remove(&query["uploadId"]);
        self.store(key, &headers, bytes.into(), tag.clone());
        let tag = tag.replace('"', "&quot;");
        // White space keeps the connection open while S3 works.
        let document = format!(
            "  \n<?xml version=\"1.0\"?>\n<CompleteMultipartUploadResult><Key>k</Key><ETag>{tag}</ETag>\
             </CompleteMultipartUploadResult>"
        );
        answer(StatusCode::OK, None, &document)
    }

    fn abort(&mut self, key: &str, query: &BTreeMap<String, String>) -> S3Response<Body> {
        if self.upload(key, query).is_none() {
            return no_upload(&Method::DELETE);
        }
        self.uploads.remove(&query["uploadId"]);
        answer(StatusCode::NO_CONTENT, None, "")
    }

    /// `ListObjectsV2`, with continuation tokens that are the key after which the next page begins.
    pub(super) fn list(&self, query: &str) -> S3Response<Body> {
        let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let get = |name: &str| query.get(name).map(String::as_str);
        assert_eq!(
            (get("list-type"), get("encoding-type")),
            (Some("2"), Some("url"))
        );
        let (prefix, delimiter) = (get("prefix").unwrap(), get("delimiter"));
        let after = get("continuation-token").map(|token| token.strip_prefix("after ").unwrap());
        let after = after.or(get("start-after")).unwrap_or_default();
        let most: usize = get("max-keys").unwrap().parse().unwrap();
        let mut keys: Vec<_> = self
            .objects
            .keys()
            .filter(|key| key.starts_with(prefix))
            .collect();
        keys.sort_unstable();
        let (mut page, mut folders, mut last) = (String::new(), BTreeSet::new(), None);
        let mut is_truncated = false;
        for key in keys {
            let rest = &key[prefix.len()..];
            let folder = delimiter.and_then(|delimiter| rest.find(delimiter));
            let item = folder.map_or(&**key, |end| &key[..=prefix.len() + end]);
            if item <= after || folders.contains(item) {
                continue;
            }
            if last.is_some() && folders.len() + page.matches("<Contents>").count() == most {
                is_truncated = true;
                break;
            }
            last = Some(item);
            if folder.is_some() {
                folders.insert(item);
                continue;
            }
            let object = &self.objects[key];
            let tag = object
                .etag
                .as_deref()
                .unwrap_or(ETAG)
                .replace('"', "&quot;");
            let _ = write!(
                page,
                "<Contents><Key>{}</Key><LastModified>2015-10-21T07:28:00.000Z</LastModified>\
                 <ETag>{tag}</ETag><Size>{}</Size></Contents>",
                encode(key),
                object.bytes.len(),
            );
        }
        for folder in folders {
            let folder = encode(folder);
            let _ = write!(
                page,
                "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"
            );
        }
        if is_truncated {
            let last = last.unwrap();
            let _ = write!(
                page,
                "<NextContinuationToken>after {last}</NextContinuationToken>"
            );
        }
        let document = format!(
            "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Name>{BUCKET}</Name><Prefix>{}</Prefix><EncodingType>url</EncodingType>\
             <IsTruncated>{is_truncated}</IsTruncated>{page}</ListBucketResult>",
            encode(prefix)
        );
        answer(StatusCode::OK, None, &document)
    }
}

/// As S3 encodes keys in a list: a space is a `+`, and a slash stays.
fn encode(key: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
    encoded.replace("%2F", "/")
}

fn no_upload(method: &Method) -> S3Response<Body> {
    error(method, StatusCode::NOT_FOUND, "NoSuchUpload", "")
}

fn answer(status: StatusCode, tag: Option<&str>, document: &str) -> S3Response<Body> {
    let mut response = with_status(status, Body::from(document.to_owned()));
    let id = HeaderValue::from_static("R1");
    response.headers.insert("x-amz-request-id", id);
    if let Some(tag) = tag {
        response.headers.insert("etag", tag.parse().unwrap());
    }
    response
}
