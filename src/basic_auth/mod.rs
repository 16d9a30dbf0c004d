//! HTTP Basic authentication (RFC 7617), with a fixed table of users or a verifier of one's own.
//!
//! A request is admitted if its `Authorization` field has the scheme `Basic`, in any case, and the
//! verifier takes the user name and the password. Refused are:
//!
//! 1. with 401 and the challenge `Basic realm="…", charset="UTF-8"`: no credentials; a scheme
//!    without credentials, or with a tab after it; what is not base64 of the standard alphabet with
//!    its padding; what has no colon, is not UTF-8 or has a control character; an unknown user and
//!    a wrong password, which look the same and cost the same;
//! 2. with 400: two `Authorization` fields.
//!
//! The first colon ends the user name, so a password may have colons. User names and passwords are
//! compared byte by byte: configure them in Unicode's normalization form C, as RFC 7617 section 2.1
//! has clients send them. `Proxy-Authorization` is not looked at.
//!
//! # Deployment caveats
//!
//! The password is sent with every request: serve over TLS. Fixed users are for a few machines,
//! with passwords made by a generator; they are held in memory as they are.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let mut service = ServiceBuilder::new()
//!     .layer(BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")])?)?)
//!     .service(service_fn(|_: Request<()>| async {
//!         Ok::<_, Infallible>(Response::new(String::from("wheel")))
//!     }));
//!
//! // ci:s3cret
//! let request = Request::get("/").header("authorization", "Basic Y2k6czNjcmV0");
//! let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! // ci:guess
//! let request = Request::get("/").header("authorization", "Basic Y2k6Z3Vlc3M=");
//! let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! assert_eq!(
//!     response.headers()["www-authenticate"],
//!     r#"Basic realm="packages", charset="UTF-8""#
//! );
//! # Ok(())
//! # }
//! ```

mod layer;
mod users;

pub use self::layer::BasicAuthLayer;
pub use self::users::FixedUsers;
