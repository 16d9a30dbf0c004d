//! The samples under `deploy/`: the program starts with their arguments, settings and variables.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{KEYS, OBJECT, Program, Store, address_in, get};

const SETTINGS: &str = include_str!("../../deploy/portcullis.toml");
const UNIT: &str = include_str!("../../deploy/portcullis.service");
const COMPOSE: &str = include_str!("../../deploy/compose.yaml");
const KUBERNETES: &str = include_str!("../../deploy/kubernetes.yaml");

/// Where every sample has the settings.
const FILE: &str = "/etc/portcullis/portcullis.toml";

/// What a sample runs: the arguments of the program, the longest wait after SIGTERM, and where it is probed.
struct Sample {
    name: &'static str,
    arguments: Vec<String>,
    stop_seconds: u64,
    probes: Vec<(String, u16)>,
}

/// The values of a key in a unit of systemd.
fn of_unit(key: &str) -> Vec<&'static str> {
    let lines = UNIT.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value)
        .collect()
}

fn systemd() -> Sample {
    let [start] = of_unit("ExecStart")[..] else {
        panic!("one ExecStart");
    };
    let mut words = start.split(' ').map(str::to_owned);
    assert_eq!(words.next().as_deref(), Some("/usr/local/bin/portcullis"));
    Sample {
        name: "systemd",
        arguments: words.collect(),
        stop_seconds: of_unit("TimeoutStopSec")[0].parse().unwrap(),
        probes: Vec::new(),
    }
}

fn strings(list: &Value) -> Vec<String> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry.as_str().unwrap().to_owned())
        .collect()
}

fn compose() -> Sample {
    let file: Value = serde_saphyr::from_str(COMPOSE).unwrap();
    let service = &file["services"]["portcullis"];
    let mounted = format!("./portcullis.toml:{FILE}:ro");
    assert_eq!(strings(&service["volumes"]), [mounted]);
    assert_eq!(strings(&service["ports"]), ["8080:8080"]);
    let grace = service["stop_grace_period"].as_str().unwrap();
    Sample {
        name: "compose",
        arguments: strings(&service["command"]),
        stop_seconds: grace.strip_suffix('s').unwrap().parse().unwrap(),
        probes: Vec::new(),
    }
}

fn kubernetes() -> Sample {
    let documents: Vec<Value> = serde_saphyr::from_multiple(KUBERNETES).unwrap();
    let of_kind = |kind: &str| documents.iter().find(|it| it["kind"] == kind).unwrap();
    let pod = &of_kind("Deployment")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let port_of = |name: &Value| {
        let mut ports = container["ports"].as_array().unwrap().iter();
        let port = ports.find(|port| port["name"] == *name).unwrap();
        u16::try_from(port["containerPort"].as_u64().unwrap()).unwrap()
    };
    let probes = ["livenessProbe", "readinessProbe"].map(|probe| {
        let asked = &container[probe]["httpGet"];
        let path = asked["path"].as_str().unwrap().to_owned();
        (path, port_of(&asked["port"]))
    });
    let served = &of_kind("Service")["spec"]["ports"][0];
    assert_eq!(port_of(&served["targetPort"]), 8080);
    let labels = &of_kind("Deployment")["spec"]["template"]["metadata"];
    assert_eq!(labels["labels"], of_kind("Service")["spec"]["selector"]);
    assert_eq!(labels["annotations"]["prometheus.io/port"], "9090");
    assert_eq!(labels["annotations"]["prometheus.io/path"], "/metrics");
    let folder = container["volumeMounts"][0]["mountPath"].as_str().unwrap();
    assert_eq!(format!("{folder}/portcullis.toml"), FILE);
    Sample {
        name: "kubernetes",
        arguments: strings(&container["args"]),
        stop_seconds: pod["terminationGracePeriodSeconds"].as_u64().unwrap(),
        probes: probes.into(),
    }
}

/// The settings with ports that are free and a store that answers.
fn settings(folder: &TempDir, store: &Store) -> String {
    let mut text = SETTINGS.to_owned();
    for (sample, here) in [
        ("\":8080\"", "\"127.0.0.1:0\"".to_owned()),
        ("\":9090\"", "\"127.0.0.1:0\"".to_owned()),
        (
            "region = \"eu-west-1\"",
            format!("endpoint_url = \"{}\"", store.url),
        ),
    ] {
        assert_eq!(text.matches(sample).count(), 1, "{sample}");
        text = text.replace(sample, &here);
    }
    let file = folder.path().join("portcullis.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn the_program_starts_with_each_sample() {
    let store = Store::start(OBJECT);
    let folder = tempfile::tempdir().unwrap();
    let file = settings(&folder, &store);
    for sample in [systemd(), compose(), kubernetes()] {
        let Sample {
            name, arguments, ..
        } = &sample;
        assert_eq!(*arguments, ["--config", FILE], "{name}");
        // The deadline of a shutdown is 30 seconds.
        assert!(sample.stop_seconds > 30, "{name}");
        let environment = [KEYS[0], KEYS[1], ("CI_PASSWORD", "pa55word")];
        let mut program = Program::start(["--config", &file], environment);
        let address = program.address();
        let admin = address_in(&program.stderr_line(|line| line.contains("metrics on")));
        let wheel = "/simple/app/app-1.0-py3-none-any.whl";
        let status = |login| get(&address, wheel, login).status;
        assert_eq!(status(Some("ci:pa55word")), 200, "{name}");
        assert_eq!(status(None), 401, "{name}");
        for (path, port) in &sample.probes {
            assert_eq!(*port, 9090, "{name}: {path}");
            assert_eq!(get(&admin, path, None).status, 200, "{name}: {path}");
        }
        assert_eq!(get(&admin, "/metrics", None).status, 200, "{name}");
    }
}

#[test]
fn a_wrong_setting_is_not_tried_again() {
    assert_eq!(of_unit("RestartPreventExitStatus"), ["2"]);
    let program = Program::start(["--config", "/nonexistent.toml"], KEYS);
    assert_eq!(program.output().code, Some(2));
}
