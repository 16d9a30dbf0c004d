use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use lambda_http::request::LambdaRequest;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use portcullis::ConfigError;
use portcullis::s3::S3Error;
use tower::{Service, ServiceExt};

use crate::answer::streamed;
use crate::environment::Environment;
use crate::event::request;
use crate::stderr::say;

/// Checks that Lambda started the program, since the runtime client panics otherwise.
///
/// # Errors
///
/// Returns [`ConfigError`] if the program was not started by Lambda.
pub(crate) fn require_lambda(environment: &Environment) -> Result<(), ConfigError> {
    const NAME: &str = "AWS_LAMBDA_RUNTIME_API";
    let problem =
        "is not set: this program must be started by AWS Lambda or by `cargo lambda watch`";
    let address = environment.get(NAME)?;
    address
        .map(|_| ())
        .ok_or_else(|| ConfigError::new(NAME, problem))
}

/// Answers events with `service` until Lambda stops the program.
///
/// # Errors
///
/// Returns [`Error`] if Lambda's runtime API fails.
pub(crate) async fn run<S, B>(service: S) -> Result<(), Error>
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible> + Clone,
    B: Body<Data = Bytes, Error = S3Error> + Unpin + Send + 'static,
{
    let answer = service_fn(|event: LambdaEvent<LambdaRequest>| {
        let service = service.clone();
        async move {
            let request = request(event.payload).inspect_err(|error| say(error))?;
            let Ok(response) = service.oneshot(request).await;
            Ok::<_, Error>(streamed(response))
        }
    });
    lambda_runtime::run(answer).await
}
