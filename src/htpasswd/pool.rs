use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A bounded number of threads behind a bounded queue.
///
/// A thread is started when a job finds none idle, and ends after the pool is dropped and the queue
/// is empty.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    queue_length: usize,
}

type Job = Box<dyn FnOnce() + Send>;

/// The pool has as many jobs as it may have, or no thread could be started.
#[derive(Debug)]
pub(super) struct Full;

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    urgent: VecDeque<Job>,
    queue: VecDeque<Job>,
    /// Jobs of `queue` that are running.
    running: usize,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Pool {
    pub(super) fn new(threads: usize, queue_length: usize) -> Self {
        Self {
            shared: Arc::default(),
            threads,
            queue_length,
        }
    }

    /// Runs a job when its turn comes.
    pub(super) fn run(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        let mut state = self.shared.lock();
        let most = self.threads.saturating_add(self.queue_length);
        if state.queue.len() + state.running >= most {
            return Err(Full);
        }
        self.make_room(&mut state)?;
        state.queue.push_back(Box::new(job));
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Runs a job before all others, even if the queue is full.
    pub(super) fn run_next(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        let mut state = self.shared.lock();
        self.make_room(&mut state)?;
        state.urgent.push_back(Box::new(job));
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Starts a thread if all threads have work.
    fn make_room(&self, state: &mut State) -> Result<(), Full> {
        let waiting = state.urgent.len() + state.queue.len();
        if state.idle > waiting || state.threads == self.threads {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("htpasswd".into());
        match thread.spawn(move || shared.work()) {
            Ok(_) => state.threads += 1,
            Err(_) if state.threads == 0 => return Err(Full),
            // Fewer threads than configured.
            Err(_) => {}
        }
        Ok(())
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

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let urgent = state.urgent.pop_front();
            let is_urgent = urgent.is_some();
            if let Some(job) = urgent.or_else(|| state.queue.pop_front()) {
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

    const LONG: Duration = Duration::from_mins(1);

    /// A pool whose jobs wait for a word each.
    struct Held {
        pool: Pool,
        started: (Sender<usize>, Receiver<usize>),
        words: Vec<Sender<()>>,
    }

    impl Held {
        fn new(threads: usize, queue_length: usize) -> Self {
            Self {
                pool: Pool::new(threads, queue_length),
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

        fn run(&mut self) -> Result<(), Full> {
            let job = self.job();
            self.pool.run(job)
        }

        fn next_started(&self) -> usize {
            self.started.1.recv_timeout(LONG).unwrap()
        }
    }

    #[test]
    fn the_number_of_jobs_is_bounded() {
        let mut held = Held::new(2, 1);
        for job in 0..3 {
            assert!(held.run().is_ok(), "{job}");
        }
        assert!(held.run().is_err(), "one too many");
        let mut running = [held.next_started(), held.next_started()];
        running.sort_unstable();
        assert_eq!(running, [0, 1]);
        assert!(held.started.1.try_recv().is_err(), "there are two threads");

        // What is urgent is taken beyond the length, and runs before what waits.
        let urgent = held.job();
        assert!(held.pool.run_next(urgent).is_ok());
        held.words[0].send(()).unwrap();
        assert_eq!(held.next_started(), 4);
        held.words[4].send(()).unwrap();
        assert_eq!(held.next_started(), 2);
        held.words[2].send(()).unwrap();
        held.words[1].send(()).unwrap();
    }

    #[test]
    fn a_job_that_panics_keeps_place_and_thread() {
        let pool = Pool::new(1, 0);
        let (sender, results) = channel();
        for round in 0..3 {
            let (guard, done) = channel::<()>();
            // The place is free a moment after the job is gone.
            let id = sender.clone();
            while pool
                .run({
                    let (guard, id) = (guard.clone(), id.clone());
                    move || {
                        let _guard = guard;
                        id.send(thread::current().id()).unwrap();
                        panic!("as the test wants it");
                    }
                })
                .is_err()
            {
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
        let pool = Pool::new(2, 0);
        let (sender, ids) = channel();
        let run = || {
            let all_idle = |state: &State| state.idle == state.threads;
            while !all_idle(&pool.shared.lock()) {
                thread::yield_now();
            }
            let id = sender.clone();
            let job = move || id.send(thread::current().id()).unwrap();
            assert!(pool.run(job).is_ok());
            ids.recv_timeout(LONG).unwrap()
        };
        assert_eq!(run(), run());
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
            assert!(held.pool.run(job).is_ok());
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
