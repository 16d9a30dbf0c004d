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
use portcullis::client_address::{ClientAddress, ClientNetwork, TrustedProxies};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::activity::Activity;
use super::client::PerClient;
use super::connection::Protocol;
use super::connections::{Connections, Place};
use super::limits::Limits;
use super::shutdown::{Shutdown, ShutdownTimes};
use crate::stderr::say;
use crate::tls::Certificates;

/// The wait after a failed accept, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Accepts and serves connections, and drains them at the end.
pub(crate) struct Server {
    protocol: Arc<Protocol>,
    connections: Arc<Connections>,
    proxies: Option<TrustedProxies>,
    shutdown: Shutdown,
}

/// A connection that was accepted, and has a place.
struct Accepted {
    stream: TcpStream,
    address: SocketAddr,
    activity: Arc<Activity>,
    place: Place,
}

impl Server {
    /// Serves over TLS if there are certificates. The connections of trusted proxies are those of many
    /// clients.
    pub(crate) fn new(
        limits: &Limits,
        proxies: Option<TrustedProxies>,
        certificates: Option<Certificates>,
    ) -> Self {
        let in_all = limits.connections as usize;
        let connections = Connections::new(in_all, limits.connections_per_network as usize);
        Self {
            protocol: Arc::new(Protocol::new(limits, certificates)),
            connections: Arc::new(connections),
            proxies,
            shutdown: Shutdown::new(),
        }
    }

    /// Accepts connections until `stop` completes, then closes the listener.
    pub(crate) async fn serve_until<S, B>(
        &self,
        stop: impl Future<Output = ()>,
        listener: TcpListener,
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
            let Accepted {
                stream,
                address,
                activity,
                place,
            } = accepted;
            let protocol = Arc::clone(&self.protocol);
            let service = PerClient {
                inner: service.clone(),
                client: ClientAddress::new(address),
                activity: Arc::clone(&activity),
                stopping: self.shutdown.watch(),
            };
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    () = activity.evicted() => {}
                    () = protocol.serve(stream, address, service) => {}
                }
                drop(place);
            });
        }
    }

    /// Waits for the next connection, and for its place.
    async fn accept(&self, listener: &TcpListener) -> Accepted {
        loop {
            match listener.accept().await {
                Ok((stream, address)) => {
                    let activity = self.connections.activity();
                    let network = self.network(address);
                    if let Some(place) = self.connections.place(network, &activity).await {
                        return Accepted {
                            stream,
                            address,
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

    /// The network whose share a connection takes.
    fn network(&self, address: SocketAddr) -> Option<ClientNetwork> {
        let ip = address.ip();
        let is_proxy = self.proxies.as_ref().is_some_and(|it| it.contains(ip));
        (!is_proxy).then(|| ClientNetwork::of(ip))
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

/// Whether an error concerns one connection only, so that the next can be accepted at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
