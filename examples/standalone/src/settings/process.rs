use std::net::Ipv4Addr;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use portcullis::client_address::TrustedProxies;
use portcullis::htpasswd::CheckPool;
use portcullis::path::RequestPath;

use super::document;
use crate::access_log::{LogFormat, LogRequests};
use crate::given::{Given, SettingError, Source, choice};
use crate::listen::Address;
use crate::metrics;
use crate::mount::MountDocument;
use crate::server::{HEADER_BYTES, Limits, Proxies, ShutdownTimes};
use crate::stack::{HealthPaths, RequestLimits};
use crate::stderr::QUEUE_BYTES;
use crate::tls::{Certificates, TlsFiles};

/// From a few hundred lines of the longest kind to more than anybody would read.
const QUEUES: RangeInclusive<u32> = 65_536..=1_073_741_824;

/// More threads than any machine needs, and few enough that all of them start.
const MAX_WORKERS: usize = 1024;

pub(super) fn listen(
    listen: Option<&Given>,
    port: Option<&Given>,
) -> Result<(Address, Source), SettingError> {
    if let Some(given) = listen {
        return Ok((Address::of(given)?, given.source.clone()));
    }
    if let Some(given) = port {
        return Ok((Address::of_port(given)?, given.source.clone()));
    }
    let address = Address::Ip((Ipv4Addr::LOCALHOST, 8080).into());
    Ok((address, Source::Default("--listen")))
}

pub(super) fn workers(given: &Given) -> Result<NonZeroUsize, SettingError> {
    let number = given.value.parse().ok();
    number
        .filter(|number: &NonZeroUsize| number.get() <= MAX_WORKERS)
        .ok_or_else(|| {
            let value = &given.value;
            given.wrong(format!("{value:?} is not a number from 1 to {MAX_WORKERS}"))
        })
}

/// The proxies in front of the program.
pub(super) fn proxies(document: &document::Document) -> Result<Proxies, SettingError> {
    Ok(Proxies {
        trusted: networks(document.trusted_proxies.as_ref())?,
        proxy_protocol: networks(document.proxy_protocol.as_ref())?,
    })
}

fn networks(given: Option<&Given<Vec<String>>>) -> Result<Option<TrustedProxies>, SettingError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let proxies = TrustedProxies::new(&given.value);
    proxies
        .map(Some)
        .map_err(|error| given.wrong(error.problem()))
}

/// The certificate and its key, read once to check them.
pub(super) fn certificates(tls: &document::Tls) -> Result<Option<Certificates>, SettingError> {
    let (certfile, keyfile) = match (&tls.certfile, &tls.keyfile) {
        (None, None) => return Ok(None),
        (Some(certfile), Some(keyfile)) => (certfile, keyfile),
        (Some(certfile), None) => return Err(certfile.wrong("needs a keyfile")),
        (None, Some(keyfile)) => return Err(keyfile.wrong("needs a certfile")),
    };
    let files = TlsFiles {
        certificates: certfile.value.as_str().into(),
        key: keyfile.value.as_str().into(),
    };
    let loaded = Certificates::load(files);
    loaded.map(Some).map_err(|problem| certfile.wrong(problem))
}

pub(super) fn log_format(log: &document::Log) -> Result<LogFormat, SettingError> {
    let formats = [LogFormat::Text, LogFormat::Json];
    choice(log.format.as_ref(), ["text", "json"], formats)
}

pub(super) fn log_requests(log: &document::Log) -> Result<LogRequests, SettingError> {
    let which = [LogRequests::All, LogRequests::Errors, LogRequests::Off];
    choice(log.requests.as_ref(), ["all", "errors", "off"], which)
}

/// The bytes that lines of the log may take while they wait.
pub(super) fn log_queue(log: &document::Log) -> Result<u32, SettingError> {
    let given = log.queue_bytes.as_ref();
    given.map_or(Ok(QUEUE_BYTES), |given| given.number(QUEUES))
}

pub(super) fn limits(draft: &document::Limits) -> Result<Limits, SettingError> {
    let mut limits = Limits::default();
    if let Some(given) = &draft.header_bytes {
        limits.header_bytes = given.number(HEADER_BYTES)?;
    }
    if let Some(given) = &draft.header_seconds {
        limits.header_time = given.seconds()?;
    }
    if let Some(given) = &draft.idle_seconds {
        limits.idle_time = given.seconds()?;
    }
    if let Some(given) = &draft.connections {
        limits.connections = given.number(1..=100_000)?;
    }
    if let Some(given) = &draft.connections_per_network {
        limits.connections_per_network = given.number(1..=100_000)?;
    }
    Ok(limits)
}

/// The address for health checks and metrics.
pub(super) fn admin(
    draft: &document::Admin,
    health: &document::Health,
) -> Result<Option<(Address, Source)>, SettingError> {
    let Some(given) = &draft.listen else {
        return Ok(None);
    };
    for path in [&health.live, &health.ready].into_iter().flatten() {
        if path.value == metrics::PATH {
            return Err(path.wrong("is the path of the metrics, which admin.listen serves"));
        }
    }
    let address = Address::of(given)?;
    if address == Address::Systemd {
        return Err(given.wrong("only the listen at the top can be a socket of systemd"));
    }
    Ok(Some((address, given.source.clone())))
}

/// The limits on requests.
pub(super) fn request_limits(draft: &document::Limits) -> Result<RequestLimits, SettingError> {
    let mut limits = RequestLimits::default();
    for (given, limit) in [
        (&draft.requests, &mut limits.requests),
        (
            &draft.requests_per_network,
            &mut limits.requests_per_network,
        ),
        (
            &draft.requests_per_identity,
            &mut limits.requests_per_identity,
        ),
        (&draft.exchanges, &mut limits.exchanges),
    ] {
        if let Some(given) = given {
            *limit = given.number(1..=1_000_000)?;
        }
    }
    if let Some(given) = &draft.waiting_requests {
        limits.waiting_requests = given.number(0..=1_000_000)?;
    }
    if let Some(given) = &draft.wait_seconds {
        limits.longest_wait = given.seconds()?;
    }
    Ok(limits)
}

/// The threads that check passwords.
pub(super) fn check_pool(draft: &document::Limits) -> Result<CheckPool, SettingError> {
    let Some(given) = &draft.password_checks else {
        return Ok(CheckPool::default());
    };
    let threads = given.number(1..=1024)?;
    CheckPool::new(threads as usize).map_err(|error| given.wrong(error))
}

pub(super) fn shutdown(draft: &document::Shutdown) -> Result<ShutdownTimes, SettingError> {
    let ShutdownTimes {
        mut grace,
        mut deadline,
    } = ShutdownTimes::default();
    if let Some(given) = &draft.grace_seconds {
        grace = given.seconds()?;
    }
    if let Some(given) = &draft.deadline_seconds {
        deadline = given.seconds()?;
    }
    let given = draft
        .deadline_seconds
        .as_ref()
        .or(draft.grace_seconds.as_ref());
    match given {
        Some(given) if deadline < grace => {
            let (deadline, grace) = (deadline.as_secs(), grace.as_secs());
            Err(given.wrong(format_args!(
                "the deadline, {deadline}s, must not be shorter than the grace period, {grace}s"
            )))
        }
        _ => Ok(ShutdownTimes { grace, deadline }),
    }
}

pub(super) fn health(
    health: &document::Health,
    mounts: &[Given<MountDocument>],
) -> Result<HealthPaths, SettingError> {
    let path = |given: &Given| {
        let path = RequestPath::parse(&given.value).map_err(|error| given.wrong(error))?;
        Ok(path.as_str().to_owned())
    };
    let (live, ready) = (health.live.as_ref(), health.ready.as_ref());
    let paths = HealthPaths {
        live: live.map(path).transpose()?,
        ready: ready.map(path).transpose()?,
    };
    let Some(given) = ready else {
        return Ok(paths);
    };
    if paths.live == paths.ready {
        return Err(given.wrong("is also the path of health.live"));
    }
    let mut leaves = mounts.iter().flat_map(|mount| mount.value.leaves());
    if leaves.all(|leaf| leaf.health_key().is_none()) {
        return Err(given.wrong("needs health_key in the [mounts.s3] of a mount"));
    }
    Ok(paths)
}
