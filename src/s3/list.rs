use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tower_service::Service;

use super::client::BucketClient;
use super::document::elements;
use super::error::{S3Error, S3ErrorKind};
use super::etag::ETag;
use super::outcome::Outcome;
use super::send::Question;
use crate::headers::digits;
use crate::path::{encode_component_into, percent_decode};
use crate::upstream::{BoxError, RequestBody};

/// The most keys of a page, which S3 has too.
const MAX_KEYS: u16 = 1000;
/// The longest page: each of 1000 keys has up to 1024 bytes, three times as long with escapes, and some
/// hundred bytes about it.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Which objects to list, in the order of the bytes of their keys.
///
/// All keys are those below the bucket's own [prefix](super::Bucket::prefix).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ListRequest {
    prefix: String,
    by_folder: bool,
    start_after: Option<String>,
    page_size: u16,
    token: Option<String>,
}

impl ListRequest {
    /// The objects whose keys begin with `prefix`; all, if it is empty.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            page_size: MAX_KEYS,
            ..Self::default()
        }
    }

    /// Sums up the keys that go on after a further `/`: [`ListPage::folders`] has the part up to it.
    pub fn by_folder(mut self) -> Self {
        self.by_folder = true;
        self
    }

    /// Begins after this key.
    pub fn start_after(mut self, key: impl Into<String>) -> Self {
        self.start_after = Some(key.into());
        self
    }

    /// Sets the most objects and folders of a page, 1 to 1000; 1000 by default. Other numbers count as the
    /// nearest of these.
    pub fn with_page_size(mut self, size: u16) -> Self {
        self.page_size = size.clamp(1, MAX_KEYS);
        self
    }

    /// `ListObjectsV2` in the Amazon S3 API reference. The parameters are in the order of their names.
    fn query(&self, of_bucket: &str) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            encode_component_into(&mut query, value.as_bytes());
        };
        if let Some(token) = &self.token {
            add("continuation-token", token);
        }
        if self.by_folder {
            add("delimiter", "/");
        }
        // XML cannot express every key.
        add("encoding-type", "url");
        add("list-type", "2");
        add("max-keys", &self.page_size.to_string());
        add("prefix", &[of_bucket, &self.prefix].concat());
        if let Some(key) = &self.start_after {
            add("start-after", &[of_bucket, key].concat());
        }
        query
    }
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedObject {
    /// The key below the bucket's prefix. It may be one that no [`ObjectKey`](crate::path::ObjectKey) has,
    /// such as `a/../b`.
    pub key: String,
    /// The length in bytes.
    pub size: u64,
    /// The version of the bytes; `None` if the store sends none.
    pub etag: Option<ETag>,
    /// When it was written; `None` if the store does not say so.
    pub last_modified: Option<SystemTime>,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    objects: Vec<ListedObject>,
    folders: Vec<String>,
    next: Option<ListRequest>,
}

impl ListPage {
    /// The objects.
    #[must_use]
    pub fn objects(&self) -> &[ListedObject] {
        &self.objects
    }

    /// The folders, each with its final `/`, of a list [`by_folder`](ListRequest::by_folder).
    #[must_use]
    pub fn folders(&self) -> &[String] {
        &self.folders
    }

    /// The request for the next page; `None` if this is the last one.
    #[must_use]
    pub fn next(&self) -> Option<&ListRequest> {
        self.next.as_ref()
    }

    /// Takes the page apart: objects, folders, and the request for the next page.
    #[must_use]
    pub fn into_parts(self) -> (Vec<ListedObject>, Vec<String>, Option<ListRequest>) {
        (self.objects, self.folders, self.next)
    }
}

impl<C, B> BucketClient<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Lists one page of objects. The credentials need `s3:ListBucket`.
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] if S3 cannot be asked or gives any other answer than a list of such keys.
    pub async fn list(&self, request: &ListRequest) -> Result<ListPage, S3Error> {
        let query = request.query(self.bucket().prefix().as_str());
        let question = Question::List(&query);
        let headers = HeaderMap::new();
        let answer = match self.reader.ask_until_final(question, &headers).await? {
            Outcome::Found(answer) if answer.status() == StatusCode::OK => answer,
            other => return Err(S3Error::unexpected(other.status())),
        };
        let read = Limited::new(answer.into_body(), MAX_BYTES).collect();
        let document = read
            .await
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Interrupted, error))?;
        page(
            &document.to_bytes(),
            request,
            self.bucket().prefix().as_str(),
        )
        .map_err(|problem| S3Error::misfit(StatusCode::OK, problem))
    }
}

/// What is read of a page before its keys are decoded.
#[derive(Debug, Default)]
struct Draft {
    objects: Vec<RawObject>,
    object: RawObject,
    folders: Vec<String>,
    is_url_encoded: bool,
    is_list: bool,
    is_truncated: Option<bool>,
    token: Option<String>,
}

#[derive(Debug, Default)]
struct RawObject {
    key: Option<String>,
    size: Option<u64>,
    etag: Option<ETag>,
    last_modified: Option<SystemTime>,
}

impl Draft {
    fn read(&mut self, path: &str, text: &str) {
        match path {
            "ListBucketResult" => self.is_list = true,
            "ListBucketResult/Contents/Key" => self.object.key = Some(text.to_owned()),
            "ListBucketResult/Contents/Size" => self.object.size = digits(text),
            "ListBucketResult/Contents/ETag" => self.object.etag = ETag::parse(text),
            "ListBucketResult/Contents/LastModified" => {
                let time = OffsetDateTime::parse(text, &Rfc3339).ok();
                self.object.last_modified = time.map(SystemTime::from);
            }
            "ListBucketResult/Contents" => self.objects.push(std::mem::take(&mut self.object)),
            "ListBucketResult/CommonPrefixes/Prefix" => self.folders.push(text.to_owned()),
            "ListBucketResult/EncodingType" => self.is_url_encoded = text == "url",
            "ListBucketResult/IsTruncated" => {
                self.is_truncated = match text {
                    "true" => Some(true),
                    "false" => Some(false),
                    _ => None,
                };
            }
            "ListBucketResult/NextContinuationToken" => self.token = Some(text.to_owned()),
            _ => {}
        }
    }

    /// The key below the prefix of the bucket.
    fn key(
        &self,
        encoded: &str,
        request: &ListRequest,
        of_bucket: &str,
    ) -> Result<String, Problem> {
        let decoded = if self.is_url_encoded {
            // `+` stands for a space, as in a form.
            let spaced = encoded.replace('+', " ");
            let decoded = percent_decode(&spaced);
            let decoded = decoded.map_err(|_| "a key is not encoded as UTF-8")?;
            decoded.into_owned()
        } else {
            encoded.to_owned()
        };
        let key = decoded.strip_prefix(of_bucket);
        let key = key.filter(|key| key.starts_with(&request.prefix));
        key.map(str::to_owned)
            .ok_or("it has a key that does not begin with the prefix")
    }
}

type Problem = &'static str;

/// Reads the answer to `request`.
fn page(bytes: &[u8], request: &ListRequest, of_bucket: &str) -> Result<ListPage, Problem> {
    let mut draft = Draft::default();
    let is_complete = elements(bytes, |path, text| draft.read(path, text));
    if !is_complete || !draft.is_list {
        return Err("it is not a list of objects");
    }
    let mut page = ListPage::default();
    for raw in std::mem::take(&mut draft.objects) {
        let (Some(key), Some(size)) = (raw.key, raw.size) else {
            return Err("an object of the list has no key or no size");
        };
        page.objects.push(ListedObject {
            key: draft.key(&key, request, of_bucket)?,
            size,
            etag: raw.etag,
            last_modified: raw.last_modified,
        });
    }
    for folder in &draft.folders {
        page.folders.push(draft.key(folder, request, of_bucket)?);
    }
    page.next = match (draft.is_truncated, draft.token) {
        (Some(false), _) => None,
        // The same page for ever.
        (Some(true), Some(token)) if Some(&token) != request.token.as_ref() => Some(ListRequest {
            token: Some(token),
            ..request.clone()
        }),
        (Some(true), _) => return Err("it goes on, but does not say where"),
        (None, _) => return Err("it does not say whether it is complete"),
    };
    Ok(page)
}
