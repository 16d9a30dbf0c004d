//! The address of the client, also behind reverse proxies.
//!
//! No part of this crate sees the connection, so the server inserts the address of the TCP peer as a
//! [`ClientAddress`] into the extensions of each request. Everything else about the client comes from
//! `X-Forwarded-*` fields, which any client can send. [`TrustedProxies`] names the proxies whose fields
//! count:
//!
//! 1. If the peer is a trusted proxy, [`TrustedProxies::client_ip`] is the last address in
//!    `X-Forwarded-For` that is not a trusted proxy. The entries before it were written by the client.
//!    [`TrustedProxies::scheme_and_host`] is what `X-Forwarded-Proto` and `X-Forwarded-Host` say.
//! 2. If the peer is any other address, it is the client, and its `X-Forwarded-*` fields are ignored.
//! 3. If the peer is unknown, because no [`ClientAddress`] was inserted, so is the client.
//!
//! Nothing here refuses a request: each method returns `None` if it cannot tell. What is counted for each
//! client, such as the sign-ins of [`SsoLayer`](crate::sso::SsoLayer), is counted by [`ClientNetwork`]. Behind
//! proxies, put a [`ClientNetworkLayer`] outside of everything that counts.
//!
//! # Deployment caveats
//!
//! * With axum, serve `into_make_service_with_connect_info::<SocketAddr>()`, and insert the address in the
//!   `ConnectInfo` extension as a [`ClientAddress`].
//! * A trusted proxy must append the address of its peer to `X-Forwarded-For`, and must overwrite
//!   `X-Forwarded-Proto` and `X-Forwarded-Host`.
//! * Trust the proxies by their own addresses. A network that clients belong to lets them forge all of these
//!   fields.
//!
//! # Example
//!
//! ```
//! use std::net::{IpAddr, SocketAddr};
//! use http::Request;
//! use portcullis::client_address::{ClientAddress, TrustedProxies};
//!
//! let proxies = TrustedProxies::new(["10.0.0.0/8"])?;
//! let client_behind = |peer: &str| {
//!     let peer: SocketAddr = peer.parse().unwrap();
//!     let request = Request::get("/")
//!         .extension(ClientAddress::new(peer))
//!         .header("x-forwarded-for", "203.0.113.7");
//!     let (head, ()) = request.body(()).unwrap().into_parts();
//!     proxies.client_ip(&head)
//! };
//!
//! // A trusted proxy is believed.
//! assert_eq!(client_behind("10.0.0.1:51234"), Some(IpAddr::from([203, 0, 113, 7])));
//! // Any other peer is the client, whatever it claims.
//! assert_eq!(client_behind("192.0.2.1:51234"), Some(IpAddr::from([192, 0, 2, 1])));
//! # Ok::<(), portcullis::ConfigError>(())
//! ```

mod address;
mod client_network;
mod forwarded;
mod network;
mod network_layer;
mod proxies;

pub use self::address::ClientAddress;
pub use self::client_network::ClientNetwork;
#[cfg(feature = "sso")]
pub(crate) use self::forwarded::{X_FORWARDED_PROTO, asked_host, only_text};
pub use self::network_layer::{ClientNetworkLayer, FindClientNetwork};
pub use self::proxies::TrustedProxies;
