use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::attack::{Trickle, bytes};
use super::good::{ATTACKER, OTHER, ask};
use super::unread::{request, serve, with_window};
use crate::http2_frames::frames::PREFACE;

#[test]
fn attackers_cannot_delay_the_end() {
    let (mut gateway, _store, _stalled) =
        serve("\n[shutdown]\ngrace_seconds = 1\ndeadline_seconds = 3");
    let mut unread = with_window(&gateway.address, 0);
    unread.send(&request(1, "/big/x")).unwrap();
    let silent = with_window(&gateway.address, 0);
    let trickle = Trickle::begin(&gateway.address, &[ATTACKER], 64, &[], bytes(PREFACE));
    ask(OTHER, &gateway.address, "/good/x");
    gateway.program.signal(Signal::TERM);
    let stopping = gateway
        .program
        .stderr_line(|line| line.contains("stopping"));
    let begun = Instant::now();
    let output = gateway.program.output();
    assert_eq!(output.code, Some(0), "{stopping} {output:?}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    drop((unread, silent, trickle));
}
