//! The metrics of the process, as Prometheus reads them.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::interval;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::endpoint::{Endpoint, text};

/// The path at the admin address.
pub(crate) const PATH: &str = "/metrics";
/// The version of Prometheus' text format that the exporter writes.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");
/// The upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0,
];
/// How often what was recorded is summed up. Without it, memory would grow while nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);

/// Keeps what the process counts from now on.
#[derive(Clone)]
pub(crate) struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Begins to keep, and sums up as long as the runtime lives.
    ///
    /// # Errors
    ///
    /// Returns what the exporter reports, such as that another recorder was installed before.
    pub(crate) fn install() -> Result<Self, String> {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let handle = builder.and_then(PrometheusBuilder::install_recorder);
        let handle = handle.map_err(|error| error.to_string())?;
        portcullis::metrics::describe();
        let kept = handle.clone();
        tokio::spawn(async move {
            let mut turns = interval(UPKEEP);
            loop {
                turns.tick().await;
                kept.run_upkeep();
            }
        });
        Ok(Self { handle })
    }

    /// Answers with everything that was counted.
    pub(crate) fn endpoint<B: Send + 'static>(&self) -> Endpoint<B> {
        let handle = self.handle.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request<B>| {
            let mut answer = text(request.method(), handle.render());
            answer.headers_mut().insert(CONTENT_TYPE, TEXT_FORMAT);
            async move { Ok(answer) }
        }))
    }
}
