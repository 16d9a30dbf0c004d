use bytes::Bytes;
use http::header::{IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::body::ObjectBody;
use super::client::BucketClient;
use super::error::S3Error;
use super::outcome::Outcome;
use super::send::{Question, ReadMethod};
use crate::path::ObjectKey;
use crate::upstream::{BoxError, Conditionals, RangeRequest, RequestBody};

/// Asks for as little of an object as an answer can have.
const ONE_BYTE: HeaderValue = HeaderValue::from_static("bytes=0-0");

/// What to ask of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadRequest {
    pub(crate) method: ReadMethod,
    /// The conditional headers of RFC 9110 section 13.1, but `If-Range`.
    pub(crate) conditionals: Conditionals,
    pub(crate) range: RangeRequest,
    /// The parameters, encoded; empty if there are none.
    pub(crate) query: String,
}

impl ReadRequest {
    /// Asks for the whole object, or for its description, whatever its version.
    pub(crate) fn plain(method: ReadMethod) -> Self {
        Self {
            method,
            conditionals: Conditionals::default(),
            range: RangeRequest::Whole,
            query: String::new(),
        }
    }

    fn question<'a>(&'a self, key: &'a ObjectKey) -> Question<'a> {
        Question::Object {
            method: self.method,
            key,
            query: &self.query,
        }
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
    /// Reads one object; `None` if it is missing. The response is S3's own, with all of its headers.
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] if S3 cannot be asked or gives any other answer, and if the key is not
    /// below the prefix of [`bucket`](Self::bucket).
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Response<ObjectBody<B>>>, S3Error> {
        match self.read(key, &ReadRequest::plain(ReadMethod::Get)).await? {
            Outcome::Found(response) if response.status() == StatusCode::OK => Ok(Some(response)),
            Outcome::Missing => Ok(None),
            other => Err(S3Error::unexpected(other.status())),
        }
    }

    /// Reads what a request asks of an object, with preconditions and range.
    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        request: &ReadRequest,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let error = match self.read_obeying_if_range(key, request).await {
            Err(error) if request.method == ReadMethod::Head && has_no_cause(&error) => {
                match self.cause_of_head(key, request, error).await {
                    Some(error) => error,
                    None => return Ok(Outcome::Missing),
                }
            }
            Err(error) => error,
            found => return found,
        };
        if error.is_access_denied() && !self.may_list().await? {
            return Ok(Outcome::Missing);
        }
        if !request.query.is_empty() && blames_query(&error) {
            return Ok(Outcome::QueryRefused);
        }
        Err(error)
    }

    async fn read_obeying_if_range(
        &self,
        key: &ObjectKey,
        request: &ReadRequest,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let question = request.question(key);
        let mut headers = request.conditionals.sent().clone();
        match &request.range {
            RangeRequest::Whole => {}
            RangeRequest::Range(range) => {
                headers.insert(RANGE, range.clone());
            }
            RangeRequest::RangeIf {
                range,
                precondition: (name, value),
            } => {
                headers.insert(RANGE, range.clone());
                // If it fails, RFC 9110 section 13.1.5 has the whole object sent, as it is now.
                headers.insert(name, value.clone());
                let outcome = self.reader.ask_until_final(question, &headers).await?;
                if is_unchanged(&outcome, name, value) {
                    return Ok(outcome);
                }
                headers = request.conditionals.sent().clone();
            }
        }
        self.reader.ask_until_final(question, &headers).await
    }

    /// The error behind S3's answer to a HEAD; `None` if the object is missing.
    async fn cause_of_head(
        &self,
        key: &ObjectKey,
        request: &ReadRequest,
        answer_to_head: S3Error,
    ) -> Option<S3Error> {
        let question = Question::Object {
            method: ReadMethod::Get,
            key,
            query: &request.query,
        };
        let headers = HeaderMap::from_iter([(RANGE, ONE_BYTE)]);
        match self.reader.ask_until_final(question, &headers).await {
            Ok(Outcome::Missing) => None,
            // The object was created in between; the next request will find it.
            Ok(_) => Some(answer_to_head),
            Err(error) => Some(error),
        }
    }

    /// Whether the credentials may list the bucket, by a list of one key. The answer counts for five minutes.
    ///
    /// Before the first client comes, this tells whether the bucket, its region and the credentials are right.
    /// A denial is `false`, and not an error: with `s3:GetObject` alone, objects can be read.
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] if S3 cannot be asked or answers otherwise, such as with `NoSuchBucket` or
    /// `InvalidAccessKeyId`.
    pub async fn may_list(&self) -> Result<bool, S3Error> {
        self.list_permission.get(&self.reader).await
    }
}

/// Whether this is a final answer without an error code, as every one to a HEAD is.
fn has_no_cause(error: &S3Error) -> bool {
    error.code().is_none()
        && error
            .status()
            .is_some_and(|status| !status.is_server_error())
}

/// Whether S3 refuses the value of a parameter, which the client chose.
fn blames_query(error: &S3Error) -> bool {
    error.status() == Some(StatusCode::BAD_REQUEST)
        && matches!(error.code(), Some("InvalidArgument" | "InvalidRequest"))
}

/// Whether S3's answer is about the object that the client knows, by the precondition of `If-Range`.
///
/// A date must be the very one of the object, while S3 accepts any later one as well: if a newer
/// version was deleted, an older object is back.
fn is_unchanged<B>(outcome: &Outcome<B>, name: &HeaderName, value: &HeaderValue) -> bool {
    match outcome {
        Outcome::PreconditionFailed => false,
        Outcome::Found(response)
            if response.status() == StatusCode::PARTIAL_CONTENT && name == IF_UNMODIFIED_SINCE =>
        {
            response.headers().get(LAST_MODIFIED) == Some(value)
        }
        _ => true,
    }
}
