//! Browser sign-in with OpenID Connect or OAuth 2.0.
//!
//! [`SsoLayer`] is a method of a [gate](crate::gate). It keeps its session in a cookie, and treats a
//! request in one of these ways:
//!
//! 1. A request with a session that has not ended, of a person who is still on the [`AllowList`], is
//!    admitted. The [`Identity`](crate::gate::Identity) has the method `sso`, the provider's subject, the
//!    granted scopes, the end of the session, and a [`ClaimSet`](crate::jwt::ClaimSet) of what the
//!    provider says about the person. The layer's cookies are removed from the request.
//! 2. A request without a session, or with one that has ended, is redirected to the [`Provider`] by 302
//!    if a browser would follow and show the page: a GET or HEAD that `Sec-Fetch-Mode` and
//!    `Sec-Fetch-Dest` mark as a page or a part of one. Without these fields, as over plain http,
//!    `Accept` must ask for a page or, if there is no other method, accept anything.
//! 3. Any other request is refused with 401 and the challenges of the other methods, or
//!    `Cookie realm="…"` if there are none. That challenge makes no client prompt for a password.
//! 4. If the provider or the session store must be asked and fails, the answer is 503 with
//!    `Retry-After: 5`.
//!
//! # How a sign-in goes
//!
//! It is the authorization code flow with PKCE by S256. Its routes are under `/oauth2` by default
//! ([`with_route_prefix`](SsoLayer::with_route_prefix)):
//!
//! * `/oauth2/callback`: the public URL followed by this path must be registered with the provider;
//! * `/oauth2/login?return_to=/path` starts a sign-in, for a page behind
//!   [`Optional`](crate::gate::Optional) to link to;
//! * `/oauth2/logout` signs out by POST, and shows a button for that by GET.
//!
//! A sign-in returns to where it started, always a path of this site. Each has its own sealed `state`. All
//! sign-ins of a browser at one host share one login cookie with a random secret, from which the PKCE
//! verifier and the nonce of each are derived. So many tabs, and all images of a page, return correctly in
//! any order, and nothing grows. The callback redeems the provider's code if all of these hold:
//!
//! 1. `state` was sealed by this gateway in the last ten minutes and has not been redeemed. This process
//!    never redeems a `state` twice, whatever code comes with it. Among several gateways, a session store
//!    records that; without a store, the provider must refuse a code the second time.
//! 2. The browser has the login cookie with which that sign-in started. A browser that already has a session
//!    is redirected to its return path instead, and one with another login cookie to the provider, at most
//!    four times: of several first requests, which have no cookie yet, the last one sets it. In both cases,
//!    nothing is redeemed.
//! 3. No parameter occurs twice, and `iss` is the provider's (RFC 9207).
//! 4. Fewer than 256 redemptions are under way, and fewer than 32 for the client's network
//!    ([`SsoLayer::with_max_redemptions`], [`SsoLayer::with_max_redemptions_per_network`]). Beyond that, the
//!    answer is 503 with `Retry-After`, and the same callback can be repeated.
//!
//! In all other cases, the person sees a small [`Page`] with 400, 403 or 503, and its reason is in the
//! extensions of the response. A session is sealed in its cookie, or kept in a store by
//! [`SsoLayer::with_session_store`], with its id in the cookie.
//!
//! # How a session is renewed
//!
//! A session with a refresh token is renewed in the last minute of its access token. All requests with the
//! session share one call to the provider. If the provider fails to answer, the session is admitted until
//! its access token has expired, and answered with 503 afterwards. If the provider refuses the refresh token:
//!
//! 1. With a store, the session ends, and its cookie is removed. All gateways have the same tokens.
//! 2. Without a store, another gateway may have used the token a moment ago. The session is admitted until
//!    its access token has expired. After that, the request is answered as one without a session. The cookie
//!    is never removed, since the browser may have got a newer one from the other gateway by then.
//!
//! A browser whose session the provider ends is sent to sign in again. If that happens to three sessions in a
//! row, each within a minute after its sign-in, or if three are lost by the store, it sees a page instead.
//!
//! # Deployment caveats
//!
//! * The gate answers the routes itself, so it must wrap the whole router, outside axum's `nest`, which
//!   strips the prefix of the return path.
//! * Without a store, the cookie is the session. Signing out removes it from the browser, but a copy
//!   stays valid until the session ends. A session that does not fit into two cookies of 4 KiB, because
//!   of many groups, is refused at the sign-in.
//! * All gateways of a site need the same [`CookieKeys`](crate::session::CookieKeys), and the same store
//!   if any. Several mounts of one site need their own cookie names and route prefixes.
//! * Several gateways need a store if the provider ends a sign-in whose refresh token is used twice (RFC 9700
//!   section 4.14.2): without one, two gateways may use it at the same time.
//! * With [`SameSite::None`](crate::session::SameSite::None), pages of other sites can show images from
//!   this one to people who are signed in. Otherwise, a sign-in that such an image starts ends with 403.
//! * A request that changes something, by POST for example, needs `Sec-Fetch-Site: same-origin` or the
//!   `Origin` of the public URL: scheme, host and port. Its `Host` must be the same as well.
//! * Without `__Host-` in the cookie's name, other hosts of the domain can set it too. A request with two
//!   cookies of that name gets a page with 403, since another sign-in could not remove the foreign one.
//! * A `WebSocket` starts with a GET, which the cookie authorises no matter which page opened it. A
//!   service behind this gate that speaks WebSocket must check `Origin` itself.
//! * Anybody can start sign-ins. The store records at most
//!   [`SsoLayer::with_recorded_sign_ins_per_network`] of them for each
//!   [`ClientNetwork`](crate::client_address::ClientNetwork).
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
mod browser_secret;
mod callback;
mod callback_parameters;
mod config;
mod flights;
mod layer;
mod login;
mod login_id;
mod logout;
mod maintenance;
mod note;
mod origin;
mod own_answers;
mod page;
pub mod provider;
mod recheck;
mod redemptions;
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
pub(crate) use self::browser_secret::login_secret;
#[cfg(fuzzing)]
pub(crate) use self::callback_parameters::{CallbackParameters, Outcome};
pub use self::layer::SsoLayer;
pub use self::note::SignInNote;
pub use self::origin::PublicUrl;
#[cfg(fuzzing)]
pub(crate) use self::origin::origin;
pub use self::page::{Page, PageKind};
pub use self::provider::Provider;
#[cfg(fuzzing)]
pub(crate) use self::return_path::return_path;
#[cfg(fuzzing)]
pub(crate) use self::wants_sign_in::wants_sign_in;
