use std::fs;

/// CI runs the build command of the Dockerfile.
#[test]
fn the_dockerfile_builds_by_the_command_of_ci() {
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
    assert!(
        step.unwrap().contains(&format!(" cargo {build} ||")),
        "{build}"
    );

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
