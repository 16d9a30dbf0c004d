//! Failed logins with a password make a pair of user and network wait, and nobody else.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{
    Admission, AnyOf, Authenticator, Decision, Identity, PasswordVerifier, Refusal, RefusalKind,
    RefusalReason, ScopePolicy, Verdict, password_verifier_fn, token_verifier_fn,
};
use portcullis::token_auth::TokenAuthLayer;
use tower::Layer;

use crate::support::clock::StandingClock;
use crate::support::{Answer, basic, echo, get, send};

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

fn network(number: u32) -> ClientNetwork {
    ClientNetwork::of(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number)))
}

/// A clock, and a layer with it that admits `ana` and `bob` with `s3cret`.
fn layer() -> (StandingClock, BasicAuthLayer) {
    let users = FixedUsers::new([("ana", "s3cret"), ("bob", "s3cret")]).unwrap();
    over(users)
}

fn over(verifier: impl PasswordVerifier) -> (StandingClock, BasicAuthLayer) {
    let clock = StandingClock::new();
    let layer = BasicAuthLayer::new("packages", verifier).unwrap();
    let layer = layer.with_clock(clock.clone());
    (clock, layer)
}

async fn ask(
    method: &(impl Authenticator + Clone),
    login: (&str, &str),
    network: ClientNetwork,
) -> Answer {
    let mut request = get("/", &[("authorization", &basic(login.0, login.1))]);
    request.extensions_mut().insert(network);
    let gate = portcullis::gate::GateLayer::new(method.clone());
    send(gate.layer(echo()), request).await
}

async fn status(layer: &BasicAuthLayer, login: (&str, &str), of: ClientNetwork) -> u16 {
    ask(layer, login, of).await.status.as_u16()
}

/// Fails as often as is free.
async fn fail_five_times(layer: &BasicAuthLayer, user: &str, of: ClientNetwork) {
    for _ in 0..5 {
        assert_eq!(status(layer, (user, "guess"), of).await, 401);
    }
}

/// What a client sees of thirteen failures, with the longest waits between them.
async fn all_waits(layer: &BasicAuthLayer, clock: &StandingClock, user: &str) -> Vec<String> {
    let of = network(1);
    let mut seen = Vec::new();
    for _ in 0..13 {
        let failed = ask(layer, (user, "guess"), of).await;
        let mut line = format!("{} {:?} {}", failed.status, failed.headers, failed.body);
        let waits = ask(layer, (user, "guess"), of).await;
        if let Some(seconds) = waits.header("retry-after") {
            assert_eq!(waits.body, "429 Too Many Requests\n");
            assert!(waits.all("www-authenticate").is_empty());
            let reason = waits.extensions.get::<RefusalReason>().unwrap();
            assert_eq!(reason.kind(), RefusalKind::TooManyFailures);
            line += seconds;
            let wait = SECOND * seconds.parse().unwrap();
            clock.advance(wait);
            clock.set_back(MOMENT);
            // A wait does not grow by asking, and ends when it should.
            let still = ask(layer, (user, "guess"), of).await;
            assert_eq!(still.header("retry-after"), Some("1"));
            clock.advance(MOMENT);
        } else {
            line += "free";
        }
        seen.push(line);
    }
    seen
}

#[tokio::test]
async fn five_failures_are_free_then_waits_double() {
    let (clock, layer) = layer();
    let known = all_waits(&layer, &clock, "ana").await;
    let waits: Vec<_> = (known.iter())
        .filter_map(|line| line.rsplit('\n').next())
        .collect();
    // The second request of each pair is a failure too, where it is free.
    let expected = [
        "free", "free", "1", "2", "4", "8", "16", "32", "60", "60", "60", "60", "60",
    ];
    assert_eq!(waits, expected);
    let unknown = all_waits(&layer, &clock, "unknown").await;
    assert_eq!(known, unknown, "unknown users look like known ones");
}

#[tokio::test]
async fn only_the_pair_that_failed_waits() {
    let (clock, layer) = layer();
    fail_five_times(&layer, "ana", network(1)).await;
    for (name, login, of, expected) in [
        ("a guess", ("ana", "guess"), network(1), 429),
        ("the right password", ("ana", "s3cret"), network(1), 429),
        ("another user", ("bob", "s3cret"), network(1), 200),
        ("another network", ("ana", "s3cret"), network(2), 200),
        (
            "an unknown network",
            ("ana", "s3cret"),
            ClientNetwork::UNKNOWN,
            200,
        ),
    ] {
        assert_eq!(status(&layer, login, of).await, expected, "{name}");
    }
    clock.advance(SECOND);
    let right = ("ana", "s3cret");
    assert_eq!(status(&layer, right, network(1)).await, 200);
}

#[tokio::test]
async fn a_password_right_within_the_hour_never_waits() {
    let (clock, layer) = layer();
    let (right, of) = (("ana", "s3cret"), network(1));
    assert_eq!(status(&layer, right, of).await, 200);
    clock.advance(59 * 60 * SECOND);
    for guess in 0..100 {
        let expected = if guess < 5 { 401 } else { 429 };
        // A neighbour does not learn who is signed in.
        for user in ["ana", "bob", "unknown"] {
            let guess = status(&layer, (user, "guess"), of).await;
            assert_eq!(guess, expected, "{user}");
        }
        assert_eq!(status(&layer, right, of).await, 200);
    }
    // A little more than an hour later, it is as any other.
    clock.advance(62 * 60 * SECOND);
    fail_five_times(&layer, "ana", of).await;
    assert_eq!(status(&layer, right, of).await, 429);
}

#[tokio::test]
async fn failures_are_forgotten_after_an_hour() {
    let (clock, layer) = layer();
    for _ in 0..2 {
        fail_five_times(&layer, "ana", network(1)).await;
        assert_eq!(status(&layer, ("ana", "guess"), network(1)).await, 429);
        clock.advance(3600 * SECOND);
    }
    fail_five_times(&layer, "ana", network(1)).await;
    clock.set_back(600 * SECOND);
    let right = status(&layer, ("ana", "s3cret"), network(1)).await;
    assert_eq!(right, 200, "nobody waits for a clock that was set back");
}

#[tokio::test]
async fn an_unknown_network_never_waits() {
    let (_, layer) = layer();
    for _ in 0..50 {
        let guess = status(&layer, ("ana", "guess"), ClientNetwork::UNKNOWN).await;
        assert_eq!(guess, 401);
    }
    let right = ("ana", "s3cret");
    assert_eq!(status(&layer, right, ClientNetwork::UNKNOWN).await, 200);
}

/// Judges when all who have asked are waiting.
fn slow() -> (Arc<AtomicUsize>, impl PasswordVerifier) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let verifier = password_verifier_fn(move |user, password, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        let identity = Identity::new("basic", user);
        let is_right = password == "s3cret";
        Decision::later(async move {
            tokio::task::yield_now().await;
            if is_right {
                Verdict::Admit(Admission::new(identity))
            } else {
                Verdict::Refuse(Refusal::invalid("wrong"))
            }
        })
    });
    (asked, verifier)
}

#[tokio::test]
async fn fifty_at_once_are_admitted_from_the_start() {
    let (_, verifier) = slow();
    let (_, layer) = over(verifier);
    let fifty = (0..50).map(|_| status(&layer, ("ana", "s3cret"), network(1)));
    assert_eq!(join_all(fifty).await, [200; 50]);
}

#[tokio::test]
async fn fifty_failures_at_once_wait_for_a_second() {
    let (_, verifier) = slow();
    let (clock, layer) = over(verifier);
    let fifty = (0..50).map(|_| status(&layer, ("ana", "guess"), network(1)));
    assert_eq!(join_all(fifty).await, [401; 50]);
    let waits = ask(&layer, ("ana", "s3cret"), network(1)).await;
    assert_eq!(waits.header("retry-after"), Some("1"));
    clock.advance(SECOND);
    let right = ("ana", "s3cret");
    assert_eq!(status(&layer, right, network(1)).await, 200);
}

#[tokio::test]
async fn after_a_wait_one_guess_is_judged() {
    let (asked, verifier) = slow();
    let (clock, layer) = over(verifier);
    fail_five_times(&layer, "ana", network(1)).await;
    for round in 1..=3 {
        clock.advance(60 * SECOND);
        let ten = (0..10).map(|_| status(&layer, ("ana", "guess"), network(1)));
        let mut statuses = join_all(ten).await;
        statuses.sort_unstable();
        assert_eq!(statuses[..2], [401, 429], "{round}");
        assert_eq!(asked.load(Ordering::Relaxed), 5 + round);
    }
}

#[tokio::test]
async fn what_is_not_a_wrong_password_does_not_count() {
    let verifier = |user: &str, password: &str, _: ClientNetwork| match password {
        "s3cret" => Decision::admit(Identity::new("basic", user)),
        "other" => Decision::Absent,
        "busy" => Decision::refuse(Refusal::unavailable("busy")),
        "gone" => Decision::refuse(Refusal::forbidden("gone")),
        _ => Decision::refuse(Refusal::invalid("wrong")),
    };
    let (clock, layer) = over(verifier);
    let of = network(1);
    for failed_before in [false, true] {
        if failed_before {
            fail_five_times(&layer, "ana", of).await;
            clock.advance(SECOND);
        }
        for (password, expected) in [("other", 401), ("busy", 503), ("gone", 403)] {
            for _ in 0..20 {
                let status = status(&layer, ("ana", password), of).await;
                assert_eq!(status, expected, "{password}");
            }
        }
    }
    assert_eq!(status(&layer, ("ana", "guess"), of).await, 401);
    assert_eq!(status(&layer, ("ana", "s3cret"), of).await, 429);

    // The password is right, whatever the user lacks.
    let policy = ScopePolicy::all_of(["read"]).unwrap();
    let (_, layer) = over(verifier);
    let layer = layer.with_required_scopes(policy);
    assert_eq!(status(&layer, ("ana", "s3cret"), of).await, 403);
    fail_five_times(&layer, "ana", of).await;
    assert_eq!(status(&layer, ("ana", "s3cret"), of).await, 403);
}

#[tokio::test]
async fn a_waiting_pair_is_not_pushed_out() {
    let (_, layer) = layer();
    fail_five_times(&layer, "ana", network(1)).await;
    for i in 0..8000 {
        // One network guesses at many names, and many networks at one.
        let name = format!("user{i}");
        assert_eq!(status(&layer, (&name, "guess"), network(1)).await, 401);
        let of = network(1000 + i);
        assert_eq!(status(&layer, ("bob", "guess"), of).await, 401);
    }
    let right = ("ana", "s3cret");
    assert_eq!(status(&layer, right, network(1)).await, 429);
    assert_eq!(status(&layer, right, network(2)).await, 200);
}

#[tokio::test]
async fn a_waiting_pair_keeps_its_valid_token() {
    let (_, users) = layer();
    let tokens = token_verifier_fn(|token| match token.strip_prefix("t-") {
        None => Decision::Absent,
        Some("good") => Decision::admit(Identity::new("token", "ana")),
        Some(_) => Decision::refuse(Refusal::invalid("unknown token")),
    });
    let tokens = TokenAuthLayer::new("packages", tokens).unwrap();
    let gate = AnyOf::new((tokens, users)).unwrap();
    for (name, password, expected) in [
        ("free", "guess", 401),
        ("free", "guess", 401),
        ("free", "guess", 401),
        ("free", "guess", 401),
        ("free", "guess", 401),
        ("waits", "s3cret", 429),
        ("a valid token in its place", "t-good", 200),
        ("a wrong token", "t-bad", 401),
        ("waits", "s3cret", 429),
    ] {
        let answer = ask(&gate, ("ana", password), network(1)).await;
        assert_eq!(answer.status, expected, "{name}");
    }
}
