//! Pages for people in place of short refusals.
//!
//! Layers and services of this crate refuse with one line of text, which is right for programs. For a person,
//! [`ErrorPagesLayer`] replaces that line by a small page that says what happened and offers a way on.
//!
//! 1. Replaced is the text of a response by [`short_text`](crate::response::short_text) with the status
//!    401, 403, 404, 429, 502, 503 or 504. Objects, the document for missing objects, the pages of
//!    [`SsoLayer`](crate::SsoLayer) and responses of other parts stay as they are.
//! 2. A person is one whose browser opens a page, by `Sec-Fetch-Mode: navigate`; without that header, one whose
//!    `Accept` gives no other type a higher weight than `text/html`. pip, uv, conda, curl and scripts get the text.
//! 3. The status, the challenges and all other headers stay. `Content-Type` and the length are those of the
//!    page, a `Content-Security-Policy` is added, and `Vary: Accept` is added for programs too. The
//!    response to HEAD has no body.
//! 4. The page shows the request id, if the request has one of at most 64 letters, digits, `.`, `_` and `-` in
//!    `X-Request-Id`. It repeats nothing else of the request.
//!
//! No request is refused, and none is changed.
//!
//! # Deployment caveat
//!
//! It belongs outside of everything that refuses, and inside of the part that sets `X-Request-Id` of the
//! request, such as tower-http's `SetRequestIdLayer`, and of the log.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use portcullis::ErrorPagesLayer;
//! use portcullis::response::short_text;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = ErrorPagesLayer::new().layer(service_fn(|_: Request<()>| async {
//!     Ok::<_, Infallible>(short_text(StatusCode::NOT_FOUND, "").map(Full::new))
//! }));
//! # macro_rules! get { ($accept:expr) => {{
//! #     let request = Request::get("/x").header("accept", $accept).body(()).unwrap();
//! #     let response: Response<_> = service.clone().oneshot(request).await.unwrap();
//! #     assert_eq!(response.status(), StatusCode::NOT_FOUND);
//! #     String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
//! # }} }
//! assert!(get!("text/html,*/*;q=0.8").contains("<h1>This page does not exist</h1>"));
//! assert_eq!(get!("*/*"), "404 Not Found\n");
//! # }
//! ```

mod future;
mod layer;
mod page;
mod pages;
mod service;
mod visitor;

pub use self::future::ResponseFuture;
pub use self::layer::ErrorPagesLayer;
pub use self::page::ErrorPage;
pub use self::service::ErrorPages;
