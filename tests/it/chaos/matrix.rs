//! Each fault of S3, crossed with methods, ranges, preconditions, sizes and protocols of the client.

use std::net::SocketAddr;
use std::time::Duration;

use allocation_counter::measure;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use http::Method;
use portcullis::S3Proxy;
use portcullis::aws::Credentials;
use portcullis::s3::{Bucket, BucketClient};
use tokio::runtime::Builder;

use super::client::{Client, Seen};
use super::faults::{Expected, Fault, faults};
use super::shape::{OBJECTS, Shape};
use crate::support::fake_s3::{FakeS3, KEY_ID, SECRET};
use crate::support::fault_proxy::FaultProxy;
use crate::support::server::Server;

/// A store of the objects of [`OBJECTS`].
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) address: SocketAddr,
    pub(crate) bucket: &'static str,
    pub(crate) region: &'static str,
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// One of each object.
type Etags = [String; OBJECTS.len()];

async fn ask(shape: &Shape, client: &Client, etags: &Etags) -> Seen {
    let (key, _) = shape.object;
    let mut headers = Vec::new();
    headers.extend(shape.range.map(|range| ("range", range)));
    if shape.is_conditional {
        let at = OBJECTS.iter().position(|it| *it == shape.object).unwrap();
        headers.push(("if-none-match", &etags[at]));
    }
    let path = format!("/{key}");
    let asked = client.ask(&shape.method, &path, &headers);
    let asked = tokio::time::timeout(Duration::from_mins(1), asked).await;
    asked.unwrap_or_else(|_| panic!("{shape:?}: the answer is overdue"))
}

/// Panics if this is not what must be seen.
fn judge(shape: &Shape, seen: &Seen, expected: Expected) {
    let (status, body) = shape.healthy();
    let length = body.len();
    let is_right = match expected {
        Expected::Healthy => seen.status == status && seen.is_whole && seen.body == body,
        Expected::Status(expected) => {
            let waits = seen.header("retry-after").and_then(|it| it.parse().ok());
            let waits = waits.is_some_and(|seconds: u32| (1..=60).contains(&seconds));
            seen.status == expected && seen.is_whole && (expected != 503 || waits)
        }
        // A connection may be aborted before the buffered head is sent.
        Expected::Cut => {
            [0, status].contains(&seen.status) && !seen.is_whole && body.starts_with(&seen.body)
        }
        Expected::Announced(less) => {
            seen.status == status && seen.is_whole && seen.body == body[..length - less]
        }
    };
    let Seen {
        status,
        headers,
        body,
        is_whole,
    } = seen;
    let came = body.len();
    assert!(
        is_right,
        "{shape:?}: expected {expected:?} of {length} bytes, saw {status} {headers:?} with {came} \
         bytes, whole: {is_whole}"
    );
}

/// A gateway to a store through a relay.
struct Fixture {
    relay: FaultProxy,
    gateway: Server,
    clients: [Client; 2],
    etags: Etags,
}

impl Fixture {
    async fn new(store: &Store, patience: Duration) -> Self {
        let relay = FaultProxy::start(store.address).await;
        let gateway = Server::start(S3Proxy::new(store.client(&relay, patience))).await;
        let clients = [
            Client::Http1(gateway.address),
            Client::http2(gateway.address).await,
        ];
        let mut etags = Etags::default();
        for ((key, _), etag) in OBJECTS.iter().zip(&mut etags) {
            let seen = clients[0].ask(&Method::HEAD, &format!("/{key}"), &[]).await;
            seen.header("etag").unwrap().clone_into(etag);
        }
        Self {
            relay,
            gateway,
            clients,
            etags,
        }
    }

    /// Asks for everything at once.
    async fn ask_all(&self) -> Vec<(Shape, Seen)> {
        let asked = Shape::all().into_iter().flat_map(|shape| {
            self.clients.iter().map(move |client| {
                let shape = shape.clone();
                async move {
                    let seen = ask(&shape, client, &self.etags).await;
                    (shape, seen)
                }
            })
        });
        join_all(asked).await
    }

    /// Returns the number of cells.
    async fn suffer(&self, fault: &Fault) -> usize {
        if fault.needs_warmth {
            self.recover().await;
        }
        self.relay.spoil(Some(fault.spoil.clone()));
        let cells = self.ask_all().await;
        self.relay.spoil(None);
        for (shape, seen) in &cells {
            let expected = (fault.expected)(shape);
            // On a busy machine, the patience may end before the head comes.
            if !(fault.is_slow && expected == Expected::Cut && seen.status == 504) {
                judge(shape, seen, expected);
            }
        }
        self.recover().await;
        cells.len()
    }

    /// Everything is there again, at once or, where the patience is short, soon.
    async fn recover(&self) {
        for (shape, mut seen) in self.ask_all().await {
            for client in self.clients.iter().cycle().take(10) {
                if seen.status == 504 {
                    seen = ask(&shape, client, &self.etags).await;
                }
            }
            judge(&shape, &seen, Expected::Healthy);
        }
    }

    /// Everything is given back when the gateway is gone.
    async fn end(self) {
        drop((self.gateway, self.clients));
        self.relay.until_live(0).await;
    }
}

impl Store {
    pub(crate) fn client(&self, relay: &FaultProxy, patience: Duration) -> BucketClient {
        let bucket = Bucket::new(self.bucket, self.region).unwrap();
        let bucket = bucket.with_endpoint(&relay.url()).unwrap();
        let credentials = Credentials::new(&*self.key, &*self.secret).unwrap();
        BucketClient::new(bucket, credentials)
            .unwrap()
            .with_first_byte_timeout(patience)
            .with_idle_body_timeout(patience)
    }
}

impl FakeS3 {
    /// The store of the matrix, with its objects.
    pub(super) fn store(&self) -> Store {
        for (key, repeats) in OBJECTS {
            self.put(key, key.repeat(repeats));
        }
        Store {
            address: self.url().strip_prefix("http://").unwrap().parse().unwrap(),
            bucket: "wheels",
            region: "eu-west-1",
            key: KEY_ID.to_owned(),
            secret: SECRET.to_owned(),
        }
    }
}

/// Runs every fault in a gateway of its own, some at a time. Returns the numbers of faults and of cells.
pub(crate) async fn run(store: &Store) -> (usize, usize) {
    let runs = faults().into_iter().map(|fault| async move {
        let seconds = if fault.is_slow { 4 } else { 30 };
        let name = fault.name.clone();
        let run = async {
            let fixture = Fixture::new(store, Duration::from_secs(seconds)).await;
            let cells = fixture.suffer(&fault).await;
            fixture.end().await;
            cells
        };
        let run = std::panic::AssertUnwindSafe(run);
        let outcome = futures_util::FutureExt::catch_unwind(run).await;
        outcome.map_err(|panic| {
            let said = panic
                .downcast::<String>()
                .map_or_else(|_| "?".into(), |it| *it);
            format!("{name}: {said}")
        })
    });
    let outcomes: Vec<_> = stream::iter(runs).buffer_unordered(8).collect().await;
    let failures: Vec<_> = outcomes.iter().filter_map(|it| it.as_ref().err()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    (outcomes.len(), outcomes.iter().flatten().sum())
}

/// Nothing of an exchange that failed is kept: no connection, and no memory.
#[test]
fn faults_of_s3_leave_nothing_behind() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (s3, fixture) = runtime.block_on(async {
        let s3 = FakeS3::start().await;
        let fixture = Fixture::new(&s3.store(), Duration::from_secs(30)).await;
        (s3, fixture)
    });
    for fault in faults()
        .iter()
        .filter(|fault| fault.name.starts_with("closed "))
    {
        let spoil = fault.spoil.clone();
        let round = || {
            runtime.block_on(async {
                fixture.relay.spoil(Some(spoil.clone()));
                fixture.ask_all().await;
                fixture.relay.spoil(None);
                fixture.relay.until_live(0).await;
                s3.wire();
            });
        };
        // What is made once.
        round();
        round();
        // Rounds that happen to differ leave something, and a leak does each time.
        let kept = (0..4).map(|_| measure(round).bytes_current).min();
        let kept = kept.unwrap_or_default();
        assert!(kept < 64 * 1024, "{}: {kept} bytes", fault.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_s3_is_taken_for_an_object() {
    let s3 = FakeS3::start().await;
    let (faults, cells) = run(&s3.store()).await;
    assert_eq!(cells, faults * 24);
    assert!(faults >= 90, "{faults}");
}
