use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;

use portcullis::client_address::TrustedProxies;

use super::credentials::{are_of_sdk_chain, credentials};
use super::document::{Document, ServeFlags};
use super::{foreign, process};
use crate::access_log::LogFormat;
use crate::given::{
    self, Document as _, Environment, Finder, Given, Problems, SettingError, Source, asked,
};
use crate::mount::{self, Flags, Judge, Mount, refuse_overlaps};
use crate::server::{Limits, ShutdownTimes};
use crate::stack::{HealthPaths, RequestLimits};
use crate::tls::Certificates;

/// The settings of the program, after they were judged.
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    /// The setting of the address, for the error if it is taken.
    pub(crate) listen_source: Source,
    pub(crate) workers: Option<NonZeroUsize>,
    /// The proxies that report the addresses of clients.
    pub(crate) trusted_proxies: Option<TrustedProxies>,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) log_format: LogFormat,
    pub(crate) limits: Limits,
    pub(crate) request_limits: RequestLimits,
    /// The address for health checks, and its setting.
    pub(crate) admin: Option<(SocketAddr, Source)>,
    pub(crate) shutdown: ShutdownTimes,
    pub(crate) health: HealthPaths,
    pub(crate) mounts: Vec<Mount>,
    /// Whether the keys come from the default AWS credential chain.
    pub(crate) sdk_chain: bool,
    /// Variables of other proxies that are set and not used.
    pub(crate) without_meaning: Vec<&'static str>,
}

impl Settings {
    /// Combines and judges the settings, and reads the files that they name.
    pub(crate) fn resolve(flags: ServeFlags, environment: &Environment) -> Result<Self, Problems> {
        let mut finder = Finder::new(environment);
        let region = region(&mut finder);
        let (document, port) = document(flags, finder)?;
        judge(&document, port.as_ref(), region.as_ref(), environment)
    }

    /// The scheme of the URLs that are served.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.certificates.is_some() {
            "https"
        } else {
            "http"
        }
    }
}

/// The region by default. AWS's SDKs read both variables, and the first one wins.
fn region(finder: &mut Finder<'_>) -> Option<Given> {
    let region = finder.variable("AWS_DEFAULT_REGION");
    region.or_else(|| finder.variable("AWS_REGION"))
}

/// The settings of a file, or of flags and variables, and `PORT`, unless a flag overrides it. A file overrides
/// `TRUSTED_PROXIES`.
fn document(
    flags: ServeFlags,
    mut finder: Finder<'_>,
) -> Result<(Document, Option<Given>), Problems> {
    let ServeFlags {
        mut config,
        mount,
        mut process,
    } = flags;
    finder.fill(&mut config, "PORTCULLIS_CONFIG");
    let port = match process.listen {
        Some(_) => None,
        None => finder.variable("PORT"),
    };
    let proxies = finder.list("TRUSTED_PROXIES");
    let Some(config) = config else {
        process.trusted_proxies = proxies;
        process.mounts = vec![Given {
            value: mount.mount(&mut finder),
            source: Source::Default("mounts"),
        }];
        return finder.problems.none_or((process, port));
    };
    refuse_mount(mount, &config.source, &mut finder);
    finder.problems.none_or(())?;
    let mut document = process.or(file(&config)?);
    document.trusted_proxies = document.trusted_proxies.or(proxies);
    Ok((document, port))
}

/// Refuses flags and variables of a mount beside a file, which has mounts of its own.
fn refuse_mount(flags: Flags, config: &Source, finder: &mut Finder<'_>) {
    let variables = variables_of_mount().into_iter();
    let variables = variables.filter(|name| finder.environment.has(name));
    let variables: Vec<_> = variables.map(Source::Environment).collect();
    for source in flags.given().iter().chain(&variables) {
        let contradiction = SettingError::contradiction(source, config);
        finder.problems.add(contradiction);
    }
}

/// The variables that make a mount by themselves.
pub(super) fn variables_of_mount() -> Vec<&'static str> {
    asked(|finder| Flags::default().mount(finder))
}

fn file(config: &Given) -> Result<Document, SettingError> {
    let path = Path::new(&config.value);
    let text = fs::read_to_string(path)
        .map_err(|error| config.wrong(format_args!("{}: {error}", path.display())))?;
    let document: Document = given::parse(path, &text)?;
    if document.mounts.is_empty() {
        let path = path.display();
        return Err(SettingError::missing(format!(
            "{path}: has no [[mounts]]: `portcullis config example` prints one"
        )));
    }
    Ok(document)
}

/// Judges the settings.
fn judge(
    document: &Document,
    port: Option<&Given>,
    region: Option<&Given>,
    environment: &Environment,
) -> Result<Settings, Problems> {
    let mut problems = Problems::default();
    let listen = problems.take(process::listen(document.listen.as_ref(), port));
    let workers = document.workers.as_ref().map(process::workers).transpose();
    let workers = problems.take(workers);
    let trusted_proxies = process::trusted_proxies(document.trusted_proxies.as_ref());
    let trusted_proxies = problems.take(trusted_proxies);
    let certificates = problems.take(process::certificates(&document.tls));
    let log_format = problems.take(process::log_format(&document.log));
    let limits = problems.take(process::limits(&document.limits));
    let request_limits = problems.take(process::request_limits(&document.limits));
    let admin = problems.take(process::admin(&document.admin, &document.health));
    let check_pool = problems.take(process::check_pool(&document.limits));
    let shutdown = problems.take(process::shutdown(&document.shutdown));
    let health = problems.take(process::health(&document.health, &document.mounts));
    let exact = [&document.health.live, &document.health.ready];
    let exact: Vec<_> = exact.into_iter().flatten().collect();
    refuse_overlaps(&document.mounts, &exact, &mut problems);
    let credentials = credentials(environment);
    let judge = Judge {
        environment,
        credentials: &credentials,
        region,
        trusted_proxies: trusted_proxies.as_ref(),
        check_pool: &check_pool.unwrap_or_default(),
    };
    let mounts = document.mounts.iter();
    let mounts: Vec<_> = mounts
        .map(|it| mount::judge(it, &judge, &mut problems))
        .collect();
    problems.take(credentials);
    let mounts = mounts.into_iter().collect::<Option<Vec<_>>>();
    let given = (listen, workers, certificates, log_format, limits);
    let given = (given, (request_limits, admin, shutdown, health, mounts));
    let (
        (Some(listen), Some(workers), Some(certificates), Some(log_format), Some(limits)),
        (Some(request_limits), Some(admin), Some(shutdown), Some(health), Some(mounts)),
    ) = given
    else {
        return Err(problems);
    };
    let Some(trusted_proxies) = trusted_proxies else {
        return Err(problems);
    };
    let (listen, listen_source) = listen;
    problems.none_or(Settings {
        listen,
        listen_source,
        workers,
        trusted_proxies,
        certificates,
        log_format,
        limits,
        request_limits,
        admin,
        shutdown,
        health,
        mounts,
        sdk_chain: are_of_sdk_chain(environment),
        without_meaning: foreign::without_meaning(environment, &document.mounts),
    })
}
