//! The clients that people use, through the demo.
//!
//! They are other programs, so these tests are ignored unless asked for; they fail, and do not pass,
//! where a program is missing.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::Demo;

/// A client in a clean environment: no variables, no configuration of the machine and no cache.
fn run(program: &str, arguments: &[&str], home: &Path) -> Output {
    let path = std::env::var_os("PATH").unwrap();
    Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .env("HOME", home)
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_NO_INPUT", "1")
        .env("UV_NO_CONFIG", "1")
        .env("UV_CACHE_DIR", home.join("uv"))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn url(demo: &Demo, password: &str) -> String {
    format!("http://demo:{password}@{}/", demo.address)
}

/// Runs what was installed.
fn greeting(installed: &Path) -> String {
    let script = "import portcullis_demo; portcullis_demo.main()";
    let output = Command::new("python3")
        .args(["-c", script])
        .env("PYTHONPATH", installed)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Installs with the login of the demo, after a refused try with another password.
fn installs(program: &str, install: &[&str]) {
    let mut demo = Demo::start([""; 0]);
    let home = TempDir::new().unwrap();
    let target = home.path().join("installed");
    let attempt = |password: &str| {
        let url = url(&demo, password);
        let mut arguments = install.to_vec();
        arguments.extend(["--target", target.to_str().unwrap(), "--index-url", &url]);
        arguments.push("portcullis-demo");
        run(program, &arguments, home.path())
    };

    let refused = attempt("guess");
    assert!(!refused.status.success(), "{refused:?}");
    assert!(!target.join("portcullis_demo-1.0.0.dist-info").exists());

    let installed = attempt(demo.password());
    assert!(installed.status.success(), "{installed:?}");
    assert!(greeting(&target).starts_with("The gate is up"));

    let refusal = demo.program.stderr_line(|line| line.contains(" 401 "));
    assert!(refusal.contains("GET /portcullis-demo/"), "{refusal}");
    let wheel = demo.program.stderr_line(|line| line.contains(".whl 200 "));
    assert!(wheel.contains(" demo mount="), "{wheel}");
}

#[test]
#[ignore = "needs pip"]
fn pip_installs_through_the_demo() {
    installs("pip", &["install", "--no-cache-dir"]);
}

#[test]
#[ignore = "needs uv of PyPI"]
fn uv_installs_through_the_demo() {
    installs(
        "uv",
        &["pip", "install", "--no-cache", "--python", "python3"],
    );
}
