//! Tasks of tokio's that run in a slot.

use std::fmt;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::{AbortHandle, JoinHandle};

use super::error::TaskError;
use crate::clock::Clock;
use crate::limiter::futures::{Acquire, Gate, run_in};
use crate::limiter::types::{NotAcquired, Outcome, Request};

impl<C: Clock + Send + 'static> Gate<C> {
    /// Spawns a task that waits for a slot, runs a future in it, and gives the slot back. The task
    /// takes its place in the lane now.
    ///
    /// The work counts as [`Outcome::Fulfilled`] when it ends, and as [`Outcome::Rejected`] if it
    /// panics or is aborted. To count errors, move a [`Guard`](crate::limiter::Guard) into the task
    /// and settle it.
    ///
    /// # Panics
    /// Outside of a tokio runtime, and as [`Gate::acquire`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let first = gate.spawn(Lane::Online, async { 1 });
    /// let second = gate.spawn(Lane::Online, async { 2 });
    /// assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 1));
    /// assert_eq!(first.await? + second.await?, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn<F>(&self, request: impl Into<Request>, work: F) -> Spawned<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let acquire = self.acquire(request).enqueue();
        Spawned { task: tokio::spawn(run_in(acquire, work)) }
    }

    /// Spawns a task that waits for a slot, and then runs a closure on tokio's threads for blocking
    /// work. A thread is taken only when the slot is there. The slot is held until the closure has
    /// returned, even if the task is aborted meanwhile: threads cannot be interrupted.
    ///
    /// # Panics
    /// As [`Gate::spawn`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(2))?;
    /// let sum = gate.spawn_blocking(Lane::Offline, || (1..=1_000_u64).sum::<u64>());
    /// assert_eq!(sum.await?, 500_500);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_blocking<F, T>(&self, request: impl Into<Request>, work: F) -> Spawned<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let acquire = self.acquire(request).enqueue();
        Spawned { task: tokio::spawn(block_in(acquire, work)) }
    }
}

/// Runs a closure on a thread for blocking work, in the slot that a future waits for.
pub(super) async fn block_in<C, F, T>(acquire: Acquire<C>, work: F) -> Result<T, NotAcquired>
where
    C: Clock + Send + 'static,
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let guard = acquire.await?.dropped_as(Outcome::Rejected);
    let mut task = AbortOnDrop(tokio::task::spawn_blocking(move || {
        let output = work();
        guard.settle(Outcome::Fulfilled);
        output
    }));
    match (&mut task.0).await {
        Ok(output) => Ok(output),
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The runtime ends, and this task with it.
        Err(_) => pending().await,
    }
}

/// A closure that has not begun when its task is aborted never begins.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A task of [`Gate::spawn`]: a future of its result. The task goes on if this is dropped, as that of
/// a [`JoinHandle`] does.
///
/// The result is an error if the task got no slot, panicked, or was aborted.
#[must_use = "the task goes on without it; `drop` it if that is meant"]
pub struct Spawned<T> {
    task: JoinHandle<Result<T, NotAcquired>>,
}

impl<T> Spawned<T> {
    /// Aborts the task. It gives up its place in the lane, or its slot, when tokio drops its future:
    /// at once if it waits, at its next `await` if it runs.
    pub fn abort(&self) {
        self.task.abort();
    }

    /// A handle that can abort the task, and does not own its result.
    pub fn abort_handle(&self) -> AbortHandle {
        self.task.abort_handle()
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> Future for Spawned<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(Pin::new(&mut self.task).poll(cx));
        Poll::Ready(ended.map_err(TaskError::from).and_then(|turn| turn.map_err(TaskError::from)))
    }
}

impl<T> fmt::Debug for Spawned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawned").field("is_finished", &self.is_finished()).finish()
    }
}
