//! The objects of a private bucket, read-only and streamed.
//!
//! [`S3Proxy`] answers by itself instead of calling an inner service. It turns the path into an object
//! key, asks S3 for the object with a signed request, and streams the answer. No body is buffered.
//!
//! 1. GET, HEAD and OPTIONS are answered; any other method is 405 with `Allow`. HEAD is a HEAD to S3.
//! 2. The path is parsed by the rules of [`crate::path`], so the proxy is safe by itself: 400 for an
//!    unsafe path and for any spelling but the canonical one, 414 for a key of more than 1024 bytes, 404
//!    for the empty key. The key is always below the prefix of the [`Bucket`](crate::s3::Bucket).
//! 3. Of the request's headers, one well-formed byte range and the conditionals are sent to S3.
//!    `If-Range` is obeyed here. Several ranges, other units and malformed ranges mean the whole object.
//!    Of the query, only the parameters of [`S3Proxy::with_query_parameters`] are sent.
//! 4. Of S3's headers, those that describe the object are passed on, and those that
//!    [`S3Proxy::with_response_headers`] names. `X-Content-Type-Options: nosniff` is added. The answer
//!    is `private` to caches if a gate has found an identity.
//! 5. 200, 206, 304, 404, 412 and 416 are S3's own. If the object is missing, an
//!    [`AlternatePath`](crate::path::AlternatePath) in the request's extensions is tried, and then the
//!    document of [`S3Proxy::with_not_found_document`] is sent with the 404.
//! 6. A fault that is not the client's is never 401, 403 or 404. The answer is 502 if S3 denies, fails,
//!    cannot be reached or answers with something other than what was requested, 504 if it takes too long,
//!    and 503 with `Retry-After` if it asks for fewer requests or there are no credentials. The
//!    [`S3Error`](crate::s3::S3Error) is in the extensions of the response; the body does not mention it.
//!    An object that S3 denies counts as missing if the credentials may not list the bucket: see
//!    [`BucketClient`](crate::s3::BucketClient).
//! 7. If S3 sends fewer or more bytes of an object than it announced, or nothing for too long, the body
//!    ends in an error, so that the server aborts the client's connection instead of ending the response.
//!
//! Nothing but a GET or HEAD of an object below the prefix is signed, and a list of at most one key that
//! no client sees: [`BucketClient`](crate::s3::BucketClient) cannot sign anything else.
//!
//! # Deployment caveats
//!
//! The proxy does not authenticate: put a gate outside, and
//! [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside of everything. It runs on tokio.
//!
//! If the credentials may neither read nor list, S3 gives the same answer for every key, and the proxy's
//! answer is 404. Let them list the bucket, so that only a missing object is 404.
//!
//! # Example
//!
//! The client is any tower service; here it is a bucket of one object.
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{HeaderValue, Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use portcullis::S3Proxy;
//! use portcullis::aws::Credentials;
//! use portcullis::s3::{Bucket, BucketClient};
//! use portcullis::upstream::RequestBody;
//! use tower::{ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let fake = service_fn(|request: Request<RequestBody>| async move {
//!     assert!(request.headers().contains_key("authorization"));
//!     let found = request.uri() == "https://wheels.s3.eu-west-1.amazonaws.com/a%2Bb.whl";
//!     let mut response = Response::new(Full::<Bytes>::from(if found { "wheel" } else { "" }));
//!     *response.status_mut() = if found { StatusCode::OK } else { StatusCode::NOT_FOUND };
//!     response.headers_mut().insert("etag", HeaderValue::from_static("\"v1\""));
//!     Ok::<_, Infallible>(response)
//! });
//! let bucket = Bucket::new("wheels", "eu-west-1")?;
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")?;
//! let proxy = S3Proxy::new(BucketClient::with_client(fake, bucket, credentials));
//!
//! let request = Request::get("/a%2Bb.whl").body(()).unwrap();
//! let response = proxy.clone().oneshot(request).await.unwrap();
//! assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "wheel");
//!
//! let request = Request::delete("/a+b.whl").body(()).unwrap();
//! let response = proxy.clone().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # Ok(())
//! # }
//! ```

mod future;
mod service;

pub use self::future::ResponseFuture;
pub use self::service::S3Proxy;
