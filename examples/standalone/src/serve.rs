use std::future::pending;
use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use portcullis::session::RedisSessions;

use crate::access_log::LogFormat;
use crate::error_chain::chain;
use crate::failure::Failure;
use crate::gateway;
use crate::given::Environment;
use crate::listen::{Address, Inherited, Listener};
use crate::metrics::Metrics;
use crate::mount::{Mount, exposed, refuse_clusters};
use crate::server::{Proxies, Server, make_room};
use crate::settings::{ServeFlags, Settings};
use crate::stack::{Gateway, Plan};
use crate::stderr::{say, set_json, set_queue_bytes};
use crate::trial::Trial;

/// How long to wait at the end for threads that block, such as for the lookup of a name.
const LAST_WAIT: Duration = Duration::from_millis(200);

/// `portcullis` without a subcommand: serves the mounts.
pub(crate) fn run(flags: ServeFlags) -> Result<(), Failure> {
    let settings = Settings::resolve(flags, &Environment::of_process())?;
    if settings.log_format == LogFormat::Json {
        set_json();
    }
    let inherited = Inherited::of_process();
    let runtime = gateway::runtime(settings.workers)?;
    let result = runtime.block_on(serve(settings, inherited));
    // A request that was cut off is logged when it is dropped.
    runtime.shutdown_timeout(LAST_WAIT);
    result
}

async fn serve(settings: Settings, inherited: Inherited) -> Result<(), Failure> {
    let source = &settings.listen_source;
    let listener = match &settings.listen {
        Address::Systemd => inherited.listener(source)?,
        address => Listener::open(address, source).await?,
    };
    let admin = match &settings.admin {
        Some((address, source)) => Some(Listener::open(address, source).await?),
        None => None,
    };
    let signals = gateway::signals()?;

    report(&settings);
    let what = served(&settings.mounts);
    let url = listener.url(settings.scheme());
    warn_of_open(&settings.mounts);
    reserve_files(&settings);
    let gates = settings.mounts.iter().map(|mount| &mount.gates.read);
    for keys in gates.flat_map(|gate| gate.keys.clone()) {
        // Earlier requests wait for them. Their observer logs a failure.
        tokio::spawn(async move { keys.fetch().await });
    }
    refuse_clusters(&settings.mounts).await?;
    let redis = redis(&settings.mounts);
    set_queue_bytes(settings.log_queue);
    let log = gateway::access_log(settings.log_format, settings.log_requests)?;
    let proxies = settings.proxies;
    let plan = Plan {
        mounts: settings.mounts,
        health: settings.health,
        has_admin: admin.is_some(),
        limits: settings.request_limits,
        proxies: proxies.trusted.clone(),
    };
    let metrics = admin.is_some().then(Metrics::install).transpose();
    let metrics = metrics.map_err(|problem| Failure::running(format!("metrics: {problem}")))?;
    let services = Gateway::open(plan);
    let mut services = services.map_err(|error| Failure::running(error.to_string()))?;
    let server = Server::new(&settings.limits, proxies, settings.certificates);
    say(format_args!("serving {what} on {url}"));
    let mut requests_log = log.clone();
    if let (Some(listener), Some(metrics)) = (admin, &metrics) {
        let server = Server::new(&settings.limits.of_admin(), Proxies::default(), None);
        let service = TowerToHyperService::new(services.admin(log, metrics));
        requests_log = requests_log.counted();
        say(format_args!(
            "health checks and metrics on {}",
            listener.url("http")
        ));
        // It answers until the program ends.
        tokio::spawn(async move { server.serve_until(pending(), listener, service).await });
    }
    try_redis(redis);
    try_stores(services.trials());
    let service = TowerToHyperService::new(services.service(requests_log));
    gateway::run(server, listener, signals, &settings.shutdown, service).await
}

/// Logs each mount without a gate.
fn warn_of_open(mounts: &[Mount]) {
    let is_open = |mount: &&Mount| mount.gates.read.access.is_open();
    for mount in mounts.iter().filter(is_open) {
        let path = &mount.path;
        say(format_args!(
            "insecure_no_auth: everyone who can reach the address can read {path}"
        ));
    }
}

/// Raises the limit of open files, and logs if the system does not allow enough.
fn reserve_files(settings: &Settings) {
    let connections = settings.limits.connections;
    let exchanges = settings.request_limits.exchanges;
    if let Err(files) = make_room(u64::from(connections) + u64::from(exchanges)) {
        say(format_args!(
            "the system allows {files} open files, too few for {connections} connections and \
             {exchanges} exchanges with S3: raise the limit of open files, or lower limits.connections \
             and limits.exchanges"
        ));
    }
}

/// Logs what an operator should know about the settings.
pub(crate) fn report(settings: &Settings) {
    if settings.sdk_chain {
        say(
            "AWS_ACCESS_KEY_ID is not set: the keys for S3 come from the default AWS credential chain",
        );
    }
    if !settings.without_meaning.is_empty() {
        let names = settings.without_meaning.join(", ");
        say(format_args!(
            "ignored, because portcullis does not use them: {names}"
        ));
    }
    for warning in &settings.warnings {
        say(warning);
    }
    for exposure in exposed(&settings.mounts) {
        say(exposure);
    }
}

/// The stores of sessions.
fn redis(mounts: &[Mount]) -> Vec<RedisSessions> {
    let people = mounts.iter().filter_map(|mount| mount.people.as_ref());
    people.filter_map(|people| people.redis.clone()).collect()
}

/// Logs each that does not answer. Requests with a session get 503 until it does.
fn try_redis(redis: Vec<RedisSessions>) {
    for redis in redis {
        tokio::spawn(async move {
            if let Err(error) = redis.ping().await {
                say(format_args!(
                    "Redis does not answer, so nobody can sign in yet: {}",
                    chain(&error)
                ));
            }
        });
    }
}

/// Logs each that cannot be served from. Requests get 502 or 503 until it can.
fn try_stores(trials: Vec<Trial>) {
    for trial in trials {
        tokio::spawn(async move {
            if let Err(problem) = trial.run().await {
                say(problem);
            }
        });
    }
}

fn served(mounts: &[Mount]) -> String {
    let served = mounts.iter().map(|mount| {
        let what = mount.leaf.describe().what;
        format!("{what:?} at {}", mount.path)
    });
    served.collect::<Vec<_>>().join(", ")
}
