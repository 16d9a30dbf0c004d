use bytes::Bytes;
use http::header::{IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use tower_service::Service;

use super::body::ObjectBody;
use super::client::BucketClient;
use super::error::{S3Error, S3ErrorKind};
use super::outcome::{Outcome, outcome};
use super::retry::Tries;
use crate::aws::Payload;
use crate::path::ObjectKey;
use crate::upstream::{BoxError, Conditionals, RangeRequest, RequestBody};

/// Asks for as little of an object as an answer can have.
const ONE_BYTE: HeaderValue = HeaderValue::from_static("bytes=0-0");

/// The methods that can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadMethod {
    Get,
    Head,
}

/// What to ask of an object.
#[derive(Clone, Debug)]
pub(crate) struct ReadRequest {
    pub(crate) method: ReadMethod,
    /// The conditional headers of RFC 9110 section 13.1, but `If-Range`.
    pub(crate) conditionals: Conditionals,
    pub(crate) range: RangeRequest,
    /// The parameters, in one spelling; empty where there are none.
    pub(crate) query: String,
}

impl ReadRequest {
    /// Asks for the object whole, or for what describes it, whichever it is.
    pub(crate) fn plain(method: ReadMethod) -> Self {
        Self {
            method,
            conditionals: Conditionals::default(),
            range: RangeRequest::Whole,
            query: String::new(),
        }
    }
}

impl<C, B> BucketClient<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Asks for one object.
    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        request: &ReadRequest,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let uri = self
            .bucket
            .object_uri(key, &request.query)
            .map_err(unsigned)?;
        let error = match self.read_as_asked(&uri, request).await {
            Err(error) if request.method == ReadMethod::Head && is_mute(&error) => {
                match self.cause(&uri, error).await {
                    Some(error) => error,
                    None => return Ok(Outcome::Missing),
                }
            }
            Err(error) => error,
            found => return found,
        };
        if is_access_denied(&error) && !self.may_list().await? {
            return Ok(Outcome::Missing);
        }
        if !request.query.is_empty() && blames_query(&error) {
            return Ok(Outcome::QueryRefused);
        }
        Err(error)
    }

    /// Asks with the range and the preconditions.
    async fn read_as_asked(
        &self,
        uri: &Uri,
        request: &ReadRequest,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
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
                // Where it fails, RFC 9110 section 13.1.5 has the whole object sent, as it is now.
                headers.insert(name, value.clone());
                let outcome = self.ask(request.method, uri, &headers).await?;
                if is_unchanged(&outcome, name, value) {
                    return Ok(outcome);
                }
                headers = request.conditionals.sent().clone();
            }
        }
        self.ask(request.method, uri, &headers).await
    }

    /// Why a HEAD was answered as it was; `None` where the object is missing.
    async fn cause(&self, uri: &Uri, answer_to_head: S3Error) -> Option<S3Error> {
        let headers = HeaderMap::from_iter([(RANGE, ONE_BYTE)]);
        match self.ask(ReadMethod::Get, uri, &headers).await {
            Ok(Outcome::Missing) => None,
            // It has come into being meanwhile, and the next request will find it.
            Ok(_) => Some(answer_to_head),
            Err(error) => Some(error),
        }
    }

    /// Whether the credentials may list the bucket.
    async fn may_list(&self) -> Result<bool, S3Error> {
        let asked = async {
            let uri = self.bucket.list_one_uri().map_err(unsigned)?;
            match self.ask(ReadMethod::Get, &uri, &HeaderMap::new()).await {
                Ok(_) => Ok(true),
                Err(error) if is_access_denied(&error) => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.list_permission.learn(self.clock.now(), asked).await
    }

    /// Asks until there is an answer that another try would not better.
    async fn ask(
        &self,
        method: ReadMethod,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let mut tries = Tries::default();
        loop {
            let result = self.try_once(method, uri.clone(), headers.clone()).await;
            match result.as_ref().err().and_then(|error| tries.again(error)) {
                Some(pause) => sleep(pause).await,
                None => return result,
            }
        }
    }

    async fn try_once(
        &self,
        method: ReadMethod,
        uri: Uri,
        headers: HeaderMap,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let mut request = Request::new(RequestBody);
        *request.method_mut() = match method {
            ReadMethod::Get => Method::GET,
            ReadMethod::Head => Method::HEAD,
        };
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;

        let no_credentials =
            |error: BoxError| S3Error::without_answer(S3ErrorKind::Credentials, error);
        let credentials = timeout(self.first_byte_timeout, self.credentials.credentials())
            .await
            .map_err(|late| no_credentials(late.into()))?
            .map_err(|error| no_credentials(error.into()))?;
        let (mut head, body) = request.into_parts();
        let now = self.clock.now();
        self.signer
            .sign(&mut head, Payload::Empty, &credentials, now)
            .map_err(unsigned)?;
        // A clone of its own for each request, which is polled to readiness before it is called.
        let sent = self.client.clone().oneshot(Request::from_parts(head, body));
        let response = timeout(self.first_byte_timeout, sent)
            .await
            .map_err(|late| S3Error::without_answer(S3ErrorKind::TimedOut, late))?
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Unreachable, error))?;
        let response = response.map(|body| ObjectBody::new(body, self.idle_body_timeout));
        outcome(response, self.bucket.region(), now, self.first_byte_timeout).await
    }
}

fn unsigned(error: impl std::error::Error + Send + Sync + 'static) -> S3Error {
    S3Error::without_answer(S3ErrorKind::Signing, error)
}

/// Whether the answer was final and does not tell its cause, as none to a HEAD does.
fn is_mute(error: &S3Error) -> bool {
    error.code().is_none()
        && error
            .status()
            .is_some_and(|status| !status.is_server_error())
}

fn is_access_denied(error: &S3Error) -> bool {
    error.kind() == S3ErrorKind::Denied && error.code() == Some("AccessDenied")
}

/// Whether a parameter that the client chose has a value that S3 does not take.
fn blames_query(error: &S3Error) -> bool {
    error.status() == Some(StatusCode::BAD_REQUEST)
        && matches!(error.code(), Some("InvalidArgument" | "InvalidRequest"))
}

/// Whether S3 has answered for the object that the client knows, by the precondition of `If-Range`.
///
/// A date has to be the very one of the object, while S3 takes any later one for good as well: where
/// a newer version was deleted, an older object is back.
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
