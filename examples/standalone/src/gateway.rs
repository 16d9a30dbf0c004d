use std::num::NonZeroUsize;
use std::sync::Arc;

use hyper_util::service::TowerToHyperService;
use portcullis::basic_auth::BasicAuthLayer;
use portcullis::s3::BucketClient;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower::layer::util::Identity;

use crate::access_log::Log;
use crate::failure::Failure;
use crate::server::serve_until;
use crate::signals::Signals;
use crate::stack::stack;
use crate::stderr::{say, write_line};

/// Serves the bucket until a signal, and then the requests that are running. A second signal ends
/// these as well, since a client that does not read can hold a request for ever.
pub(crate) async fn run(
    listener: TcpListener,
    mut signals: Signals,
    gate: Option<BasicAuthLayer>,
    bucket: BucketClient,
) -> Result<(), Failure> {
    let log: Log = Arc::new(write_line);
    let connections = if let Some(gate) = gate {
        let stack = TowerToHyperService::new(stack(gate, bucket, log));
        serve_until(signals.next(), listener, stack).await
    } else {
        let stack = TowerToHyperService::new(stack(Identity::new(), bucket, log));
        serve_until(signals.next(), listener, stack).await
    };
    say("stopping when the running requests have ended; another signal stops at once");
    tokio::select! {
        () = connections.shutdown() => Ok(()),
        () = signals.next() => Err(Failure::running("stopped before the running requests had ended")),
    }
}

/// The threads that all of it runs on, by default one for each processor.
pub(crate) fn runtime(workers: Option<NonZeroUsize>) -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers.get());
    }
    let runtime = builder.enable_all().build();
    runtime.map_err(|error| Failure::running(format!("cannot start the threads: {error}")))
}

/// Takes over the signals.
pub(crate) fn signals() -> Result<Signals, Failure> {
    let signals = Signals::listen();
    signals.map_err(|error| Failure::running(format!("cannot listen for signals: {error}")))
}
