use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, advance};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use super::*;
use crate::client_address::ClientNetwork;
use crate::gate::Identity;

const WAIT: Duration = Duration::from_secs(10);

type Answer = Response<crate::response::ResponseBody<CountedBody<Full<Bytes>>>>;

/// A client of a network, and an identity unless it is empty.
type Client = (u8, &'static str);

fn request((network, identity): Client) -> Request<()> {
    let mut request = Request::new(());
    let extensions = request.extensions_mut();
    extensions.insert(ClientNetwork::of([192, 0, 2, network].into()));
    if !identity.is_empty() {
        extensions.insert(Identity::new("basic", identity));
    }
    request
}

async fn send(layer: &RequestLimitLayer, client: Client) -> Answer {
    let service = layer.layer(service_fn(async |_: Request<()>| {
        let body = Full::new(Bytes::from_static(b"wheel"));
        Ok::<_, Infallible>(Response::new(body))
    }));
    service.oneshot(request(client)).await.unwrap()
}

/// Sends a request that must not wait.
fn send_now(layer: &RequestLimitLayer, client: Client) -> Answer {
    send(layer, client)
        .now_or_never()
        .expect("it does not wait")
}

#[tokio::test]
async fn each_limit_refuses_with_its_status() {
    let in_all = RequestLimitLayer::new(3);
    let per_network = RequestLimitLayer::new(100).with_max_per_network(3);
    let per_identity = RequestLimitLayer::new(100).with_max_per_identity(3);
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    let too_many = StatusCode::TOO_MANY_REQUESTS;
    for (name, layer, client, status, reason) in [
        (
            "in all, another client",
            &in_all,
            (2, "ben"),
            unavailable,
            "3 requests in all are under way",
        ),
        (
            "the network",
            &per_network,
            (1, "ben"),
            too_many,
            "3 requests of this client network are under way",
        ),
        (
            "another network",
            &per_network,
            (2, "ana"),
            StatusCode::OK,
            "",
        ),
        (
            "the identity",
            &per_identity,
            (2, "ana"),
            too_many,
            "3 requests of this identity are under way",
        ),
        (
            "another identity",
            &per_identity,
            (1, "ben"),
            StatusCode::OK,
            "",
        ),
        ("no identity", &per_identity, (1, ""), StatusCode::OK, ""),
    ] {
        let under_way: Vec<_> = (0..3).map(|_| send_now(layer, (1, "ana"))).collect();
        assert!(
            under_way
                .iter()
                .all(|answer| answer.status() == StatusCode::OK),
            "{name}"
        );
        let answer = send_now(layer, client);
        assert_eq!(answer.status(), status, "{name}");
        let reached = answer.extensions().get::<LimitReached>();
        assert_eq!(
            reached.map(ToString::to_string).unwrap_or_default(),
            reason,
            "{name}"
        );
        assert_eq!(
            answer.headers().contains_key(RETRY_AFTER),
            status != StatusCode::OK,
            "{name}"
        );
        drop(answer);
        drop(under_way);
        assert!(layer.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_request_counts_until_its_body_is_dropped() {
    let layer = RequestLimitLayer::new(1);
    let answer = send_now(&layer, (1, ""));
    let mut body = answer.into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "wheel"
    );
    assert_eq!(
        send_now(&layer, (1, "")).status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    drop(body);
    assert_eq!(send_now(&layer, (1, "")).status(), StatusCode::OK);
}

#[tokio::test]
async fn a_failure_or_an_abandoned_request_gives_its_room_back() {
    let layer = RequestLimitLayer::new(1).with_queue(1, WAIT);
    let fails = layer.layer(service_fn(async |_: Request<()>| {
        Err::<Response<Full<Bytes>>, _>("broken")
    }));
    assert_eq!(fails.oneshot(request((1, ""))).await.unwrap_err(), "broken");
    assert!(layer.is_empty());

    let hangs = layer.layer(service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>()
    }));
    let mut running = Box::pin(hangs.clone().oneshot(request((1, ""))));
    assert!(running.as_mut().now_or_never().is_none());
    let mut waiting = Box::pin(hangs.oneshot(request((1, ""))));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(waiting);
    assert!(!layer.is_empty());
    drop(running);
    assert!(layer.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_waiting_request_goes_on_or_is_refused_in_time() {
    let layer = RequestLimitLayer::new(1).with_queue(1, WAIT);
    let first = send_now(&layer, (1, ""));
    let begun = Instant::now();
    let refused = send(&layer, (1, "")).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(begun.elapsed(), WAIT);

    let mut waiting = Box::pin(send(&layer, (1, "")));
    assert!(waiting.as_mut().now_or_never().is_none());
    advance(Duration::from_secs(9)).await;
    let too_many = send_now(&layer, (1, ""));
    assert_eq!(
        too_many.status(),
        StatusCode::SERVICE_UNAVAILABLE,
        "the queue is full"
    );
    drop(first);
    assert_eq!(waiting.await.status(), StatusCode::OK);
    assert!(layer.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_in_order_and_passes_over_full_shares() {
    let layer = RequestLimitLayer::new(3)
        .with_max_per_network(2)
        .with_queue(9, WAIT);
    let crowd = [send_now(&layer, (1, "")), send_now(&layer, (1, ""))];
    let other = send_now(&layer, (2, ""));
    let (mut waiting, order) = (Vec::new(), Arc::new(AtomicUsize::new(0)));
    for network in [1, 2, 3, 1] {
        let (layer, order) = (layer.clone(), Arc::clone(&order));
        let mut request = Box::pin(async move {
            let answer = send(&layer, (network, "")).await;
            (network, order.fetch_add(1, Ordering::Relaxed), answer)
        });
        assert!(request.as_mut().now_or_never().is_none());
        waiting.push(request);
    }
    // Network 1 has two requests under way and two waiting: neither share has more room.
    let refused = send_now(&layer, (1, ""));
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);

    drop(other);
    let state: Vec<_> = waiting
        .iter_mut()
        .map(|it| it.as_mut().now_or_never())
        .collect();
    let begun: Vec<_> = state
        .iter()
        .flatten()
        .map(|(network, order, _)| (*network, *order))
        .collect();
    assert_eq!(begun, [(2, 0)], "network 1 is passed over");
    drop(state);
    // The place of network 2 went on to network 3 when its answer was dropped.
    let third = waiting[2].as_mut().now_or_never().unwrap();
    assert_eq!((third.0, third.2.status()), (3, StatusCode::OK));
    drop(crowd);
    for last in [0, 3] {
        let (_, _, answer) = waiting[last].as_mut().now_or_never().unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    drop((third, waiting));
    assert!(layer.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_no_limit_is_passed_and_nothing_lost() {
    let layer = RequestLimitLayer::new(8)
        .with_max_per_network(4)
        .with_max_per_identity(2)
        .with_queue(1000, Duration::from_hours(1));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks = (0..400_u16).map(|number| {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        let service = layer.layer(service_fn(move |_: Request<()>| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            }
        }));
        let network = u8::try_from(number % 5).unwrap();
        let identity = ["", "ana", "ben", "eve"][usize::from(number % 4)];
        // A response holds its room until it is dropped, which the task does: those awaited first may need it.
        let response = service.oneshot(request((network, identity)));
        tokio::spawn(async move { response.await.unwrap().status() })
    });
    // A share lets as many wait as may be under way, so some are refused.
    let mut admitted = 0;
    for task in tasks.collect::<Vec<_>>() {
        admitted += usize::from(task.await.unwrap() == StatusCode::OK);
    }
    assert!(admitted >= 8, "{admitted}");
    assert!((1..=8).contains(&most.load(Ordering::SeqCst)));
    assert!(layer.is_empty());
}
