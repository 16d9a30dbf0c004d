//! Whether the gateway lives, and whether it is ready to serve.
//!
//! [`Health`] answers by itself instead of calling on, for a supervisor or a load balancer.
//!
//! 1. GET and HEAD are answered; anything else is 405 with `Allow`.
//! 2. [`Health::live`] is always 200: the program runs, and answers.
//! 3. [`Health::ready`] asks S3 for one named object, and is 200 where it is there, else 503. The
//!    [`S3Error`](crate::s3::S3Error) is in the extensions of the response. S3 is asked once a second at
//!    most, and those who ask within it, or wait for the same answer, are told the same.
//!
//! # Deployment caveats
//!
//! Route exact paths to it, outside of the gate: supervisors hold no credentials. It says nothing but
//! yes or no, and strangers cannot make it ask S3 more often than once a second. A gateway that is
//! not ready still lives: a supervisor that restarts it for that only makes an outage longer.
//!
//! # Example
//!
//! ```
//! use http::{Request, StatusCode};
//! use portcullis::health::Health;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Request::get("/healthz").body(()).unwrap();
//! let response = Health::live().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let request = Request::post("/healthz").body(()).unwrap();
//! let response = Health::live().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # }
//! ```

mod answer;
mod future;
mod readiness;
mod service;

pub use self::future::ResponseFuture;
pub use self::service::Health;
