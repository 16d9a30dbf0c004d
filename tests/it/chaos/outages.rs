//! S3 goes away and comes back, here or elsewhere, and nothing is left of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use portcullis::S3Proxy;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::client::{Client, Seen};
use super::shape::OBJECTS;
use crate::support::fake_s3::FakeS3;
use crate::support::fault_proxy::{FaultProxy, Step};
use crate::support::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

async fn gateway(s3: &FakeS3) -> (FaultProxy, Server) {
    let store = s3.store();
    let relay = FaultProxy::start(store.address).await;
    let gateway = Server::start(S3Proxy::new(store.client(&relay, PATIENCE))).await;
    (relay, gateway)
}

async fn get(client: &Client, (key, _): (&str, usize)) -> Seen {
    let path = format!("/{key}");
    let asked = client.ask(&Method::GET, &path, &[]);
    let asked = timeout(Duration::from_mins(1), asked).await;
    asked.expect("the answer is overdue")
}

fn is_object(seen: &Seen, (key, repeats): (&str, usize)) -> bool {
    seen.status == 200 && seen.is_whole && seen.body == key.repeat(repeats).as_bytes()
}

/// Reads again and again, and reports for each answer whether it was the object. Panics at any that is
/// neither that nor says that S3 is out of order.
fn load(gateway: &Server) -> (JoinSet<()>, UnboundedReceiver<bool>) {
    let (sender, outcomes) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    for number in 0..6 {
        let (address, sender) = (gateway.address, sender.clone());
        readers.spawn(async move {
            let client = match number % 2 {
                0 => Client::Http1(address),
                _ => Client::http2(address).await,
            };
            loop {
                let object = OBJECTS[usize::from(number < 2)];
                let seen = get(&client, object).await;
                let is_object = is_object(&seen, object);
                let is_aborted = !seen.is_whole && [0, 200].contains(&seen.status);
                let is_refused = seen.is_whole && [502, 503, 504].contains(&seen.status);
                assert!(is_object || is_aborted || is_refused, "{}", seen.status);
                if sender.send(is_object).is_err() {
                    return;
                }
            }
        });
    }
    (readers, outcomes)
}

/// Waits for so many outcomes of this kind in a row.
async fn until(outcomes: &mut UnboundedReceiver<bool>, wanted: bool) {
    let waiting = async {
        let mut in_a_row = 0;
        while in_a_row < 40 {
            let outcome = outcomes.recv().await.expect("a reader panicked");
            in_a_row = if outcome == wanted { in_a_row + 1 } else { 0 };
        }
    };
    timeout(Duration::from_mins(1), waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_is_killed_and_restarted_under_load() {
    let s3 = FakeS3::start().await;
    let (relay, gateway) = gateway(&s3).await;
    let (mut readers, mut outcomes) = load(&gateway);
    for _ in 0..3 {
        until(&mut outcomes, true).await;
        relay.go_down().await;
        until(&mut outcomes, false).await;
        relay.go_up().await;
    }
    until(&mut outcomes, true).await;
    drop(outcomes);
    while let Some(reader) = readers.join_next().await {
        reader.unwrap();
    }
}

#[tokio::test]
async fn s3_may_move_to_another_address() {
    let (old, new) = (FakeS3::start().await, FakeS3::start().await);
    let (relay, gateway) = gateway(&old).await;
    let client = Client::Http1(gateway.address);
    assert!(is_object(&get(&client, OBJECTS[0]).await, OBJECTS[0]));
    old.wire();
    relay.lead_to(new.store().address);
    assert!(is_object(&get(&client, OBJECTS[0]).await, OBJECTS[0]));
    assert_eq!((old.wire().len(), new.wire().len()), (0, 1));
}

/// The first request after a restart: the gateway holds connections whose other side is gone.
#[tokio::test]
async fn kept_connections_cost_no_request() {
    const MANY: usize = 20;
    let s3 = FakeS3::start().await;
    let (relay, gateway) = gateway(&s3).await;
    let client = Client::Http1(gateway.address);
    let all = || join_all((0..MANY).map(|_| get(&client, OBJECTS[1])));
    // All at once, so that each has a connection of its own.
    relay.spoil(Some(Arc::new(|exchange| {
        vec![Step::Send(exchange.whole())]
    })));
    all().await;
    let kept = relay.live();
    assert!(kept > 2, "{kept}");
    // A firewall has forgotten the connections, and answers each with a reset.
    relay.spoil(Some(Arc::new(|exchange| match exchange.before {
        0 => vec![Step::Send(exchange.whole())],
        _ => vec![Step::Reset],
    })));
    for _ in 0..MANY {
        assert!(is_object(&get(&client, OBJECTS[0]).await, OBJECTS[0]));
    }
    // The process is gone, and comes back.
    relay.spoil(None);
    all().await;
    relay.go_down().await;
    relay.go_up().await;
    for seen in all().await {
        assert!(is_object(&seen, OBJECTS[1]));
    }
}

/// Bodies that are not read, exchanges that fail, and clients that hang up hold no connection.
#[tokio::test]
async fn no_fault_keeps_a_connection() {
    let s3 = FakeS3::start().await;
    let (relay, gateway) = gateway(&s3).await;
    relay.spoil(Some(Arc::new(|exchange| {
        let whole = exchange.whole();
        vec![Step::Send(whole[..whole.len() - 1].to_vec()), Step::Stall]
    })));
    for at_once in 0..3 {
        let mut clients = JoinSet::new();
        for number in 0..20 {
            let address = gateway.address;
            clients.spawn(async move {
                let client = match number % 2 {
                    0 => Client::Http1(address),
                    _ => Client::http2(address).await,
                };
                get(&client, OBJECTS[number % OBJECTS.len()]).await
            });
        }
        // Each waits for the last byte.
        while relay.live() < 20 {
            assert!(clients.try_join_next().is_none(), "{at_once}");
            tokio::task::yield_now().await;
        }
        clients.shutdown().await;
        timeout(PATIENCE, relay.until_live(0)).await.unwrap();
    }
    relay.spoil(None);
    let client = Client::Http1(gateway.address);
    assert!(is_object(&get(&client, OBJECTS[0]).await, OBJECTS[0]));
    assert_eq!(relay.live(), 1);
    drop(gateway);
    timeout(PATIENCE, relay.until_live(0)).await.unwrap();
}
