//! Limited tasks that belong together.

use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};

use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::error::TaskError;
use super::spawn::block_in;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::futures::{Gate, run_in};
use crate::limiter::types::{NotAcquired, Request};

/// Limited tasks that are joined or dropped as a whole: a [`JoinSet`] whose tasks wait for a slot.
///
/// When the set is dropped, all of its tasks are aborted. So nothing of a batch goes on when the
/// function that has started it returns early.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use p_lanes::limiter::tasks::LimitedSet;
/// use p_lanes::limiter::{Gate, Lane, Options};
///
/// let gate = Gate::new(Options::new(2))?;
/// let mut squares = LimitedSet::new(&gate);
/// for number in 1..=4 {
///     squares.spawn(Lane::Offline, async move { number * number });
/// }
/// assert_eq!(squares.try_join_all().await?, [1, 4, 9, 16]);
/// # Ok(())
/// # }
/// ```
#[must_use = "the tasks of a set are aborted when it is dropped"]
pub struct LimitedSet<T, C = MonotonicClock> {
    gate: Gate<C>,
    tasks: JoinSet<Ended<T>>,
    /// How many tasks were spawned.
    spawned: usize,
}

/// A task's number in the order in which they were spawned, and what became of it.
type Ended<T> = (usize, Result<T, NotAcquired>);

impl<T, C> LimitedSet<T, C> {
    /// A set without tasks, which will take their slots from this gate.
    pub fn new(gate: &Gate<C>) -> Self {
        Self { gate: gate.clone(), tasks: JoinSet::new(), spawned: 0 }
    }

    /// How many tasks are in the set: those that wait, that run, and that have ended and were not
    /// joined.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no tasks are in the set.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The gate whose slots the tasks take.
    pub fn gate(&self) -> &Gate<C> {
        &self.gate
    }
}

impl<T: Send + 'static, C: Clock + Send + 'static> LimitedSet<T, C> {
    /// Adds a task, as [`Gate::spawn`] does.
    ///
    /// # Panics
    /// As [`Gate::spawn`].
    pub fn spawn<F>(&mut self, request: impl Into<Request>, work: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
    {
        let acquire = self.gate.acquire(request).enqueue();
        self.add(run_in(acquire, work))
    }

    /// Adds a closure that blocks its thread, as [`Gate::spawn_blocking`] does.
    ///
    /// # Panics
    /// As [`Gate::spawn`].
    pub fn spawn_blocking<F>(&mut self, request: impl Into<Request>, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let acquire = self.gate.acquire(request).enqueue();
        self.add(block_in(acquire, work))
    }

    fn add<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = Result<T, NotAcquired>> + Send + 'static,
    {
        let number = self.spawned;
        self.spawned += 1;
        self.tasks.spawn(async move { (number, task.await) })
    }

    /// Waits for the next task to end, and takes it out of the set. None if the set is empty. It is
    /// cancel safe: no task is lost if the future is dropped.
    ///
    /// # Errors
    /// If the task got no slot, panicked, or was aborted.
    pub async fn join_next(&mut self) -> Option<Result<T, TaskError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// [`LimitedSet::join_next`] for those that poll.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        let ended = ready!(self.tasks.poll_join_next(cx));
        Poll::Ready(ended.map(|ended| result_of(ended).map(|(_, output)| output)))
    }

    /// Takes a task out of the set that has ended, if there is one.
    ///
    /// # Errors
    /// As [`LimitedSet::join_next`].
    pub fn try_join_next(&mut self) -> Option<Result<T, TaskError>> {
        let ended = self.tasks.try_join_next()?;
        Some(result_of(ended).map(|(_, output)| output))
    }

    /// Waits for all tasks, and returns their results in the order in which they were spawned.
    ///
    /// # Errors
    /// The error of the first task that ends without a result. All others are then aborted, and none
    /// of them has a place or a slot any more when this returns, except for
    /// [closures](LimitedSet::spawn_blocking) that run.
    pub async fn try_join_all(mut self) -> Result<Vec<T>, TaskError> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(ended) = self.tasks.join_next().await {
            match result_of(ended) {
                Ok(output) => outputs.push(output),
                Err(error) => {
                    self.tasks.shutdown().await;
                    return Err(error);
                }
            }
        }
        outputs.sort_unstable_by_key(|&(number, _)| number);
        Ok(outputs.into_iter().map(|(_, output)| output).collect())
    }

    /// Aborts all tasks. They stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Aborts all tasks and waits until all have ended.
    pub async fn shutdown(&mut self) {
        self.tasks.shutdown().await;
    }

    /// Takes all tasks out of the set without a word to them: they go on.
    pub fn detach_all(&mut self) {
        self.tasks.detach_all();
    }
}

fn result_of<T>(ended: Result<Ended<T>, JoinError>) -> Result<(usize, T), TaskError> {
    let (number, turn) = ended?;
    Ok((number, turn?))
}

impl<T, C> fmt::Debug for LimitedSet<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitedSet").field("len", &self.len()).finish_non_exhaustive()
    }
}
