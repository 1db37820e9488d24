//! A pool of Rust threads over the [`Scheduler`].

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;

use super::error::{Closed, Error};
use super::scheduler::{Job, Options, Scheduler, Seat, Take, Wake};
use crate::limiter::Lane;

/// What a [`ThreadPool`] runs.
pub type Work = Box<dyn FnOnce() + Send>;

/// A job of a [`ThreadPool`].
struct Task {
    work: Work,
    /// Whether somebody has taken this task, to run it or to cancel it; none if it can't be cancelled.
    taken: Option<Arc<AtomicBool>>,
}

impl Job for Task {
    fn claim(&mut self) -> bool {
        let claimed = self.taken.as_ref().is_none_or(|taken| !taken.swap(true, Ordering::AcqRel));
        if !claimed {
            let work = std::mem::replace(&mut self.work, Box::new(|| ()));
            survive(|| drop(work));
        }
        claimed
    }
}

/// Cancels a job of a [`ThreadPool`] that has not begun.
#[derive(Clone, Debug)]
pub struct CancelHandle {
    taken: Arc<AtomicBool>,
}

impl CancelHandle {
    /// Whether the job was cancelled by this: false if it has begun or was cancelled before.
    pub fn cancel(&self) -> bool {
        !self.taken.swap(true, Ordering::AcqRel)
    }
}

impl Wake for thread::Thread {
    fn wake(&self) {
        self.unpark();
    }
}

/// Threads that run closures of two lanes, and steal them from each other.
///
/// ```
/// use p_lanes::limiter::Lane;
/// use p_lanes::pool::{Options, ThreadPool};
/// use std::sync::mpsc;
///
/// let pool = ThreadPool::new(Options::new(2))?;
/// let (sender, squares) = mpsc::channel();
/// for number in 0..4 {
///     let sender = sender.clone();
///     pool.spawn(Lane::Offline, move || sender.send(number * number).unwrap())?;
/// }
/// pool.close();
///
/// let mut squares: Vec<i32> = squares.iter().take(4).collect();
/// squares.sort();
/// assert_eq!(squares, [0, 1, 4, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ThreadPool {
    scheduler: Arc<Scheduler<Task>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool").field("scheduler", &self.scheduler).finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Starts all threads.
    ///
    /// # Errors
    /// If an option is out of its range, or the system gives no thread; none is left running then.
    pub fn new(options: Options) -> Result<Self, Error> {
        let scheduler = Arc::new(Scheduler::new(options)?);
        let pool = Self { scheduler, threads: Mutex::new(Vec::new()) };
        for number in 0..options.threads {
            let scheduler = Arc::clone(&pool.scheduler);
            let builder = thread::Builder::new().name(format!("p-lanes-{number}"));
            match builder.spawn(move || work(&scheduler)) {
                Ok(handle) => pool.threads.lock().push(handle),
                Err(error) => {
                    pool.close();
                    return Err(Error::Spawn { reason: error.to_string() });
                }
            }
        }
        Ok(pool)
    }

    /// Queues a job. If it panics the panic ends there, and the job's captures are dropped.
    ///
    /// # Errors
    /// Gives the job back once the pool is closed.
    pub fn spawn<F>(&self, lane: Lane, job: F) -> Result<(), Closed<Work>>
    where
        F: FnOnce() + Send + 'static,
    {
        self.submit(lane, Task { work: Box::new(job), taken: None })
    }

    /// Queues a job that can be cancelled as long as it has not begun. Its captures are dropped when a
    /// thread comes across it, not at once.
    ///
    /// # Errors
    /// Gives the job back once the pool is closed.
    pub fn spawn_cancellable<F>(&self, lane: Lane, job: F) -> Result<CancelHandle, Closed<Work>>
    where
        F: FnOnce() + Send + 'static,
    {
        let taken = Arc::new(AtomicBool::new(false));
        let handle = CancelHandle { taken: Arc::clone(&taken) };
        self.submit(lane, Task { work: Box::new(job), taken: Some(taken) })?;
        Ok(handle)
    }

    /// Queues jobs in their order, and wakes the threads once for all of them.
    ///
    /// # Errors
    /// Gives the jobs back once the pool is closed: all of them.
    pub fn spawn_all(&self, lane: Lane, jobs: Vec<Work>) -> Result<(), Closed<Vec<Work>>> {
        let tasks = jobs.into_iter().map(|work| Task { work, taken: None }).collect();
        self.scheduler.submit_all(lane, tasks).map_err(|Closed(tasks)| {
            Closed(tasks.into_iter().map(|task: Task| task.work).collect())
        })
    }

    fn submit(&self, lane: Lane, task: Task) -> Result<(), Closed<Work>> {
        self.scheduler.submit(lane, task).map_err(|Closed(task)| Closed(task.work))
    }

    /// Jobs of a lane that no thread has taken yet, cancelled ones included.
    pub fn pending(&self, lane: Lane) -> usize {
        self.scheduler.pending(lane)
    }

    /// Refuses jobs from now on, runs those that wait, and returns when all threads have ended. Called
    /// by one of its own threads, in a job, it waits for none: the jobs that wait may need that one.
    pub fn close(&self) {
        // 1. No job is let in any more; the scheduler tells the threads to leave once all are taken.
        self.scheduler.close();
        // 2. Whoever closes first waits for the threads; a second call has nothing to wait for. The
        //    lock is let go before, for jobs that close as well.
        let threads = {
            let mut threads = self.threads.lock();
            if threads.iter().any(|handle| handle.thread().id() == thread::current().id()) {
                return;
            }
            std::mem::take(&mut *threads)
        };
        for handle in threads {
            // No panic comes out of a thread: those of jobs end in `survive`.
            let _ = handle.join();
        }
    }
}

/// Closes: runs what waits, and waits for it.
impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.close();
    }
}

fn work(scheduler: &Arc<Scheduler<Task>>) {
    let Some(mut seat) = scheduler.sit(Arc::new(thread::current())) else {
        unreachable!("a pool has as many seats as threads");
    };
    run_all(&mut seat);
}

fn run_all(seat: &mut Seat<Task>) {
    loop {
        match seat.take() {
            Take::Job(lane, Task { work, .. }) => {
                // Whoever waits for the job learns of a panic by what the job captured.
                survive(work);
                seat.finish(lane);
            }
            Take::Sleep => thread::park(),
            Take::Leave => return,
        }
    }
}

fn survive(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        // A payload may panic when it is dropped. What that panics with is not looked at any more.
        std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
    }
}
