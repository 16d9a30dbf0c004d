use std::fs;

/// The instructions of the Dockerfile, each on one line.
fn instructions() -> Vec<String> {
    let file = fs::read_to_string("Dockerfile").unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.lines().map(squeezed).collect()
}

#[test]
fn the_dockerfile_builds_by_the_command_of_ci() {
    let instructions = instructions();
    let has = |words: &str| instructions.iter().any(|line| line == words);
    let builds = instructions
        .iter()
        .filter_map(|line| line.strip_prefix("RUN cargo "));
    let builds: Vec<_> = builds.collect();
    let [build] = builds[..] else {
        panic!("not one build: {builds:?}");
    };
    let gate = fs::read_to_string("../../.ci/run").unwrap();
    let step = gate
        .split("\nstep_")
        .find(|step| step.starts_with("image()"));
    assert!(
        step.unwrap().contains(&format!("    cargo {build} ||")),
        "{build}"
    );

    // The compiler is the one that the manifest requires.
    let version = concat!(
        "FROM rust:",
        env!("CARGO_PKG_RUST_VERSION"),
        "-slim-bookworm AS build"
    );
    assert!(has(version), "{version}");
    for line in [
        "COPY --from=build /build/target/release/portcullis /usr/local/bin/portcullis",
        "USER 65532:65532",
        "ENV PORT=8080",
        "EXPOSE 8080",
        "STOPSIGNAL SIGTERM",
        r#"ENTRYPOINT ["portcullis"]"#,
    ] {
        assert!(has(line), "{line}");
    }
    let roots = |line: &String| line.contains("install") && line.contains("ca-certificates");
    assert!(instructions.iter().any(roots));
}
