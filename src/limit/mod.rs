//! Limits on the requests under way: in all, for each client network, and for each identity.
//!
//! [`RequestLimitLayer`] counts a request from its arrival until its response body has ended or is
//! dropped. tower's `ConcurrencyLimitLayer` counts until the response begins, so it does not bound
//! downloads.
//!
//! 1. A request within all limits is passed on at once.
//! 2. A request beyond one of them waits if there is a [queue](RequestLimitLayer::with_queue) with room.
//!    By default there is no queue. Waiting requests go on in the order of their arrival, except that one
//!    whose network or identity is at its limit is passed over. A network or an identity has at most as
//!    many requests waiting as under way, so that it cannot fill the queue.
//! 3. A request that finds no room, or has waited too long, is refused with a short text and
//!    `Retry-After: 1`: with 503 if the limit in all is reached, and with 429 (RFC 6585 section 4) if the
//!    limit of its network or identity is. [`LimitReached`] is in the extensions of the response.
//!
//! Networks are told apart by [`ClientNetwork::of_head`]: put a
//! [`ClientNetworkLayer`](crate::client_address::ClientNetworkLayer) outside if there are proxies. All
//! requests without a known address are one network. Identities are told apart by the method and the
//! subject of the [`Identity`]; requests without one have no such limit.
//!
//! # Deployment caveats
//!
//! * A limit for each network belongs outside of the gate, where it covers requests that wait for a
//!   password to be checked. A limit for each identity belongs inside of it.
//! * Keep health checks outside of the layer: a supervisor must get an answer when no one else does.
//! * A network may be an office or a cluster behind one address. Its limit must allow for all of them.
//! * The layer ends no request. A limit in front of slow clients is of use only if the server cuts off
//!   those that take nothing.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use portcullis::limit::RequestLimitLayer;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = RequestLimitLayer::new(1).layer(service_fn(|_: Request<()>| async {
//!     Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("wheel")))
//! }));
//!
//! let first = service.clone().oneshot(Request::new(())).await.unwrap();
//! assert_eq!(first.status(), StatusCode::OK);
//! // Its body has not ended.
//! let second = service.clone().oneshot(Request::new(())).await.unwrap();
//! assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
//!
//! drop(first);
//! let third = service.oneshot(Request::new(())).await.unwrap();
//! assert_eq!(third.status(), StatusCode::OK);
//! # }
//! ```
//!
//! [`ClientNetwork::of_head`]: crate::client_address::ClientNetwork::of_head
//! [`Identity`]: crate::gate::Identity

mod body;
mod future;
mod layer;
mod reached;
mod room;

pub use self::body::CountedBody;
pub use self::future::ResponseFuture;
pub use self::layer::{RequestLimit, RequestLimitLayer};
pub use self::reached::{LimitKind, LimitReached};

#[cfg(test)]
mod tests;
