use std::fs;

/// CI checks the package with the flags that the Dockerfile builds it with.
#[test]
fn ci_checks_what_the_dockerfile_builds() {
    let file = fs::read_to_string("Dockerfile").unwrap();
    let builds: Vec<_> = file
        .lines()
        .filter_map(|line| line.strip_prefix("RUN cargo "))
        .collect();
    let [build] = builds[..] else {
        panic!("not one build: {builds:?}");
    };
    let gate = fs::read_to_string("../../.ci/run").unwrap();
    let step = gate
        .split("\nstep_")
        .find(|step| step.starts_with("lambda()"));
    let check = build.replacen("build --release", "check", 1);
    assert_ne!(check, build, "not a release");
    let command = format!(" cargo {check} ||");
    assert!(step.unwrap().contains(&command), "{build}");

    for line in [
        // The compiler is the one that the manifest requires.
        concat!(
            "FROM rust:",
            env!("CARGO_PKG_RUST_VERSION"),
            "-slim-bookworm AS build"
        ),
        "COPY --from=build /build/target/release/bootstrap /bootstrap",
        r#"ENTRYPOINT ["/bootstrap"]"#,
    ] {
        assert!(file.lines().any(|other| other == line), "{line}");
    }
    assert!(file.contains("ca-certificates"));
}
