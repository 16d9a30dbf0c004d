use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;
use portcullis::SystemClock;
use tokio::runtime::{Builder, Runtime};

use crate::access_log::{AccessLogLayer, LogFormat, LogRequests, RequestIds};
use crate::failure::Failure;
use crate::listen::Listener;
use crate::server::{Server, ShutdownTimes};
use crate::signals::Signals;
use crate::stderr::{say, write_line};

/// Serves until a signal, then finishes open requests, at most until the deadline. SIGINT then stops at once.
pub(crate) async fn run<S, B>(
    server: Server,
    listener: Listener,
    mut signals: Signals,
    times: &ShutdownTimes,
    service: S,
) -> Result<(), Failure>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    server.serve_until(signals.next(), listener, service).await;
    let deadline = times.deadline.as_secs();
    say(format_args!(
        "stopping after the running requests, at most {deadline}s; SIGINT (Ctrl-C) stops at once"
    ));
    tokio::select! {
        left = server.drain(times) => {
            if left > 0 {
                say(format_args!("stopped at the deadline; open connections: {left}"));
            }
            Ok(())
        }
        () = signals.interrupt() => Err(Failure::running("stopped before the running requests ended")),
    }
}

/// The access log, which is written to stderr.
pub(crate) fn access_log(
    format: LogFormat,
    requests: LogRequests,
) -> Result<AccessLogLayer, Failure> {
    let mut process = [0; 8];
    getrandom::fill(&mut process)
        .map_err(|error| Failure::running(format!("cannot make request ids: {error}")))?;
    let ids = RequestIds::new(process);
    Ok(AccessLogLayer::new(
        format,
        requests,
        SystemClock::default(),
        ids,
        Arc::new(write_line),
    ))
}

/// The runtime, by default with one thread for each processor.
pub(crate) fn runtime(workers: Option<NonZeroUsize>) -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers.get());
    }
    let runtime = builder.enable_all().build();
    runtime.map_err(|error| Failure::running(format!("cannot start the threads: {error}")))
}

/// Starts to listen for signals.
pub(crate) fn signals() -> Result<Signals, Failure> {
    let signals = Signals::listen();
    signals.map_err(|error| Failure::running(format!("cannot listen for signals: {error}")))
}
