use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use crate::error_chain::chain;
use crate::stderr::say;

/// Longest wait for the head of a request, and so for the next one on an open connection.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper's buffers grow with the speed of the connection, to 400 KiB. This bounds them; the head of
/// a request has to fit.
const MAX_BUFFER: usize = 64 * 1024;
/// Wait before the next try where no connection can be accepted, as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves connections until `stop`; then the listener is closed, and the connections that are open
/// come back to be waited for.
pub(crate) async fn serve_until<S, B>(
    stop: impl Future<Output = ()>,
    listener: TcpListener,
    service: S,
) -> GracefulShutdown
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data: Send> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(MAX_BUFFER);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => return connections,
            stream = accept(&listener) => stream,
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service.clone());
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // The requests that the stack sees have their own lines, however their connections end. What
            // is not a request is answered before that.
            if let Err(error) = connection.await
                && error.is_parse()
            {
                say(format_args!(
                    "refused what is not a request: {}",
                    chain(&error)
                ));
            }
        });
    }
}

/// The next connection, however long that takes.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it the end of a short answer may wait for the client's acknowledgement.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                say(format_args!("cannot accept a connection: {error}"));
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether only the connection that was to be accepted is concerned, so that the next may be well.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
