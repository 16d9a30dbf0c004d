use bytes::Bytes;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::sender::Sender;
use crate::aws::Payload;
use crate::metrics;
use crate::path::ObjectKey;
use crate::s3::body::ObjectBody;
use crate::s3::error::{S3Error, S3ErrorKind};
use crate::s3::fit;
use crate::s3::outcome::Outcome;
use crate::s3::retry::Tries;
use crate::upstream::{BoxError, NewConnection, RequestBody};

/// Sends what [`Question`]s name, and nothing else.
#[derive(Clone)]
pub(in crate::s3) struct Reader<C>(pub(in crate::s3) Sender<C>);

/// Everything that a [`Reader`] can sign.
#[derive(Clone, Copy)]
pub(in crate::s3) enum Question<'a> {
    /// One object below the bucket's prefix.
    Object {
        method: ReadMethod,
        key: &'a ObjectKey,
        /// Encoded; empty if there are no parameters.
        query: &'a str,
    },
    /// A list of the bucket's keys, by this query, which is encoded.
    List(&'a str),
}

/// The methods that read an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadMethod {
    Get,
    Head,
}

impl<C, B> Reader<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Asks, and asks again as long as that may give a better answer in time.
    pub(in crate::s3) async fn ask_until_final(
        &self,
        question: Question<'_>,
        headers: &HeaderMap,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let begun = Instant::now();
        // A difference, and not a deadline: the longest timeouts would overflow that.
        let left = || self.0.first_byte_timeout.saturating_sub(begun.elapsed());
        let mut tries = Tries::default();
        loop {
            let result = self.ask(question, headers, &tries, left()).await;
            match result.as_ref().err().and_then(|error| tries.again(error)) {
                Some(pause) if pause < left() => sleep(pause).await,
                _ => {
                    metrics::s3_request(outcome_name(&result), begun.elapsed());
                    return result;
                }
            }
        }
    }

    /// Asks once, with these headers beside those of the signature.
    async fn ask(
        &self,
        question: Question<'_>,
        headers: &HeaderMap,
        before: &Tries,
        patience: Duration,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let Self(sender) = self;
        let (method, uri) = match question {
            Question::Object { method, key, query } => (
                match method {
                    ReadMethod::Get => Method::GET,
                    ReadMethod::Head => Method::HEAD,
                },
                sender.bucket.object_uri(key, query),
            ),
            Question::List(query) => (Method::GET, sender.bucket.list_uri(query)),
        };
        let uri = uri.map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        let mut request = Request::new(RequestBody::empty());
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        request.headers_mut().clone_from(headers);
        if before.has_lost() {
            request.extensions_mut().insert(NewConnection);
        }
        let begun = Instant::now();
        let mut response = sender.send(request, Payload::Empty, patience).await?;
        if let Question::Object { .. } = question {
            let length = fit::body_length(&method, headers, &response)
                .map_err(|problem| S3Error::misfit(response.status(), problem))?;
            response.body_mut().expect_length(length);
        }
        let (region, now) = (sender.bucket.region(), sender.clock.now());
        let patience = patience.saturating_sub(begun.elapsed());
        Outcome::of_answer(response, region, now, patience).await
    }
}

/// The name of the outcome in the metrics.
pub(super) fn outcome_name<B>(result: &Result<Outcome<B>, S3Error>) -> &'static str {
    match result {
        Ok(Outcome::Found(_)) => "answered",
        Ok(Outcome::Missing) => "missing",
        Ok(
            Outcome::PreconditionFailed
            | Outcome::RangeNotSatisfiable { .. }
            | Outcome::QueryRefused,
        ) => "refused",
        Err(error) => match error.kind() {
            S3ErrorKind::Credentials => "no_credentials",
            S3ErrorKind::Signing => "not_signed",
            S3ErrorKind::Unreachable => "unreachable",
            S3ErrorKind::TimedOut => "timed_out",
            S3ErrorKind::Denied => "denied",
            S3ErrorKind::WrongRegion => "wrong_region",
            S3ErrorKind::SlowDown => "slow_down",
            S3ErrorKind::Interrupted => "interrupted",
            S3ErrorKind::Unsupported => "unsupported",
            S3ErrorKind::Unexpected => "unexpected",
        },
    }
}
