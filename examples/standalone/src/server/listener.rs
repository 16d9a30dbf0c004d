use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;
use portcullis::client_address::ClientAddress;
use tokio::time::{Instant, timeout, timeout_at};

use super::activity::Activity;
use super::client::PerClient;
use super::connection::Protocol;
use super::connections::{Connections, Place};
use super::limits::Limits;
use super::proxied::read_client;
use super::proxies::Proxies;
use super::shutdown::{Shutdown, ShutdownTimes};
use crate::listen::{Listener, Socket};
use crate::stderr::say;
use crate::tls::Certificates;

/// The wait after a failed accept, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Accepts and serves connections, and drains them at the end.
pub(crate) struct Server {
    protocol: Arc<Protocol>,
    connections: Arc<Connections>,
    proxies: Arc<Proxies>,
    shutdown: Shutdown,
}

/// A connection that was accepted, and has a place.
struct Accepted {
    socket: Socket,
    peer: SocketAddr,
    activity: Arc<Activity>,
    place: Place,
}

impl Server {
    /// Serves over TLS if there are certificates.
    pub(crate) fn new(
        limits: &Limits,
        proxies: Proxies,
        certificates: Option<Certificates>,
    ) -> Self {
        let in_all = limits.connections as usize;
        let connections = Connections::new(in_all, limits.connections_per_network as usize);
        Self {
            protocol: Arc::new(Protocol::new(limits, certificates)),
            connections: Arc::new(connections),
            proxies: Arc::new(proxies),
            shutdown: Shutdown::new(),
        }
    }

    /// Accepts connections until `stop` completes, then closes the listener.
    pub(crate) async fn serve_until<S, B>(
        &self,
        stop: impl Future<Output = ()>,
        listener: Listener,
        service: S,
    ) where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => return,
                accepted = self.accept(&listener) => accepted,
            };
            let (protocol, proxies) = (Arc::clone(&self.protocol), Arc::clone(&self.proxies));
            let (service, stopping) = (service.clone(), self.shutdown.watch());
            tokio::spawn(async move {
                let Accepted {
                    mut socket,
                    peer,
                    activity,
                    place,
                } = accepted;
                let deadline = protocol.deadline();
                let serve = async {
                    let client = find_client(&mut socket, peer, deadline, &proxies, &place).await?;
                    let service = PerClient {
                        inner: service,
                        client: ClientAddress::new(client),
                        activity: Arc::clone(&activity),
                        stopping,
                    };
                    protocol.serve(socket, client, deadline, service).await;
                    Some(())
                };
                tokio::select! {
                    biased;
                    () = activity.evicted() => {}
                    _ = serve => {}
                }
                drop(place);
            });
        }
    }

    /// Waits for the next connection, and for its place.
    async fn accept(&self, listener: &Listener) -> Accepted {
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => {
                    let activity = self.connections.activity();
                    let network = if self.proxies.send_headers(peer.ip()) {
                        None
                    } else {
                        self.proxies.network(peer.ip())
                    };
                    if let Some(place) = self.connections.place(network, &activity).await {
                        return Accepted {
                            socket,
                            peer,
                            activity,
                            place,
                        };
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    say(format_args!("cannot accept a connection: {error}"));
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Waits for the last connection to end, at most until the deadline. Returns the number of
    /// connections that are left.
    pub(crate) async fn drain(self, times: &ShutdownTimes) -> usize {
        let deadline = Instant::now() + times.deadline;
        self.shutdown.begin_grace();
        if timeout(times.grace, self.connections.none()).await.is_ok() {
            return 0;
        }
        self.shutdown.close();
        let _ = timeout_at(deadline, self.connections.none()).await;
        self.connections.number()
    }
}

/// The client of a connection, whose network takes the place from now on. Returns `None` if the connection must
/// be closed.
async fn find_client(
    socket: &mut Socket,
    peer: SocketAddr,
    deadline: Instant,
    proxies: &Proxies,
    place: &Place,
) -> Option<SocketAddr> {
    if !proxies.send_headers(peer.ip()) {
        return Some(peer);
    }
    let client = read_client(socket, peer, deadline).await?;
    // Of the proxy's own connections, and of clients that it does not name, it has no share.
    let network = (client != peer).then(|| proxies.network(client.ip()));
    let has_place = network.flatten().is_none_or(|it| place.give_to(it));
    has_place.then_some(client)
}

/// Whether an error concerns one connection only, so that the next can be accepted at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
