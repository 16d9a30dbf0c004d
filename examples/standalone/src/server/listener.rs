use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::server::graceful::GracefulShutdown;
use portcullis::client_address::ClientAddress;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::client::PerClient;
use super::connection::Protocol;
use super::limits::Limits;
use super::shutdown::{ShutdownTimes, Stopping};
use crate::stderr::say;
use crate::tls::Certificates;

/// The wait after a failed accept, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Accepts and serves connections, and drains them at the end.
pub(crate) struct Server {
    protocol: Arc<Protocol>,
    /// One permit for each connection that is allowed.
    permits: Arc<Semaphore>,
    connections: u32,
    graceful: GracefulShutdown,
    stopping: Stopping,
}

impl Server {
    /// Serves over TLS if there are certificates.
    pub(crate) fn new(limits: &Limits, certificates: Option<Certificates>) -> Self {
        Self {
            protocol: Arc::new(Protocol::new(limits, certificates)),
            permits: Arc::new(Semaphore::new(limits.connections as usize)),
            connections: limits.connections,
            graceful: GracefulShutdown::new(),
            stopping: Stopping::default(),
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
        B: Body<Data: Send> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut stop = pin!(stop);
        loop {
            let (permit, stream, address) = tokio::select! {
                () = &mut stop => return,
                accepted = self.accept(&listener) => accepted,
            };
            let protocol = Arc::clone(&self.protocol);
            let watcher = self.graceful.watcher();
            let service = PerClient {
                inner: service.clone(),
                client: ClientAddress::new(address),
                stopping: self.stopping.clone(),
            };
            tokio::spawn(async move {
                protocol.serve(stream, address, service, watcher).await;
                drop(permit);
            });
        }
    }

    /// Waits for a permit and the next connection.
    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> (OwnedSemaphorePermit, TcpStream, SocketAddr) {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.expect("nothing closes the semaphore");
        loop {
            match listener.accept().await {
                Ok((stream, address)) => return (permit, stream, address),
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
        self.stopping.begin();
        let last_end = || self.permits.acquire_many(self.connections);
        if timeout(times.grace, last_end()).await.is_ok() {
            return 0;
        }
        let shutdown = self.graceful.shutdown();
        let ended = timeout_at(deadline, async { (shutdown.await, last_end().await) }).await;
        match ended {
            Ok(_) => 0,
            Err(_) => self.connections as usize - self.permits.available_permits(),
        }
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
