use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::address::ClientAddress;
use super::client_network::ClientNetwork;
use super::proxies::TrustedProxies;

/// Layer that finds the [`ClientNetwork`] of each request behind named proxies, once for everything
/// inside.
///
/// It inserts the network of [`TrustedProxies::client_ip`], or that of the proxy if a field has no address,
/// into the extensions of the request, where [`ClientNetwork::of_head`] finds it, and adds the address to the
/// [`ClientAddress`]. Without proxies it is not needed.
///
/// ```
/// use portcullis::client_address::{ClientNetworkLayer, TrustedProxies};
///
/// let layer = ClientNetworkLayer::new(TrustedProxies::new(["10.0.0.0/8"])?);
/// # let _ = tower_layer::Layer::layer(&layer, ());
/// # Ok::<(), portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientNetworkLayer {
    proxies: Arc<TrustedProxies>,
}

impl ClientNetworkLayer {
    /// Believes these proxies.
    pub fn new(proxies: TrustedProxies) -> Self {
        Self {
            proxies: Arc::new(proxies),
        }
    }
}

impl<S> Layer<S> for ClientNetworkLayer {
    type Service = FindClientNetwork<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FindClientNetwork {
            inner,
            proxies: Arc::clone(&self.proxies),
        }
    }
}

/// Inserts the [`ClientNetwork`] of each request into its extensions.
#[derive(Clone, Debug)]
#[must_use]
pub struct FindClientNetwork<S> {
    inner: S,
    proxies: Arc<TrustedProxies>,
}

impl<S> FindClientNetwork<S> {
    inner_service_accessors!();
}

impl<S, B> Service<Request<B>> for FindClientNetwork<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let (mut head, body) = request.into_parts();
        // What is not an address is counted as the proxy's own: nobody escapes a limit by sending it.
        let client = self.proxies.client_ip(&head);
        if let (Some(client), Some(address)) = (client, head.extensions.get_mut::<ClientAddress>())
        {
            *address = address.with_client(client);
        }
        let client = client.or_else(|| ClientAddress::ip_of(&head));
        let network = client.map_or(ClientNetwork::UNKNOWN, ClientNetwork::of);
        head.extensions.insert(network);
        self.inner.call(Request::from_parts(head, body))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt, service_fn};

    use super::*;
    use crate::client_address::ClientAddress;

    #[tokio::test]
    async fn the_network_is_that_behind_a_named_proxy() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
        let layer = ClientNetworkLayer::new(proxies);
        let service = layer.layer(service_fn(async |request: Request<()>| {
            let (head, ()) = request.into_parts();
            let address: &ClientAddress = head.extensions.get().unwrap();
            Ok::<_, Infallible>((ClientNetwork::of_head(&head).to_string(), *address))
        }));
        for (peer, forwarded, network, logged) in [
            (
                "10.0.0.1:1",
                Some("203.0.113.7"),
                "203.0.113.7",
                "203.0.113.7",
            ),
            ("10.0.0.1:1", None, "10.0.0.1", "10.0.0.1:1"),
            ("10.0.0.1:1", Some("nonsense"), "10.0.0.1", "10.0.0.1:1"),
            (
                "192.0.2.1:1",
                Some("203.0.113.7"),
                "192.0.2.1",
                "192.0.2.1:1",
            ),
        ] {
            let mut request = Request::new(());
            let peer = ClientAddress::new(peer.parse().unwrap());
            request.extensions_mut().insert(peer);
            if let Some(forwarded) = forwarded {
                let forwarded = forwarded.parse().unwrap();
                request.headers_mut().insert("x-forwarded-for", forwarded);
            }
            let found = service.clone().oneshot(request).await.unwrap();
            let (found, address) = found;
            assert_eq!(found, network, "{peer} {forwarded:?}");
            assert_eq!(address.to_string(), logged, "{peer} {forwarded:?}");
            assert_eq!(address.peer(), peer.peer());
            assert_eq!(address.reported().is_some(), found == "203.0.113.7");
        }
    }
}
