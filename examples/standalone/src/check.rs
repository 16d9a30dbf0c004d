use std::fmt;
use std::io::{self, Write as _};

use crate::failure::Failure;
use crate::flags::CheckFlags;
use crate::gateway;
use crate::given::Environment;
use crate::mount::trials_of_gates;
use crate::serve::report;
use crate::settings::Settings;
use crate::stack::{Gateway, Plan};
use crate::table;
use crate::trial::Trial;

/// `portcullis check`: prepares to serve without listening, and prints a table of what would be served. With
/// `--online`, it asks the servers that are depended on.
pub(crate) fn run(flags: CheckFlags) -> Result<(), Failure> {
    let settings = Settings::resolve(flags.serve, &Environment::of_process());
    let settings = settings.map_err(Failure::all)?;
    report(&settings);
    let table = table(&settings);
    let workers = settings.workers;
    let mut trials = trials_of_gates(&settings.mounts);
    let plan = Plan {
        mounts: settings.mounts,
        health: settings.health,
        has_admin: settings.admin.is_some(),
        limits: settings.request_limits,
        proxies: settings.proxies.trusted,
    };
    let gateway = Gateway::<()>::open(plan);
    let mut gateway = gateway.map_err(|error| Failure::usage(error.to_string()))?;
    print(&table)?;
    if !flags.online {
        return Ok(());
    }
    trials.extend(gateway.trials());
    trials.extend(gateway.readiness_trials());
    gateway::runtime(workers)?.block_on(run_trials(trials))
}

fn print(text: &str) -> Result<(), Failure> {
    let printed = io::stdout().write_all(text.as_bytes());
    printed.map_err(|error| Failure::running(format!("cannot print: {error}")))
}

/// Prints each that has answered, and fails with the others.
async fn run_trials(trials: Vec<Trial>) -> Result<(), Failure> {
    let running: Vec<_> = trials
        .into_iter()
        .map(|trial| tokio::spawn(trial.run()))
        .collect();
    let mut problems = Vec::new();
    for trial in running {
        match trial.await {
            Ok(Ok(line)) => print(&format!("{line}\n"))?,
            Ok(Err(problem)) => problems.push(problem),
            Err(panic) => problems.push(panic.to_string()),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::each(problems))
    }
}

/// Lists the paths of the URL, with their sources and who may read them.
fn table(settings: &Settings) -> String {
    let mut rows = vec![["PATH".to_owned(), "FROM".to_owned(), "READ BY".to_owned()]];
    let mut add = |path: &dyn fmt::Display, from: String, who: &str| {
        rows.push([path.to_string(), from, who.to_owned()]);
    };
    for mount in &settings.mounts {
        let who = mount.gates.read.access.who();
        add(&mount.path, mount.leaf.describe().to_string(), &who);
        if let Some(people) = &mount.people {
            let uri = format!(
                "the provider's answer (redirect URI {})",
                people.redirect_uri
            );
            add(&people.callback, "the settings".to_owned(), &uri);
        }
        for path in &mount.public {
            let is_health = mount.health().as_ref() == Some(path);
            let who = if is_health {
                "everyone (health_key)"
            } else {
                "everyone (public)"
            };
            add(path, format!("the mount {}", mount.path), who);
        }
    }
    let gates = settings.mounts.iter().map(|mount| &mount.gates.read);
    for metadata in gates.filter_map(|gate| gate.metadata.as_ref()) {
        add(
            &metadata.path(),
            "the settings".to_owned(),
            "everyone (resource)",
        );
    }
    let admin = settings.admin.as_ref().map(|(address, _)| address);
    let who = admin.map(|address| format!("everyone (health, at {})", address.url("http")));
    let who = who.as_deref().unwrap_or("everyone (health)");
    for (path, from) in [
        (&settings.health.live, "the program runs"),
        (&settings.health.ready, "S3 answers"),
    ] {
        if let Some(path) = path {
            add(path, from.to_owned(), who);
        }
    }
    let scheme = settings.scheme();
    format!("{}\n{}", settings.listen.url(scheme), table::table(&rows))
}
