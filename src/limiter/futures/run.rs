//! A future that runs in a slot.

use std::future::Future;

use super::acquire::Acquire;
use super::gate::Gate;
use crate::clock::Clock;
use crate::limiter::types::{NotAcquired, Outcome, Request};

impl<C: Clock> Gate<C> {
    /// Waits for a slot, runs a future in it, and gives the slot back. The future is not polled
    /// before the slot is there.
    ///
    /// The work counts as [`Outcome::Fulfilled`] when it ends, and as [`Outcome::Rejected`] if it
    /// panics or is dropped before. To count errors, acquire a [`Guard`](crate::limiter::Guard) and
    /// settle it.
    ///
    /// As any future, it makes progress only while it is polled, and it keeps its slot meanwhile. Do
    /// not leave it unpolled, for example in a `buffer_unordered` whose consumer waits for the same
    /// gate. With the feature `tokio`, `spawn` and `map_limited` have no such trap.
    ///
    /// # Errors
    /// As [`Gate::acquire`].
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(8))?;
    /// let answer = gate.run(Lane::Online, async { 6 * 7 }).await?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn run<R, F>(
        &self,
        request: R,
        work: F,
    ) -> impl Future<Output = Result<F::Output, NotAcquired>> + use<R, F, C>
    where
        R: Into<Request>,
        F: Future,
    {
        run_in(self.acquire(request), work)
    }
}

/// Runs a future in the slot that another future waits for.
pub(crate) async fn run_in<C: Clock, F: Future>(
    acquire: Acquire<C>,
    work: F,
) -> Result<F::Output, NotAcquired> {
    let guard = acquire.await?.dropped_as(Outcome::Rejected);
    // When this is dropped here, the work is dropped before the guard.
    let output = work.await;
    guard.settle(Outcome::Fulfilled);
    Ok(output)
}
