use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::queue::{Asker, FairQueue};
use crate::error::ConfigError;

/// The threads that check passwords, and the queue before them.
///
/// See the [module docs](crate::htpasswd#checks) for the order of the queue. A clone is the same pool, which
/// several [`HtpasswdUsers`](super::HtpasswdUsers) can share, so that their checks do not take more threads
/// together than one of them.
#[derive(Clone)]
#[must_use]
pub struct CheckPool {
    // The threads have the inner counter; they end when the last clone of the outer one is dropped.
    pool: Arc<Pool>,
}

struct Pool {
    shared: Arc<Shared>,
    queue_length: usize,
}

pub(super) type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    /// How many jobs of the queue run at once.
    threads: usize,
}

struct State {
    urgent: VecDeque<Job>,
    queue: FairQueue<Job>,
    /// Jobs of `queue` that are running.
    running: usize,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl CheckPool {
    /// A pool of at most this many threads, each of which needs the memory of an argon2id hash.
    ///
    /// One more thread looks at the files, so that no request waits for a check to end before it is known
    /// whether its file has changed. Threads start when they are needed.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for zero.
    pub fn new(threads: usize) -> Result<Self, ConfigError> {
        if threads == 0 {
            return Err(ConfigError::new("threads", "must be greater than zero"));
        }
        Ok(Self::build(threads, 64))
    }

    /// Sets how many checks may wait for a thread (default 64).
    pub fn with_queue_length(self, length: usize) -> Self {
        Self::build(self.pool.shared.threads, length)
    }

    fn build(threads: usize, queue_length: usize) -> Self {
        let state = State {
            urgent: VecDeque::new(),
            queue: FairQueue::new(),
            running: 0,
            threads: 0,
            idle: 0,
            closed: false,
        };
        let shared = Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
            threads,
        };
        Self {
            pool: Arc::new(Pool {
                shared: Arc::new(shared),
                queue_length,
            }),
        }
    }

    /// Runs a job when its turn comes.
    ///
    /// Returns the job that has no room any more, if the queue was full: this one, or one that waited.
    pub(super) fn run(&self, asker: Asker, job: Job) -> Option<Job> {
        let shared = &self.pool.shared;
        let mut state = shared.lock();
        if !shared.make_room(&mut state, shared.threads) {
            return Some(job);
        }
        state.queue.push(asker, job);
        shared.wake.notify_one();
        let most = shared.threads.saturating_add(self.pool.queue_length);
        let is_over = state.queue.len() + state.running > most;
        is_over.then(|| state.queue.pop_last()).flatten()
    }

    /// Runs a job before all others, even if the queue is full. Returns whether it will run.
    pub(super) fn run_next(&self, job: Job) -> bool {
        let shared = &self.pool.shared;
        let mut state = shared.lock();
        let has_room = shared.make_room(&mut state, shared.threads.saturating_add(1));
        if has_room {
            state.urgent.push_back(job);
            shared.wake.notify_one();
        }
        has_room
    }
}

/// One thread less than the machine runs at once, and at least one: a processor is left to the server.
impl Default for CheckPool {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, Into::into);
        Self::build(processors.saturating_sub(1).max(1), 64)
    }
}

impl fmt::Debug for CheckPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckPool")
            .field("threads", &self.pool.shared.threads)
            .field("queue_length", &self.pool.queue_length)
            .finish()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    // No job runs under the lock, so the state is valid even if a thread has panicked.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread if all have work and there are fewer than `most`. Returns whether there is a thread.
    fn make_room(self: &Arc<Self>, state: &mut State, most: usize) -> bool {
        let waiting = state.urgent.len() + state.queue.len();
        if state.idle > waiting || state.threads >= most {
            return true;
        }
        let shared = Arc::clone(self);
        let thread = thread::Builder::new().name("htpasswd".into());
        // Where a thread cannot be started, there are fewer than configured.
        state.threads += usize::from(thread.spawn(move || shared.work()).is_ok());
        state.threads > 0
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let urgent = state.urgent.pop_front();
            let is_urgent = urgent.is_some();
            let may_check = state.running < self.threads;
            let job = urgent.or_else(|| may_check.then(|| state.queue.pop()).flatten());
            if let Some(job) = job {
                state.running += usize::from(!is_urgent);
                drop(state);
                // When a job panics, its values are dropped, which wakes the waiting requests; the thread
                // continues.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
                state.running -= usize::from(!is_urgent);
            } else if state.closed {
                return;
            } else {
                state.idle += 1;
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
    use std::time::Duration;

    use super::*;
    use crate::client_address::ClientNetwork;

    const LONG: Duration = Duration::from_mins(1);

    const ASKER: Asker = Asker {
        network: ClientNetwork::UNKNOWN,
        user: 0,
    };

    fn pool(threads: usize, queue_length: usize) -> CheckPool {
        let pool = CheckPool::new(threads).unwrap();
        pool.with_queue_length(queue_length)
    }

    /// A pool whose jobs wait for a word each.
    struct Held {
        pool: CheckPool,
        started: (Sender<usize>, Receiver<usize>),
        words: Vec<Sender<()>>,
    }

    impl Held {
        fn new(threads: usize, queue_length: usize) -> Self {
            Self {
                pool: pool(threads, queue_length),
                started: channel(),
                words: Vec::new(),
            }
        }

        fn job(&mut self) -> impl FnOnce() + Send + 'static + use<> {
            let (go, word) = channel();
            let (number, started) = (self.words.len(), self.started.0.clone());
            self.words.push(go);
            move || {
                started.send(number).unwrap();
                // An error is a word as well: the test is over.
                let _: Result<(), _> = word.recv();
            }
        }

        fn run(&mut self) -> bool {
            let job = self.job();
            self.pool.run(ASKER, Box::new(job)).is_none()
        }

        fn next_started(&self) -> usize {
            self.started.1.recv_timeout(LONG).unwrap()
        }
    }

    #[test]
    fn the_number_of_jobs_is_bounded() {
        let mut held = Held::new(2, 1);
        for job in 0..3 {
            assert!(held.run(), "{job}");
        }
        assert!(!held.run(), "one too many");
        let mut running = [held.next_started(), held.next_started()];
        running.sort_unstable();
        assert_eq!(running, [0, 1]);
        assert!(held.started.1.try_recv().is_err(), "there are two threads");

        // What is urgent does not wait for them, and is not followed by what waits.
        for urgent in [4, 5] {
            let job = held.job();
            assert!(held.pool.run_next(Box::new(job)));
            assert_eq!(held.next_started(), urgent);
            held.words[urgent].send(()).unwrap();
        }
        held.words[0].send(()).unwrap();
        assert_eq!(held.next_started(), 2);
        held.words[2].send(()).unwrap();
        held.words[1].send(()).unwrap();
    }

    #[test]
    fn a_job_that_panics_keeps_place_and_thread() {
        let pool = pool(1, 0);
        let (sender, results) = channel();
        for round in 0..3 {
            let (guard, done) = channel::<()>();
            // The place is free a moment after the job is gone.
            let id = sender.clone();
            let job = || -> Job {
                let (guard, id) = (guard.clone(), id.clone());
                Box::new(move || {
                    let _guard = guard;
                    id.send(thread::current().id()).unwrap();
                    panic!("as the test wants it");
                })
            };
            while pool.run(ASKER, job()).is_some() {
                thread::yield_now();
            }
            drop(guard);
            assert_eq!(
                done.recv_timeout(LONG),
                Err(RecvTimeoutError::Disconnected),
                "{round}"
            );
        }
        let ids: Vec<_> = results.try_iter().collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| *id == ids[0]), "one thread did it all");
    }

    #[test]
    fn idle_threads_are_used_before_new_ones() {
        let pool = pool(2, 0);
        let (sender, ids) = channel();
        let run = || {
            let all_idle = |state: &State| state.idle == state.threads;
            while !all_idle(&pool.pool.shared.lock()) {
                thread::yield_now();
            }
            let id = sender.clone();
            let job = move || id.send(thread::current().id()).unwrap();
            assert!(pool.run(ASKER, Box::new(job)).is_none());
            ids.recv_timeout(LONG).unwrap()
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn a_processor_is_left_to_the_server() {
        let processors: usize = thread::available_parallelism().unwrap().into();
        let threads = CheckPool::default().pool.shared.threads;
        assert_eq!(threads, 1.max(processors - 1));
    }

    #[test]
    fn threads_end_after_the_pool_is_dropped() {
        thread_local! {
            static AT_END: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
        }
        let (alive, ended) = channel::<()>();
        let mut held = Held::new(2, 1);
        for _ in 0..3 {
            let (job, alive) = (held.job(), alive.clone());
            let job = move || {
                AT_END.set(Some(alive));
                job();
            };
            assert!(held.pool.run(ASKER, Box::new(job)).is_none());
        }
        drop(alive);
        drop(held.pool);
        assert!(ended.try_recv().is_err());
        for go in &held.words {
            go.send(()).unwrap();
        }
        // The thread-local values are dropped when the threads have ended.
        assert_eq!(
            ended.recv_timeout(LONG),
            Err(RecvTimeoutError::Disconnected)
        );
        let mut jobs: Vec<_> = held.started.1.try_iter().collect();
        jobs.sort_unstable();
        assert_eq!(jobs, [0, 1, 2]);
    }
}
