//! Sign-in of people by a browser: OpenID Connect and OAuth 2.0.
//!
//! [`SsoLayer`] is a method of a [gate](crate::gate). It finds its sessions in a cookie, and answers a
//! request in one of these ways:
//!
//! 1. Who shows a session that has not ended, and is still on the [`AllowList`], is let in. The
//!    [`Identity`](crate::gate::Identity) has the method `sso`, the provider's name of the person as its
//!    subject, the scopes that were granted, the end of the session, and a [`ClaimSet`](crate::jwt::ClaimSet) of
//!    what the provider says. Our cookies go no further.
//! 2. Who shows none, or one that is over, is sent to the [`Provider`] by 302, where a browser would follow
//!    and show what it finds: a GET or HEAD that `Sec-Fetch-Mode` and `Sec-Fetch-Dest` call a page or a part
//!    of one; without these, as on plain http, one whose `Accept` names pages, or, where there is no other
//!    method, takes anything.
//! 3. Anybody else is refused with 401: with the challenges of the other methods, or with
//!    `Cookie realm="…"` where there are none. No client asks its user for a password because of that.
//! 4. While the provider or the session store cannot be asked, and has to be, the answer is 503 with
//!    `Retry-After: 5`.
//!
//! # How a sign-in goes
//!
//! It is the authorization code flow with PKCE by S256. Its routes are under `/oauth2`, or
//! [elsewhere](SsoLayer::with_route_prefix):
//!
//! * `/oauth2/callback`, which is to be registered with the provider, with the public URL before it;
//! * `/oauth2/login?return_to=/path`, which begins a sign-in, for a page behind
//!   [`Optional`](crate::gate::Optional) to link to;
//! * `/oauth2/logout`, which signs out by POST, and shows a button for that by GET.
//!
//! A sign-in ends where it began, at a path of this site and never elsewhere. Each has a `state`, sealed,
//! and a cookie of its own, so that many tabs, and all the images of a page, end where they should in
//! any order. The callback asks the provider for tokens if all of this holds:
//!
//! 1. `state` is one of this gateway's, of the last ten minutes, and has not been redeemed before: a
//!    session store knows that itself, without one it is the provider's code that is good once.
//! 2. The browser has the cookie of that sign-in. One that has a session already goes on to where it
//!    wanted to, and nothing is redeemed.
//! 3. No parameter is given twice, and `iss` is the provider's (RFC 9207).
//!
//! Whatever else happens, a person sees a small [`Page`], with 400, 403 or 503, whose reason is in the
//! extensions of the response. From a callback nobody is sent to the provider again, so that nothing goes
//! round in circles. A session is sealed in its cookie; by
//! [`SsoLayer::with_session_store`] it is in a store, and its cookie holds an id.
//!
//! # Deployment caveats
//!
//! * The routes are the gate's own, so it wraps the whole router, and stands outside of axum's `nest`, which
//!   strips the prefix that a person is to return to.
//! * Without a store nothing is known of a session but its cookie. Signing out removes that from the browser;
//!   a copy of it is good until its end. A session that does not fit into two cookies of 4 KiB, because of many
//!   groups, cannot begin.
//! * Gateways of one site need the same [`CookieKeys`](crate::session::CookieKeys), and the same store if
//!   any. Without a store two gateways may use one refresh token at once, which ends the session at a
//!   provider where a token is good once. Several mounts of one site need cookie names and route prefixes of their own.
//! * Pages of other sites show images from here to who has signed in where cookies are
//!   [`SameSite::None`](crate::session::SameSite::None). Where they are not, a sign-in that such an image
//!   begins ends with 403.
//! * Where there is no `__Host-` before the cookie's name, other hosts of the domain can set one too. Who
//!   shows two of that name sees a page with 403, since another sign-in could not remove theirs.
//! * A `WebSocket` begins with a GET, which a cookie authorises whoever made the page. What speaks that
//!   behind this gate looks at `Origin` itself.
//! * Anybody can begin sign-ins. They cost the store nothing beyond
//!   [`SsoLayer::with_recorded_sign_ins_per_network`], which tells networks apart by
//!   [`ClientAddress`](crate::client_address::ClientAddress): without it all clients are one.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use portcullis::gate::AnyOf;
//! use portcullis::session::CookieKeys;
//! use portcullis::sso::provider::Endpoints;
//! use portcullis::sso::{AllowList, Provider, PublicUrl};
//! use portcullis::{Secret, SsoLayer};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let endpoints = Endpoints::new("https://id.example/authorize", "https://id.example/token")?
//!     .with_user_url("https://id.example/me")?;
//! let people = SsoLayer::new(
//!     "files",
//!     Provider::oauth2(endpoints, "gateway", Secret::from("of the client"))?,
//!     PublicUrl::new("https://files.example.com")?,
//!     CookieKeys::random(),
//!     AllowList::new().with_domains(["example.com"])?,
//! )?;
//! let scripts = BasicAuthLayer::new("files", FixedUsers::new([("ci", "s3cret")])?)?;
//! let service = AnyOf::new((people, scripts))?.layer(service_fn(|_: Request<()>| async {
//!     Ok::<_, Infallible>(Response::new(String::from("wheel")))
//! }));
//! let send = |request: http::request::Builder| service.clone().oneshot(request.body(()).unwrap());
//!
//! let script = Request::get("/").header("authorization", "Basic Y2k6czNjcmV0");
//! assert_eq!(send(script).await.unwrap().status(), StatusCode::OK);
//!
//! let stranger = Request::get("/").header("accept", "*/*");
//! assert_eq!(send(stranger).await.unwrap().status(), StatusCode::UNAUTHORIZED);
//!
//! let browser = Request::get("/").header("sec-fetch-mode", "navigate");
//! let response = send(browser).await.unwrap();
//! assert_eq!(response.status(), StatusCode::FOUND);
//! let location = response.headers()["location"].to_str().unwrap();
//! assert!(location.starts_with("https://id.example/authorize?"));
//! # Ok(())
//! # }
//! ```

mod allow_list;
mod answer;
mod callback;
mod callback_parameters;
mod config;
mod flights;
mod layer;
mod login;
mod logout;
mod maintenance;
mod origin;
mod own_answers;
mod page;
pub mod provider;
mod recheck;
mod refresh;
mod return_path;
mod routes;
mod seconds;
mod session;
mod sessions;
mod start_budget;
mod state;
mod stored;
mod ticket;
mod trouble;
mod visit;
mod wants_sign_in;

pub use self::allow_list::AllowList;
#[cfg(fuzzing)]
pub(crate) use self::callback_parameters::{CallbackParameters, Outcome};
pub use self::layer::SsoLayer;
pub use self::origin::PublicUrl;
#[cfg(fuzzing)]
pub(crate) use self::origin::origin;
pub use self::page::{Page, PageKind};
pub use self::provider::Provider;
#[cfg(fuzzing)]
pub(crate) use self::return_path::return_path;
#[cfg(fuzzing)]
pub(crate) use self::wants_sign_in::wants_sign_in;
