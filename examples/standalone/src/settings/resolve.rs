use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;

use portcullis::path::RequestPath;

use super::credentials::{are_of_sdk_chain, credentials};
use super::draft::Draft;
use super::environment::Environment;
use super::error::{SettingError, Source};
use super::finder::Finder;
use super::given::Given;
use super::mount::mount;
use super::overlap::{
    refuse_equal_mounts, refuse_equal_resources, refuse_mounts_of_tokens,
    refuse_public_paths_elsewhere, refuse_routes_of_sign_in,
};
use super::problems::Problems;
use super::{command_line, file, foreign, process};
use crate::access_log::LogFormat;
use crate::flags::ServeFlags;
use crate::mount::Mount;
use crate::server::{Limits, ShutdownTimes};
use crate::stack::HealthPaths;
use crate::tls::Certificates;

/// What the program does with all this.
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    /// Which setting the address came from, for the error where it is taken.
    pub(crate) listen_source: Source,
    pub(crate) workers: Option<NonZeroUsize>,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) log_format: LogFormat,
    pub(crate) limits: Limits,
    pub(crate) shutdown: ShutdownTimes,
    pub(crate) health: HealthPaths,
    pub(crate) mounts: Vec<Mount>,
    /// Whether the keys are those of the SDKs' chain.
    pub(crate) sdk_chain: bool,
    /// Variables of other systems that are set and have no meaning here.
    pub(crate) without_meaning: Vec<&'static str>,
}

impl Settings {
    /// Puts the settings together, and reads the files that they name.
    pub(crate) fn resolve(flags: &ServeFlags, environment: &Environment) -> Result<Self, Problems> {
        let draft = draft(flags, environment)?;
        judge(draft, environment)
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

/// What was said, by a file or by flags and variables.
fn draft(flags: &ServeFlags, environment: &Environment) -> Result<Draft, Problems> {
    let problems = Problems::default();
    let mut finder = Finder {
        environment,
        problems,
    };
    let config = ("--config", flags.config.as_deref());
    let config = finder.either(config, "PORTCULLIS_CONFIG");
    let mut draft = command_line::process(flags, &mut finder);
    let Some(config) = config else {
        draft.mounts = vec![command_line::mount(flags, &mut finder)];
        return finder.problems.none_or(draft);
    };
    command_line::refuse_mount(flags, &config.source, &mut finder);
    let region = finder.region();
    finder.problems.none_or(())?;
    let mut of_file = file::read(Path::new(&config.value), &config.source, environment)?;
    for mount in &mut of_file.mounts {
        mount.region = mount.region.take().or_else(|| region.clone());
    }
    Ok(Draft {
        listen: draft.listen.or(of_file.listen),
        port: draft.port,
        workers: draft.workers.or(of_file.workers),
        certfile: draft.certfile.or(of_file.certfile),
        keyfile: draft.keyfile.or(of_file.keyfile),
        log_format: draft.log_format.or(of_file.log_format),
        ..of_file
    })
}

/// What the settings are worth.
fn judge(draft: Draft, environment: &Environment) -> Result<Settings, Problems> {
    let mut problems = Problems::default();
    let listen = problems.take(listen(&draft));
    let workers = draft.workers.as_ref().map(Given::workers).transpose();
    let workers = problems.take(workers);
    let certificates = problems.take(process::certificates(&draft));
    let log_format = problems.take(process::log_format(&draft));
    let limits = problems.take(process::limits(&draft));
    let shutdown = problems.take(process::shutdown(&draft));
    let health = problems.take(health(&draft));
    problems.take(refuse_equal_mounts(&draft));
    problems.take(refuse_mounts_of_tokens(&draft));
    problems.take(refuse_equal_resources(&draft));
    problems.take(refuse_public_paths_elsewhere(&draft));
    problems.take(refuse_routes_of_sign_in(&draft));
    let credentials = credentials(environment);
    let without_meaning = foreign::without_meaning(environment, &draft.mounts);
    let mounts: Vec<_> = draft
        .mounts
        .into_iter()
        .map(|draft| mount(draft, &credentials, &mut problems))
        .collect();
    problems.take(credentials);
    let mounts = mounts.into_iter().collect::<Option<Vec<_>>>();
    let given = (listen, workers, certificates, log_format, limits);
    let given = (given, (shutdown, health, mounts));
    let (
        (Some(listen), Some(workers), Some(certificates), Some(log_format), Some(limits)),
        (Some(shutdown), Some(health), Some(mounts)),
    ) = given
    else {
        return Err(problems);
    };
    let (listen, listen_source) = listen;
    problems.none_or(Settings {
        listen,
        listen_source,
        workers,
        certificates,
        log_format,
        limits,
        shutdown,
        health,
        mounts,
        sdk_chain: are_of_sdk_chain(environment),
        without_meaning,
    })
}

fn listen(draft: &Draft) -> Result<(SocketAddr, Source), SettingError> {
    if let Some(given) = &draft.listen {
        return Ok((given.address()?, given.source.clone()));
    }
    if let Some(given) = &draft.port {
        return Ok((given.port()?, given.source.clone()));
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    Ok((address, Source::Default("--listen")))
}

fn health(draft: &Draft) -> Result<HealthPaths, SettingError> {
    let path = |given: &Given| {
        let path = RequestPath::parse(&given.value).map_err(|error| given.wrong(error))?;
        Ok(path.as_str().to_owned())
    };
    let (live, ready) = (draft.live.as_ref(), draft.ready.as_ref());
    let paths = HealthPaths {
        live: live.map(path).transpose()?,
        ready: ready.map(path).transpose()?,
    };
    let Some(given) = ready else {
        return Ok(paths);
    };
    if paths.live == paths.ready {
        return Err(given.wrong("is the path of health.live too"));
    }
    if draft.mounts.iter().all(|mount| mount.health_key.is_none()) {
        return Err(given.wrong("needs health_key in the [mounts.s3] of a mount"));
    }
    Ok(paths)
}
