use http::Version;
use tokio::time::sleep;

use super::*;
use crate::server::activity::UnderWay;

struct Client {
    activity: Arc<Activity>,
    place: Option<Place>,
    request: Option<UnderWay>,
}

impl Client {
    /// Whether its connection was closed for another.
    async fn is_evicted(&self) -> bool {
        let evicted = self.activity.evicted();
        timeout(Duration::ZERO, evicted).await.is_ok()
    }
}

fn network(number: u8) -> Option<ClientNetwork> {
    (number > 0).then(|| ClientNetwork::of([192, 0, 2, number].into()))
}

/// Opens a connection, a second after the one before.
async fn open(connections: &Arc<Connections>, from: u8, asks: bool) -> Client {
    sleep(Duration::from_secs(1)).await;
    let activity = connections.activity();
    let request = asks.then(|| activity.request(Version::HTTP_11));
    let place = connections.place(network(from), &activity).await;
    Client {
        activity,
        place,
        request,
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_idle_of_the_largest_network_is_closed() {
    // Network, and whether a request is under way; 0 is a proxy.
    for (name, open_before, newcomer, closed) in [
        (
            "all idle, one network",
            vec![(1, false), (1, false), (1, false)],
            1,
            Some(0),
        ),
        (
            "another network",
            vec![(1, false), (1, false), (1, false)],
            2,
            Some(0),
        ),
        (
            "the first has a request",
            vec![(1, true), (1, false), (1, false)],
            2,
            Some(1),
        ),
        (
            "the largest network",
            vec![(2, false), (1, false), (1, false)],
            3,
            Some(1),
        ),
        (
            "a proxy has no share",
            vec![(0, false), (0, false), (1, false)],
            0,
            Some(2),
        ),
        (
            "proxies alone",
            vec![(0, false), (0, false), (0, false)],
            0,
            Some(0),
        ),
        ("there is room", vec![(1, false), (2, false)], 3, None),
    ] {
        let connections = Arc::new(Connections::new(3, 3));
        let mut before = Vec::new();
        for (from, asks) in open_before {
            before.push(open(&connections, from, asks).await);
        }
        let new = open(&connections, newcomer, false).await;
        assert!(new.place.is_some(), "{name}");
        for (i, client) in before.iter().enumerate() {
            assert_eq!(client.is_evicted().await, Some(i) == closed, "{name}: {i}");
        }
        drop((before, new));
        assert_eq!(connections.number(), 0, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_beyond_its_share_displaces_itself() {
    let connections = Arc::new(Connections::new(9, 2));
    let other = open(&connections, 2, false).await;
    let mut first = open(&connections, 1, false).await;
    let second = open(&connections, 1, true).await;
    let third = open(&connections, 1, true).await;
    assert!(first.is_evicted().await && !other.is_evicted().await);
    // A connection that was closed for another leaves once only.
    first.place = None;
    let fourth = open(&connections, 1, false).await;
    assert!(fourth.place.is_none(), "none of its own is idle");
    assert!(open(&connections, 0, false).await.place.is_some());
    drop(second.request);
    let fifth = open(&connections, 1, false).await;
    assert!(fifth.place.is_some());
    assert!(second.activity.displaceable().is_some() && third.request.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_proxied_connection_takes_its_clients_share() {
    let connections = Arc::new(Connections::new(9, 2));
    let [first, busy] = [
        open(&connections, 0, false).await,
        open(&connections, 0, true).await,
    ];
    let give = |client: &Client| {
        let place = client.place.as_ref().unwrap();
        place.give_to(network(1).unwrap())
    };
    assert!(give(&first) && give(&busy));
    let third = open(&connections, 0, true).await;
    assert!(give(&third) && first.is_evicted().await && !busy.is_evicted().await);
    assert!(
        !give(&open(&connections, 0, false).await),
        "none of its own is idle"
    );
    assert!(open(&connections, 1, false).await.place.is_none());
    drop(busy);
    assert!(give(&open(&connections, 0, false).await));
    drop((first, third));
    assert_eq!(connections.number(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_gives_way() {
    let connections = Arc::new(Connections::new(2, 2));
    let mut stalled = open(&connections, 1, true).await;
    let waits_for_s3 = open(&connections, 1, true).await;
    stalled.request.as_mut().unwrap().give();
    let second = open(&connections, 2, false).await;
    assert!(second.place.is_some() && stalled.is_evicted().await);
    assert!(!waits_for_s3.is_evicted().await);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_awaited_while_none_is_idle() {
    let connections = Arc::new(Connections::new(1, 1));
    let first = open(&connections, 1, true).await;
    let waiting = open(&connections, 2, false);
    let mut waiting = std::pin::pin!(waiting);
    assert!(
        timeout(Duration::from_hours(1), waiting.as_mut())
            .await
            .is_err()
    );
    // It stays open, and is idle now.
    drop(first.request);
    let second = waiting.await;
    assert!(second.place.is_some() && first.activity.displaceable().is_some());
    drop((first.place, second));
    connections.none().await;
}

#[tokio::test(start_paused = true)]
async fn sockets_of_closed_connections_are_bounded() {
    let connections = Arc::new(Connections::new(CLOSING, CLOSING));
    let mut before = Vec::new();
    for _ in 0..2 * CLOSING {
        before.push(open(&connections, 1, false).await);
    }
    let mut further = std::pin::pin!(open(&connections, 1, false));
    let hour = Duration::from_hours(1);
    assert!(timeout(hour, further.as_mut()).await.is_err());
    before.remove(0);
    assert!(further.await.place.is_some());
    drop(before);
    assert_eq!(connections.number(), 0);
}
