use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Version;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// What one connection does: whether a request is under way, and since when none is.
///
/// Its task, its service and its socket share it. A connection is idle while no request is under way,
/// whatever bytes it sends: a client that trickles a preface or sends pings asks for nothing.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    evicted: Notify,
    /// Told when the last request has ended, and the connection is idle.
    ended: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    under_way: usize,
    /// The version of the last request.
    asked: Option<Version>,
    /// The last end of a request, or the beginning of the connection.
    since: Instant,
    /// When the client began to send the next request on HTTP/1. On HTTP/2 its bytes may be no request.
    head: Option<Instant>,
    /// When the client last had not taken all that was written for it.
    behind: Option<Instant>,
    /// When the bodies gave out data that the client has not taken yet, the oldest first.
    untaken: Vec<Instant>,
}

/// How long a client may take nothing before another connection may take the place of this one.
const PATIENCE: Duration = Duration::from_secs(5);

impl Activity {
    /// Begins a connection, which tells `ended` whenever it becomes idle.
    pub(super) fn begin(ended: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                under_way: 0,
                asked: None,
                since: Instant::now(),
                head: None,
                behind: None,
                untaken: Vec::new(),
            }),
            evicted: Notify::new(),
            ended,
        })
    }

    /// Counts a request until the value is dropped.
    pub(super) fn request(self: &Arc<Self>, version: Version) -> UnderWay {
        let mut state = self.lock();
        state.under_way += 1;
        state.asked = Some(version);
        state.head = None;
        UnderWay {
            activity: Arc::clone(self),
            untaken: None,
        }
    }

    /// Records that the client has sent something.
    pub(super) fn has_sent(&self) {
        let mut state = self.lock();
        let is_http1 = state.asked.is_some_and(|it| it < Version::HTTP_2);
        if state.under_way == 0 && is_http1 {
            state.head.get_or_insert_with(Instant::now);
        }
    }

    /// Records that the client has not yet taken what was written.
    pub(super) fn is_behind(&self) {
        self.lock().behind = Some(Instant::now());
    }

    /// Since when another connection could take the place of this one, and whether it is idle. One whose
    /// client takes nothing of an answer has no more claim to its place than an idle one.
    pub(super) fn displaceable(&self) -> Option<(bool, Instant)> {
        let state = self.lock();
        if state.under_way == 0 {
            return Some((true, state.since));
        }
        let oldest = *state.untaken.first()?;
        (oldest + PATIENCE <= Instant::now()).then_some((false, oldest))
    }

    /// Completes when the connection must be closed: when the head of a request takes longer than
    /// `header_time`, the first one from the beginning of the connection, or when it has been idle for
    /// `idle_time` and the client has taken the answers.
    pub(super) async fn overdue(&self, header_time: Duration, idle_time: Duration) -> Overdue {
        let header_time = header_time.min(idle_time);
        loop {
            let now = Instant::now();
            let end = self.lock().end(header_time, idle_time);
            // A head that begins later, and a request that ends later, leave at least this much time.
            let mut next = now + header_time;
            if let Some((end, overdue)) = end {
                if end <= now {
                    return overdue;
                }
                next = next.min(end);
            }
            sleep_until(next).await;
        }
    }

    pub(super) fn evict(&self) {
        self.evicted.notify_one();
    }

    /// Completes when another connection takes the place of this one.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    // Each change of the state is one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection that must be closed waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    /// The rest of a head, or the first request.
    Head,
    /// The next request.
    Request,
}

impl State {
    fn end(&self, header_time: Duration, idle_time: Duration) -> Option<(Instant, Overdue)> {
        if self.under_way > 0 {
            return None;
        }
        let head = if self.asked.is_some() {
            self.head
        } else {
            Some(self.since)
        };
        if let Some(begun) = head {
            return Some((begun + header_time, Overdue::Head));
        }
        let last = self.behind.unwrap_or(self.since).max(self.since);
        Some((last + idle_time, Overdue::Request))
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    activity: Arc<Activity>,
    /// When its body gave out data that the client has not taken yet.
    untaken: Option<Instant>,
}

impl UnderWay {
    /// Records that the body gave out data.
    pub(super) fn give(&mut self) {
        self.take();
        let now = Instant::now();
        self.untaken = Some(now);
        self.activity.lock().untaken.push(now);
    }

    /// Records that the client has taken all that the body gave out.
    pub(super) fn take(&mut self) {
        if let Some(since) = self.untaken.take() {
            self.activity.lock().is_taken(since);
        }
    }
}

impl State {
    fn is_taken(&mut self, since: Instant) {
        let place = self.untaken.iter().position(|it| *it == since);
        place.map(|place| self.untaken.remove(place));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.activity.lock();
        if let Some(since) = self.untaken {
            state.is_taken(since);
        }
        state.under_way -= 1;
        state.since = Instant::now();
        if state.under_way == 0 {
            drop(state);
            self.activity.ended.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const HEADER: Duration = Duration::from_secs(30);
    const IDLE: Duration = Duration::from_secs(75);
    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_closed_when_it_is_idle() {
        for (name, request, behind, end) in [
            ("nothing was asked", None, None, 30),
            ("short requests", Some((10, 20)), None, 95),
            ("a request of half an hour", Some((10, 1800)), None, 1875),
            ("a client that reads on", Some((10, 20)), Some(50), 125),
            (
                "a client that was behind before",
                Some((10, 20)),
                Some(15),
                95,
            ),
        ] {
            let begun = Instant::now();
            let at = |second: u64| sleep_until(begun + SECOND * u32::try_from(second).unwrap());
            let activity = Activity::begin(Arc::default());
            let requests = async {
                let Some((first, last)) = request else { return };
                at(first).await;
                let _one = activity.request(Version::HTTP_11);
                let other = activity.request(Version::HTTP_11);
                sleep(SECOND).await;
                drop(other);
                at(last).await;
            };
            let writes = async {
                let Some(behind) = behind else { return };
                at(behind).await;
                activity.is_behind();
            };
            tokio::join!(activity.overdue(HEADER, IDLE), requests, writes);
            assert_eq!(begun.elapsed().as_secs(), end, "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_head_has_its_own_time() {
        // A request at the beginning, and when the client sends bytes after it.
        for (name, version, sent, end, overdue) in [
            ("no bytes", Version::HTTP_11, &[][..], 75, Overdue::Request),
            ("at once", Version::HTTP_11, &[1, 20], 31, Overdue::Head),
            ("in between", Version::HTTP_11, &[40, 60], 70, Overdue::Head),
            (
                "at the last moment",
                Version::HTTP_10,
                &[74],
                104,
                Overdue::Head,
            ),
            ("pings", Version::HTTP_2, &[1, 20, 74], 75, Overdue::Request),
        ] {
            let activity = Activity::begin(Arc::default());
            let begun = Instant::now();
            drop(activity.request(version));
            let sends = async {
                for second in sent {
                    sleep_until(begun + SECOND * *second).await;
                    activity.has_sent();
                }
            };
            let (found, ()) = tokio::join!(activity.overdue(HEADER, IDLE), sends);
            assert_eq!((begun.elapsed().as_secs(), found), (end, overdue), "{name}");
        }
        let activity = Activity::begin(Arc::default());
        drop(activity.request(Version::HTTP_11));
        activity.has_sent();
        sleep(SECOND * 29).await;
        // Its head has come.
        drop(activity.request(Version::HTTP_11));
        let begun = Instant::now();
        activity.overdue(HEADER, IDLE).await;
        assert_eq!(begun.elapsed(), IDLE);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_idle_between_requests_only() {
        let activity = Activity::begin(Arc::default());
        let begun = Instant::now();
        assert_eq!(activity.displaceable(), Some((true, begun)));
        let first = activity.request(Version::HTTP_11);
        let second = activity.request(Version::HTTP_11);
        sleep(SECOND).await;
        drop(first);
        assert_eq!(activity.displaceable(), None);
        drop(second);
        assert_eq!(activity.displaceable(), Some((true, begun + SECOND)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_may_be_displaced() {
        let activity = Activity::begin(Arc::default());
        let begun = Instant::now();
        let (mut stalled, mut reads) = (
            activity.request(Version::HTTP_11),
            activity.request(Version::HTTP_11),
        );
        stalled.give();
        for _ in 0..4 {
            reads.give();
            sleep(SECOND).await;
        }
        assert_eq!(activity.displaceable(), None);
        sleep(SECOND).await;
        assert_eq!(activity.displaceable(), Some((false, begun)));
        stalled.take();
        assert_eq!(
            activity.displaceable(),
            None,
            "the other has waited for a second"
        );
        drop((stalled, reads));
        assert_eq!(activity.displaceable(), Some((true, Instant::now())));
    }
}
