use super::shape::Outcome::{Alone, Both, Refused};
use super::shape::{Shape, logged_request, shapes};
use crate::support::{Gateway, KeepAlive, OBJECT, Store, get};

/// The statuses of all answers on a connection with the shape and the second request, to its end.
fn statuses(address: &str, shape: &Shape) -> Vec<u16> {
    let mut client = KeepAlive::open(address);
    // The rest of a refused shape may find the connection closed.
    let _ = client.try_write(&shape.with_second());
    let text = client.rest();
    let answers = text.split("HTTP/1.1 ").skip(1);
    let status = |answer: &str| answer[..3].parse().unwrap();
    answers.map(status).collect()
}

/// The methods, targets and statuses of the requests that the log has before `marker`.
fn logged(gateway: &mut Gateway, marker: &str) -> Vec<(String, u16)> {
    let mut lines = Vec::new();
    loop {
        let line = gateway.program.stderr_line(|_| true);
        let Some((request, status)) = logged_request(&line) else {
            continue;
        };
        if request == marker {
            return lines;
        }
        lines.push((request, status));
    }
}

#[test]
fn each_smuggling_shape_has_one_interpretation() {
    let store = Store::start(OBJECT);
    let mut gateway = Gateway::start(&Gateway::open_mount(&store.url));
    for (number, shape) in shapes().iter().enumerate() {
        let name = &shape.name;
        let got = statuses(&gateway.address, shape);
        let marker = format!("/marker/{number}");
        assert_eq!(get(&gateway.address, &marker, None).status, 200, "{name}");
        let lines = logged(&mut gateway, &format!("GET {marker}"));
        let (expected, count) = match shape.outcome {
            Refused(status) => (vec![status], 0),
            Alone(status) => (vec![status], 1),
            Both(status) => (vec![status, 200], 2),
        };
        assert_eq!(got, expected, "{name}: {lines:#?}");
        assert_eq!(lines.len(), count, "{name}: {lines:#?}");
        for (answered, (line, status)) in got.iter().zip(&lines) {
            assert_eq!(answered, status, "{name}: {lines:#?}");
            assert!(!line.contains(" /secret/x"), "{name}: {lines:#?}");
        }
        assert_eq!(
            lines
                .iter()
                .filter(|(line, _)| line == "GET /second")
                .count(),
            count / 2,
            "{name}: {lines:#?}"
        );
    }
    // The gateway itself would have served it.
    assert_eq!(get(&gateway.address, "/secret/x", None).status, 200);
}
