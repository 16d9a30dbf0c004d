use std::error::Error;
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
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};

use super::activity::Overdue;
use super::client::PerClient;
use super::limits::Limits;
use super::stalled_writes::StalledWrites;
use super::stream_executor::StreamExecutor;
use crate::error_chain::chain;
use crate::listen::Socket;
use crate::stderr::say_of_client;
use crate::tls::Certificates;

/// Concurrent streams on an HTTP/2 connection. A client that wants more, as uv does, waits for one to
/// end. Each stream that is not read holds its send buffer and the last data from S3: at most 64 KiB.
const MAX_STREAMS: u32 = 32;
/// The largest send buffer of a stream, in bytes.
const MAX_SEND_BUFFER: usize = 32 * 1024;
/// The flow-control window for request bodies, which are never read: the minimum of RFC 9113.
const RECEIVE_WINDOW: u32 = 65_535;

/// How long a connection that must end may take for it.
const LAST_TIME: Duration = Duration::from_secs(5);

/// Serves connections: TLS if there are certificates, then HTTP.
pub(super) struct Protocol {
    builder: Builder<StreamExecutor>,
    certificates: Option<Arc<Certificates>>,
    header_bytes: u32,
    header_time: Duration,
    idle_time: Duration,
}

impl Protocol {
    pub(super) fn new(limits: &Limits, certificates: Option<Certificates>) -> Self {
        let mut builder = Builder::new(StreamExecutor::new(limits.idle_time));
        builder
            .http1()
            .timer(TokioTimer::new())
            // hyper's would end the wait between two requests too. `Activity::overdue` tells them apart.
            .header_read_timeout(None)
            .max_buf_size(limits.header_bytes as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(limits.header_bytes)
            .max_concurrent_streams(MAX_STREAMS)
            .max_send_buf_size(MAX_SEND_BUFFER)
            .initial_stream_window_size(RECEIVE_WINDOW)
            .initial_connection_window_size(RECEIVE_WINDOW);
        Self {
            builder,
            certificates: certificates.map(Arc::new),
            header_bytes: limits.header_bytes,
            header_time: limits.header_time,
            idle_time: limits.idle_time,
        }
    }

    /// When the first head of a connection that begins now must have come, and what precedes it.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.header_time
    }

    /// Serves one connection to its end. The TLS handshake must end by the deadline.
    pub(super) async fn serve<S, B>(
        &self,
        stream: Socket,
        client: SocketAddr,
        deadline: Instant,
        service: PerClient<S>,
    ) where
        S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        stream.send_at_once();
        let activity = Arc::clone(&service.activity);
        let stream = StalledWrites::new(stream, self.idle_time, activity);
        let Some(certificates) = &self.certificates else {
            return self.serve_http(stream, client, service).await;
        };
        match timeout_at(deadline, certificates.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => self.serve_http(stream, client, service).await,
            // A client that disconnects, as port probes do, has not been refused.
            Ok(Err(error)) if error.kind() != io::ErrorKind::InvalidData => {}
            Ok(Err(error)) => {
                say_of_client(format_args!("TLS handshake with {client} failed: {error}"));
            }
            Err(_) => say_of_client(format_args!(
                "TLS handshake with {client} failed: it took too long"
            )),
        }
    }

    async fn serve_http<T, S, B>(&self, stream: T, client: SocketAddr, service: PerClient<S>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (activity, stopping) = (Arc::clone(&service.activity), service.stopping.clone());
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = stopping.closing() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            overdue = activity.overdue(self.header_time, self.idle_time) => {
                // A client of HTTP/2 learns from this which of its requests will not be answered.
                connection.as_mut().graceful_shutdown();
                let last_time = match overdue {
                    Overdue::Head => Duration::ZERO,
                    Overdue::Request => LAST_TIME,
                };
                match timeout(last_time, connection).await {
                    Ok(ended) => ended,
                    Err(_) => return,
                }
            }
        };
        // Requests that reach the stack have their own log lines, even if their connections fail. A
        // request that cannot be parsed never reaches it.
        if let Err(error) = ended
            && let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_parse()
        {
            let problem = chain(error);
            if error.is_parse_too_large() {
                let most = self.header_bytes;
                return say_of_client(format_args!(
                    "refused a request of {client}: its head is longer than {most} bytes, the value of \
                     limits.header_bytes or HEADER_BYTES: {problem}"
                ));
            }
            say_of_client(format_args!(
                "refused a request of {client} that cannot be parsed: {problem}"
            ));
        }
    }
}
