use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use crate::support::{DEADLINE, Gateway, KeepAlive, OBJECT, Store};

pub(super) const ATTACKER: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Another client network.
pub(super) const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

pub(super) const LIVE: &str = "/-/live";
pub(super) const HEALTH: &str = "[health]\nlive = '/-/live'\nready = '/-/ready'\n";

/// A gateway with health paths, and a store with an object.
pub(super) fn serve(settings: &str) -> (Gateway, Store) {
    let store = Store::start(OBJECT);
    let mount = Gateway::open_mount(&store.url);
    let text = format!("{settings}{HEALTH}{mount}health_key = 'h'\n");
    (Gateway::start(&text), store)
}

/// What an attack must not cost a good client. Without the limits it would cost half a minute or more; the soak
/// measures within which part of a second it is served on a machine of its own.
const BAR: Duration = Duration::from_secs(5);

/// Asks on a new connection from `source`, and returns how long the answer took.
pub(super) fn ask(source: Ipv4Addr, address: &str, target: &str) -> Duration {
    let begun = Instant::now();
    let answer = KeepAlive::open_from(source, address).get(target);
    assert_eq!(answer.status, 200, "{target}");
    begun.elapsed()
}

/// Asks for each target many times. One answer may take longer than the bar, on a loaded machine.
pub(super) fn is_served(name: &str, source: Ipv4Addr, address: &str, targets: &[&str]) {
    for target in targets {
        let mut times: Vec<_> = (0..20).map(|_| ask(source, address, target)).collect();
        times.sort();
        let most = times[times.len() - 2];
        assert!(most < BAR, "{name}: {target}: {most:?}");
    }
}

/// The open descriptors of the program.
pub(super) fn descriptors(gateway: &Gateway) -> usize {
    let folder = format!("/proc/{}/fd", gateway.program.id());
    std::fs::read_dir(folder).unwrap().count()
}

/// Its resident memory in KiB.
pub(super) fn resident(gateway: &Gateway) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse().unwrap()
}

/// Waits until `holds`.
pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
