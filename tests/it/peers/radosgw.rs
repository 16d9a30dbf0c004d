//! `S3Proxy` reads from Ceph, which takes every key and checks the most of a request. It comes with
//! Debian and Ubuntu alone, so that `.ci/run` has a step of its own for it.

use std::fs;
use std::process::Command;

use super::awkward_keys::{contents, names, serves_what_it_should};
use super::folder::Folder;
use super::server::{Daemon, Peer, free_ports};

/// Names the cluster, and its one disk.
const UUID: &str = "5d2a1b3e-7c41-4f0e-9a63-0e1f2d3c4b5a";

/// One monitor and one disk, which is memory, behind the server. Fields are dropped in this order.
#[derive(Debug)]
struct Ceph {
    server: Peer,
    _disk: Daemon,
    _monitor: Daemon,
    _folder: Folder,
}

/// Paths are relative: every program runs in the folder.
fn settings(monitor: u16, server: u16) -> String {
    // Without authentication there is no key to encrypt with, so that the modes are `crc`. A monitor
    // gathers changes for a second by default, and a start is ten of them.
    format!(
        "[global]
        fsid = {UUID}
        mon host = [v2:127.0.0.1:{monitor}]
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        rgw frontends = beast endpoint=127.0.0.1:{server}
        auth cluster required = none
        auth service required = none
        auth client required = none
        ms mon service mode = crc
        ms mon client mode = crc
        paxos propose interval = 0.05
        mon allow pool size one = true
        osd pool default size = 1
        osd pool default pg num = 1
        osd crush chooseleaf type = 0
        osd objectstore = memstore
        admin socket =
        log file =
        mon cluster log file =
        run dir = .
        crash dir = .
        mon data = mon
        osd data = osd\n"
    )
}

impl Ceph {
    fn start(contents: &str) -> Self {
        let (key, secret) = ("AKIDPEER", "peer+secret/key=");
        let folder = Folder::new();
        let [monitor_port, port] = free_ports();
        let settings = settings(monitor_port, port);
        fs::write(folder.path().join("ceph.conf"), settings).unwrap();
        for data in ["mon", "osd"] {
            fs::create_dir(folder.path().join(data)).unwrap();
        }
        let command = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let mut command = Command::new(words.next().unwrap());
            command.args(words).current_dir(folder.path());
            command
                .env_remove("CEPH_ARGS")
                .env("CEPH_CONF", "ceph.conf");
            command
        };
        let run = |line: &str| {
            // Left alone, it waits five minutes for a daemon.
            let limited = format!("timeout --signal=KILL 60 {line}");
            let output = command(&limited).output().unwrap();
            assert!(output.status.success(), "{line}: {output:?}");
        };

        run(&format!(
            "monmaptool --create --fsid {UUID} --addv a [v2:127.0.0.1:{monitor_port}] monmap"
        ));
        run("ceph-mon --mkfs -i a --monmap monmap");
        let monitor = Daemon::start(&mut command("ceph-mon -f -i a"));
        run(&format!("ceph osd new {UUID}"));
        run(&format!("ceph-osd --mkfs -i 0 --osd-uuid {UUID}"));
        let disk = Daemon::start(&mut command("ceph-osd -f -i 0"));
        run(&format!(
            "radosgw-admin user create --uid peer --display-name peer \
             --access-key {key} --secret-key {secret}"
        ));
        let server = Peer::start(command("radosgw -f"), port, Folder::new());
        Self {
            server: server.with_contents(key, secret, contents),
            _disk: disk,
            _monitor: monitor,
            _folder: folder,
        }
    }
}

#[tokio::test]
#[ignore = "needs `ceph-mon`, `ceph-osd`, `radosgw` and `ceph` of Debian or Ubuntu, and boto3"]
async fn ceph_serves_every_key_from_any_spelling() {
    let names = names(&[]);
    let ceph = Ceph::start(&contents(&names));
    // Its answer to a range after the end has no length.
    serves_what_it_should(&ceph.server, &names, None).await;
}
