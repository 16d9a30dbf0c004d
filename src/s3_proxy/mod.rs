//! The objects of a private bucket, read-only and streamed.
//!
//! [`S3Proxy`] answers by itself instead of calling on: it makes an object key of the path, asks S3
//! for the object with a signed request, and passes on what comes. No body is buffered.
//!
//! 1. GET, HEAD and OPTIONS are answered; anything else is 405 with `Allow`. HEAD is a HEAD to S3.
//! 2. The path is parsed by the rules of [`crate::path`], so the proxy is safe by itself: 400 for
//!    what no part may see and for any spelling but the canonical one, 414 for a key of more than
//!    1024 bytes, 404 for the empty key.
//! 3. Of the request's headers, one well-formed byte range and the conditionals are sent on. `If-Range`
//!    is obeyed here. Several ranges, other units and malformed ranges mean the whole object. The
//!    query selects nothing, but for the parameters of [`S3Proxy::with_query_parameters`].
//! 4. Of S3's headers, those that describe the object come back, and those that
//!    [`S3Proxy::with_response_headers`] names. `X-Content-Type-Options: nosniff` is added. Where a gate
//!    has admitted somebody, the answer is `private` to caches.
//! 5. 200, 206, 304, 404, 412 and 416 are S3's own. An [`AlternatePath`](crate::path::AlternatePath)
//!    in the request's extensions is tried where the path itself is missing, and
//!    [`S3Proxy::with_not_found_document`] tells what is shown with a 404.
//! 6. What is not the client's fault is never 401, 403 or 404: where S3 denies, fails or cannot be
//!    reached the answer is 502, where it takes too long 504, and 503 with `Retry-After` where it asks
//!    for fewer requests or there are no credentials. The [`S3Error`](crate::s3::S3Error) is in the
//!    extensions of the response, and no word of it in the body. What S3 denies is missing where the
//!    credentials may not list the bucket: see [`BucketClient`](crate::s3::BucketClient).
//! 7. An object that S3 breaks off, or sends nothing of for too long, ends in an error, so that the
//!    server aborts the client's connection instead of ending the response.
//!
//! # Deployment caveats
//!
//! The proxy asks nobody who they are: put a gate outside, and
//! [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside of everything. It runs on tokio.
//!
//! Credentials that may neither read nor list get the same answer for every key as for one that is
//! missing, which is then 404: let them list the bucket, so that 404 is always S3's word.
//!
//! # Example
//!
//! The client is any tower service; here it is a bucket of one object.
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
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
