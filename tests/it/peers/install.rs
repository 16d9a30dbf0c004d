use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::folder::Folder;

/// A package manager, and its command to install.
pub(super) struct Client {
    pub(super) program: &'static str,
    pub(super) arguments: &'static [&'static str],
}

/// An old pip, which asks for HTML alone.
pub(super) const OLD_PIP: Client = Client {
    program: "pip21.3",
    arguments: &["install", "--no-cache-dir"],
};
pub(super) const PIP: Client = Client {
    program: "pip",
    arguments: &["install", "--no-cache-dir"],
};
pub(super) const UV: Client = Client {
    program: "uv",
    arguments: &["pip", "install", "--no-cache", "--python", "python3"],
};

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// 0 for success, 1 for a failure that it tells the user of.
    pub(super) code: Option<i32>,
    /// What it wrote to stdout and then to stderr.
    pub(super) text: String,
}

/// Runs a program in an environment of its own: no variable and no configuration of the machine
/// plays a part.
pub(super) async fn run(
    program: &str,
    arguments: &[&str],
    home: &Folder,
    environment: &[(&str, &str)],
) -> Ended {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.path())
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_NO_INPUT", "1")
        .env("UV_NO_CONFIG", "1")
        .envs(environment.iter().copied())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_mins(2), output)
        .await
        .unwrap_or_else(|_| panic!("{program} {arguments:?} is overdue"))
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    Ended {
        code: output.status.code(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

/// Installs `project` from the index at `url`, and tells which packages are there afterwards: the name
/// and the version of each.
pub(super) async fn install(
    client: &Client,
    project: &str,
    url: &str,
) -> (Ended, Vec<(&'static str, String)>) {
    let folder = Folder::new();
    let target = folder.path().join("installed");
    let mut arguments = client.arguments.to_vec();
    arguments.extend(["--target", target.to_str().unwrap(), "--index-url", url]);
    arguments.push(project);
    let ended = run(client.program, &arguments, &folder, &[]).await;
    let modules = ["peer_sdist", "peer_wheel"];
    let versions = modules.into_iter().filter_map(|module| {
        let version = std::fs::read_to_string(target.join(module).join("__init__.py"));
        Some((module, version.ok()?))
    });
    let installed = versions.collect();
    (ended, installed)
}
