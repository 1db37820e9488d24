//! A pool of Rust threads over the [`Scheduler`].
//!
//! Enters: closures, from any thread. Leaves: nothing but their effects: a closure reports its own
//! result.
//! Each thread has a seat at the scheduler, runs one job after another, and parks when there are
//! none (`parker.rs`). Threads that run offline jobs have a lower priority (`../priority.rs`).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;

use self::parker::Parker;
use crate::limiter::Lane;
use crate::pool::error::{Closed, Error};
use crate::pool::priority::{DEFAULT_NICE_INCREMENT, ThreadPriority};
use crate::pool::scheduler::{Job, Options, Scheduler, Serves, Take};

pub use job_future::JobFuture;

mod job_future;
mod parker;

/// A closure that a [`ThreadPool`] runs.
pub type Work = Box<dyn FnOnce() + Send>;

/// A job of a [`ThreadPool`].
struct Task {
    work: Work,
    /// Whether this task has been taken, to run it or to cancel it. None if it cannot be cancelled.
    taken: Option<Arc<AtomicBool>>,
}

impl Job for Task {
    fn claim(&mut self) -> bool {
        let claimed = self.taken.as_ref().is_none_or(|taken| !taken.swap(true, Ordering::AcqRel));
        if !claimed {
            let work = std::mem::replace(&mut self.work, Box::new(|| ()));
            catch_panic(|| drop(work));
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
    /// Cancels the job. Returns `false` if it has begun or was cancelled before.
    pub fn cancel(&self) -> bool {
        !self.taken.swap(true, Ordering::AcqRel)
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
    /// Starts all threads: those that serve both lanes, and the reserve.
    ///
    /// # Errors
    /// If an option is out of its range, or the system does not start a thread. Then no thread
    /// keeps running.
    pub fn new(options: Options) -> Result<Self, Error> {
        let scheduler = Arc::new(Scheduler::new(options)?);
        let pool = Self { scheduler, threads: Mutex::new(Vec::new()) };
        let both_lanes = (0..options.threads).map(|number| (number, Serves::BothLanes));
        let online_only = (0..options.reserve).map(|number| (number, Serves::OnlineOnly));
        for (number, serves) in both_lanes.chain(online_only) {
            let scheduler = Arc::clone(&pool.scheduler);
            let kind = if serves == Serves::BothLanes { "" } else { "on-" };
            let builder = thread::Builder::new().name(format!("p-lanes-{kind}{number}"));
            match builder.spawn(move || work(&scheduler, serves)) {
                Ok(handle) => pool.threads.lock().push(handle),
                Err(error) => {
                    pool.close();
                    return Err(Error::Spawn { reason: error.to_string() });
                }
            }
        }
        Ok(pool)
    }

    /// Queues a job. If the job panics, the panic ends there and the job's captures are dropped.
    ///
    /// # Errors
    /// Returns the job if the pool is closed.
    pub fn spawn<F>(&self, lane: Lane, job: F) -> Result<(), Closed<Work>>
    where
        F: FnOnce() + Send + 'static,
    {
        self.submit(lane, Task { work: Box::new(job), taken: None })
    }

    /// Queues a job that can be cancelled until it begins. A cancelled job's captures are dropped
    /// when a thread comes across it, not at once.
    ///
    /// # Errors
    /// Returns the job if the pool is closed.
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
    /// Returns all jobs if the pool is closed.
    pub fn spawn_all(&self, lane: Lane, jobs: Vec<Work>) -> Result<(), Closed<Vec<Work>>> {
        let tasks = jobs.into_iter().map(|work| Task { work, taken: None }).collect();
        self.scheduler.submit_all(lane, tasks).map_err(|Closed(tasks)| {
            Closed(tasks.into_iter().map(|task: Task| task.work).collect())
        })
    }

    fn submit(&self, lane: Lane, task: Task) -> Result<(), Closed<Work>> {
        self.scheduler.submit(lane, task).map_err(|Closed(task)| Closed(task.work))
    }

    /// Jobs of a lane that no thread has taken yet, including cancelled ones.
    pub fn pending(&self, lane: Lane) -> usize {
        self.scheduler.pending(lane)
    }

    /// Refuses jobs from now on, runs the jobs that wait, and returns when all threads have ended.
    /// If a job calls this on one of the pool's own threads, it waits for no thread, because the
    /// jobs that wait may need that thread.
    pub fn close(&self) {
        // 1. No more jobs are let in. The scheduler tells the threads to leave once all jobs are
        //    taken.
        self.scheduler.close();
        // 2. The first caller waits for the threads, and a second call has nothing to wait for. The
        //    lock is released first, because jobs may call this, too.
        let threads = {
            let mut threads = self.threads.lock();
            if threads.iter().any(|handle| handle.thread().id() == thread::current().id()) {
                return;
            }
            std::mem::take(&mut *threads)
        };
        for handle in threads {
            // No panic leaves a thread: those of jobs end in `catch_panic`.
            let _ = handle.join();
        }
    }
}

/// Closes the pool: runs the jobs that wait, and waits for them.
impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.close();
    }
}

fn work(scheduler: &Arc<Scheduler<Task>>, serves: Serves) {
    let parker = Arc::new(Parker::new());
    let mut priority = ThreadPriority::new(DEFAULT_NICE_INCREMENT);
    let Some(mut seat) = scheduler.sit(serves, parker.clone()) else {
        unreachable!("a pool has as many seats as threads");
    };
    loop {
        match seat.take() {
            Take::Job(lane, Task { work, .. }) => {
                priority.begin(lane, || false);
                // A caller that waits for the job learns of a panic through what the job captured.
                catch_panic(work);
                seat.finish(lane);
            }
            // `Later` is for workers with jobs under way, which these threads never have here.
            Take::Sleep | Take::Later => parker.park(),
            Take::Leave => return,
        }
    }
}

fn catch_panic(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        // A payload may panic when it is dropped. The payload of that panic is forgotten.
        std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
    }
}
