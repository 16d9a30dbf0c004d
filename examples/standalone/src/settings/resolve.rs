use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use portcullis::client_address::TrustedProxies;

use super::credentials::{are_of_sdk_chain, credentials};
use super::document::{Document, Limits, ServeFlags};
use super::writable::warn_of_writable;
use super::{foreign, process};
use crate::access_log::{LogFormat, LogRequests};
use crate::given::{
    self, Document as _, Environment, Finder, Given, Problems, SettingError, Source, asked,
};
use crate::listen::Address;
use crate::mount::{self, Flags, Judge, Mount, MountDocument, refuse_overlaps};
use crate::server::{self, Proxies, ShutdownTimes};
use crate::stack::{HealthPaths, RequestLimits};
use crate::tls::Certificates;

/// The settings of the program, after they were judged.
pub(crate) struct Settings {
    pub(crate) listen: Address,
    /// The setting of the address, for the error if it is taken.
    pub(crate) listen_source: Source,
    pub(crate) workers: Option<NonZeroUsize>,
    /// The proxies that report the addresses of clients.
    pub(crate) proxies: Proxies,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) log_format: LogFormat,
    pub(crate) log_requests: LogRequests,
    /// The bytes that lines of the log may take while they wait.
    pub(crate) log_queue: u32,
    pub(crate) limits: server::Limits,
    pub(crate) request_limits: RequestLimits,
    /// The address for health checks, and its setting.
    pub(crate) admin: Option<(Address, Source)>,
    pub(crate) shutdown: ShutdownTimes,
    pub(crate) health: HealthPaths,
    pub(crate) mounts: Vec<Mount>,
    /// Settings that are less safe than they could be.
    pub(crate) warnings: Vec<String>,
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
        let ca_bundle = finder.variable("AWS_CA_BUNDLE");
        let defaults = [region.as_ref(), ca_bundle.as_ref()];
        let found = document(flags, finder);
        let judged = found.and_then(|found| judge(&found, defaults, environment));
        // Where nothing else is set, these lines say most.
        let replaced = foreign::replaced(environment);
        match judged {
            Ok(mut settings) => {
                settings.warnings.extend(replaced);
                Ok(settings)
            }
            Err(mut problems) => {
                problems.warnings.extend(replaced);
                Err(problems)
            }
        }
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

/// What flags, variables and a file say together.
struct Found {
    document: Document,
    /// `PORT`, unless a flag overrides it.
    port: Option<Given>,
    /// The file.
    config: Option<Given>,
    /// The files of secrets that variables name.
    secrets: Vec<Given>,
}

/// Reads the file, or the flags and variables of one mount. A file overrides [`variables`].
fn document(flags: ServeFlags, mut finder: Finder<'_>) -> Result<Found, Problems> {
    let ServeFlags {
        mut config,
        mount,
        process,
    } = flags;
    finder.fill(&mut config, "PORTCULLIS_CONFIG");
    let port = match process.listen {
        Some(_) => None,
        None => finder.variable("PORT"),
    };
    let variables = variables(&mut finder);
    let Some(config) = config else {
        let mut process = process.or(variables);
        process.mounts = vec![Given {
            value: mount.mount(&mut finder),
            source: Source::Default("mounts"),
        }];
        let secrets = finder.files;
        return finder.problems.none_or(Found {
            document: process,
            port,
            config: None,
            secrets,
        });
    };
    refuse_mount(mount, &config.source, &mut finder);
    finder.problems.none_or(())?;
    let document = process.or(file(&config)?).or(variables);
    Ok(Found {
        document,
        port,
        config: Some(config),
        secrets: Vec::new(),
    })
}

/// The settings of the process that containers need without a file.
fn variables(finder: &mut Finder<'_>) -> Document {
    Document {
        trusted_proxies: finder.list("TRUSTED_PROXIES"),
        proxy_protocol: finder.list("PROXY_PROTOCOL"),
        limits: Limits {
            header_bytes: finder.number("HEADER_BYTES"),
            idle_seconds: finder.number("IDLE_SECONDS"),
            ..Limits::default()
        },
        ..Document::default()
    }
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

fn file(config: &Given) -> Result<Document, Problems> {
    let path = Path::new(&config.value);
    let text = fs::read_to_string(path)
        .map_err(|error| config.wrong(format_args!("{}: {error}", path.display())))?;
    let document: Document = given::parse(path, &text)?;
    if document.mounts.is_empty() {
        let path = path.display();
        let problem = format!("{path}: has no [[mounts]]: `portcullis config example` prints one");
        return Err(SettingError::missing(problem).into());
    }
    Ok(document)
}

/// Judges the settings.
fn judge(
    found: &Found,
    defaults: [Option<&Given>; 2],
    environment: &Environment,
) -> Result<Settings, Problems> {
    let Found { document, port, .. } = found;
    let mut problems = Problems::default();
    let listen = problems.take(process::listen(document.listen.as_ref(), port.as_ref()));
    let workers = document.workers.as_ref().map(process::workers).transpose();
    let workers = problems.take(workers);
    let proxies = problems.take(process::proxies(document));
    let certificates = problems.take(process::certificates(&document.tls));
    let log_format = problems.take(process::log_format(&document.log));
    let log_requests = problems.take(process::log_requests(&document.log));
    let log_queue = problems.take(process::log_queue(&document.log));
    let limits = problems.take(process::limits(&document.limits));
    let request_limits = problems.take(process::request_limits(&document.limits));
    let admin = problems.take(process::admin(&document.admin, &document.health));
    let shutdown = problems.take(process::shutdown(&document.shutdown));
    let health = problems.take(process::health(&document.health, &document.mounts));
    let trusted = proxies.as_ref().map(|it| &it.trusted);
    let mounts = mounts(found, defaults, trusted, environment, &mut problems);
    let log = log_format.zip(log_requests);
    let given = (listen, workers, certificates, log, limits);
    let given = (given, (request_limits, admin, shutdown, health, mounts));
    let (
        (Some(listen), Some(workers), Some(certificates), Some(log), Some(limits)),
        (Some(request_limits), Some(admin), Some(shutdown), Some(health), Some(mounts)),
    ) = given
    else {
        return Err(problems);
    };
    let (Some(proxies), Some(log_queue)) = (proxies, log_queue) else {
        return Err(problems);
    };
    let (listen, listen_source) = listen;
    let warnings = problems.warnings.clone();
    problems.none_or(Settings {
        listen,
        listen_source,
        workers,
        proxies,
        certificates,
        log_format: log.0,
        log_requests: log.1,
        log_queue,
        limits,
        request_limits,
        admin,
        shutdown,
        health,
        mounts,
        warnings,
        sdk_chain: are_of_sdk_chain(environment) && uses_keys_of_process(&document.mounts),
        without_meaning: foreign::without_meaning(environment, &document.mounts),
    })
}

fn uses_keys_of_process(mounts: &[Given<MountDocument>]) -> bool {
    let mut leaves = mounts.iter().flat_map(|mount| mount.value.leaves());
    leaves.any(|leaf| !leaf.has_keys())
}

/// Judges the mounts, and warns of files that others may change.
fn mounts(
    found: &Found,
    [region, ca_bundle]: [Option<&Given>; 2],
    trusted_proxies: Option<&Option<TrustedProxies>>,
    environment: &Environment,
    problems: &mut Problems,
) -> Option<Vec<Mount>> {
    let document = &found.document;
    let exact = [&document.health.live, &document.health.ready];
    let exact: Vec<_> = exact.into_iter().flatten().collect();
    refuse_overlaps(&document.mounts, &exact, problems);
    let credentials = credentials(environment);
    let check_pool = problems.take(process::check_pool(&document.limits));
    let judge = Judge {
        environment,
        credentials: &credentials,
        region,
        ca_bundle,
        trusted_proxies,
        check_pool: &check_pool.unwrap_or_default(),
    };
    let mounts = document.mounts.iter();
    let mounts: Vec<_> = mounts
        .map(|it| mount::judge(it, &judge, problems))
        .collect();
    problems.take(credentials);
    let files = document.mounts.iter().flat_map(|it| it.value.files());
    let tls = [&found.config, &document.tls.certfile, &document.tls.keyfile];
    let files = files.chain(&found.secrets);
    warn_of_writable(tls.into_iter().flatten().chain(files), problems);
    mounts.into_iter().collect()
}
