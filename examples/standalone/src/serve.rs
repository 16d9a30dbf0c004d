use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use portcullis::session::RedisSessions;
use tokio::net::TcpListener;

use crate::error_chain::chain;
use crate::failure::Failure;
use crate::flags::ServeFlags;
use crate::mount::{Mount, exposed};
use crate::server::{Server, make_room};
use crate::settings::{Environment, SettingError, Settings};
use crate::stderr::say;
use crate::{gateway, stack};

/// How long the end waits for a thread that blocks, as where a name is still being looked up.
const LAST_WAIT: Duration = Duration::from_millis(200);

/// `portcullis` without a subcommand: serves what the settings name.
pub(crate) fn run(flags: &ServeFlags) -> Result<(), Failure> {
    let settings = Settings::resolve(flags, &Environment::of_process())?;
    let runtime = gateway::runtime(settings.workers)?;
    let result = runtime.block_on(serve(settings));
    // What was cut off gets its line when it is dropped.
    runtime.shutdown_timeout(LAST_WAIT);
    result
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let (address, source) = (settings.listen, &settings.listen_source);
    let taken = |error| {
        let problem = format!("cannot listen on {address}: {error}");
        Failure::from(SettingError::wrong(source, problem))
    };
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let signals = gateway::signals()?;

    report(&settings);
    let what = served(&settings.mounts);
    let scheme = settings.scheme();
    for mount in settings.mounts.iter().filter(|it| it.access.is_open()) {
        let path = &mount.path;
        say(format_args!(
            "insecure_no_auth: everyone who reaches the address can read what is below {path}"
        ));
    }
    let connections = settings.limits.connections;
    if let Err(files) = make_room(connections) {
        say(format_args!(
            "the system allows {files} open files, too few for {connections} connections that each \
             may take two: raise its limit, or lower limits.connections"
        ));
    }
    for keys in settings.mounts.iter().flat_map(|mount| mount.keys.clone()) {
        // Whoever comes before they are there waits for them; a failure is told by their observer.
        tokio::spawn(async move { keys.fetch().await });
    }
    let redis = redis(&settings.mounts);
    let log = gateway::access_log(settings.log_format)?;
    let service = stack::gateway(settings.mounts, settings.health, log)
        .map_err(|error| Failure::running(error.to_string()))?;
    let server = Server::new(&settings.limits, settings.certificates);
    say(format_args!("serving {what} on {scheme}://{address}/"));
    try_redis(redis);
    let service = TowerToHyperService::new(service);
    gateway::run(server, listener, signals, &settings.shutdown, service).await
}

/// Says what a person would want to know of the settings who cannot see them.
pub(crate) fn report(settings: &Settings) {
    if settings.sdk_chain {
        say("AWS_ACCESS_KEY_ID is not set: the keys for S3 are those that the SDKs' chain finds");
    }
    if !settings.without_meaning.is_empty() {
        let names = settings.without_meaning.join(", ");
        say(format_args!("without meaning here, and not read: {names}"));
    }
    let people = settings.mounts.iter().filter_map(|it| it.people.as_ref());
    for warning in people.flat_map(|people| &people.warnings) {
        say(warning);
    }
    for (path, mount) in exposed(&settings.mounts) {
        say(format_args!(
            "insecure_no_auth: everyone can read at {path} what {mount} asks a login for"
        ));
    }
}

/// Where mounts keep the sessions of people.
fn redis(mounts: &[Mount]) -> Vec<RedisSessions> {
    let people = mounts.iter().filter_map(|mount| mount.people.as_ref());
    people.filter_map(|people| people.redis.clone()).collect()
}

/// Says which does not answer. Requests with a session are answered by 503 until it does.
fn try_redis(redis: Vec<RedisSessions>) {
    for redis in redis {
        tokio::spawn(async move {
            if let Err(error) = redis.ping().await {
                say(format_args!("nobody can sign in as yet: {}", chain(&error)));
            }
        });
    }
}

fn served(mounts: &[Mount]) -> String {
    let served = mounts.iter().map(|mount| {
        let (name, prefix) = (mount.bucket.name(), mount.bucket.prefix().as_str());
        let bucket = format!("{name}/{prefix}");
        format!("{bucket:?} at {}", mount.path)
    });
    served.collect::<Vec<_>>().join(", ")
}
