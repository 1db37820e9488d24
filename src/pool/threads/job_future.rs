//! A job whose result is a future.
//!
//! The thread and the future share a place under a lock. The thread puts the result there, or takes
//! it back to nothing if the future is gone. No foreign code runs under the lock: wakers are cloned
//! before it is taken, and woken or dropped after it is released.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::{CancelHandle, ThreadPool, Work};
use crate::limiter::Lane;
use crate::pool::error::Closed;

type Outcome<T> = Result<T, Box<dyn Any + Send>>;

enum Place<T> {
    /// The job has not ended. The waker is that of the last poll.
    Open(Option<Waker>),
    Ended(Outcome<T>),
    /// The result was taken, or nobody wants it.
    Empty,
}

/// The future of [`ThreadPool::run`]. If it is dropped before a thread has begun the job, the job is
/// cancelled. A job that has begun goes on, and its result is dropped on its thread.
#[must_use = "the job is cancelled when its future is dropped"]
pub struct JobFuture<T> {
    place: Arc<Mutex<Place<T>>>,
    cancel: CancelHandle,
}

impl ThreadPool {
    /// Queues a job now, and returns a future of its result. The future works under any async
    /// runtime, and resumes a panic of the job where it is awaited.
    ///
    /// # Errors
    /// Returns the job if the pool is closed.
    ///
    /// # Panics
    /// The future panics with what the job panicked with, and if it is polled after it was ready.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::Lane;
    /// use p_lanes::pool::{Options, ThreadPool};
    ///
    /// let pool = ThreadPool::new(Options::new(2))?;
    /// let sum = pool.run(Lane::Online, || (1..=1_000_u64).sum::<u64>())?;
    /// assert_eq!(sum.await, 500_500);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn run<F, T>(&self, lane: Lane, job: F) -> Result<JobFuture<T>, Closed<Work>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::new(Mutex::new(Place::Open(None)));
        let end = Arc::clone(&place);
        let cancel = self.spawn_cancellable(lane, move || {
            let outcome = catch_unwind(AssertUnwindSafe(job));
            end_with(&end, outcome);
        })?;
        Ok(JobFuture { place, cancel })
    }
}

/// Runs on the pool's thread. What is dropped here may panic, and ends as a panic of a job does.
fn end_with<T>(place: &Mutex<Place<T>>, outcome: Outcome<T>) {
    let mut place = place.lock();
    if matches!(*place, Place::Empty) {
        drop(place);
        drop(outcome);
        return;
    }
    let before = std::mem::replace(&mut *place, Place::Ended(outcome));
    drop(place);
    if let Place::Open(Some(waker)) = before {
        waker.wake();
    }
}

impl<T> Future for JobFuture<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let waker = cx.waker().clone();
        let mut place = self.place.lock();
        let before = match *place {
            Place::Open(_) => std::mem::replace(&mut *place, Place::Open(Some(waker))),
            Place::Ended(_) => std::mem::replace(&mut *place, Place::Empty),
            Place::Empty => panic!("`JobFuture` was polled after it was ready"),
        };
        drop(place);
        match before {
            Place::Ended(Ok(output)) => Poll::Ready(output),
            Place::Ended(Err(panic)) => resume_unwind(panic),
            Place::Open(_) | Place::Empty => Poll::Pending,
        }
    }
}

impl<T> Drop for JobFuture<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
        // A result that is there is dropped after the lock is released.
        let before = std::mem::replace(&mut *self.place.lock(), Place::Empty);
        drop(before);
    }
}

impl<T> fmt::Debug for JobFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_ended = !matches!(*self.place.lock(), Place::Open(_));
        f.debug_struct("JobFuture").field("has_ended", &has_ended).finish()
    }
}
