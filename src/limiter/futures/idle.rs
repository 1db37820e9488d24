//! The wait until a gate has nothing to do.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::gate::Gate;
use super::state::Core;
use crate::clock::{Clock, MonotonicClock};

/// The future of [`Gate::idle`].
#[must_use = "a future does nothing unless it is polled"]
pub struct Idle<C: Clock = MonotonicClock> {
    core: Core<C>,
}

impl<C: Clock> Gate<C> {
    /// Waits until no guard exists and no task waits. After [`Gate::close`] it stays so: a shutdown
    /// closes the gate and then waits for this.
    ///
    /// A gate that is not closed may have work again when the task runs that waited.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(2))?;
    /// let jobs: Vec<_> = (0..10).map(|_| tokio::spawn(gate.run(Lane::Offline, async {}))).collect();
    /// tokio::task::yield_now().await;
    ///
    /// gate.close();
    /// gate.idle().await;
    /// assert_eq!(gate.stats().offline.settled, 10);
    /// # drop(jobs);
    /// # Ok(())
    /// # }
    /// ```
    pub fn idle(&self) -> Idle<C> {
        Idle { core: self.core().clone() }
    }
}

impl<C: Clock> Future for Idle<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // If it is not needed, it is dropped after the lock is released.
        let waker = cx.waker().clone();
        let mut state = self.core.lock();
        if state.arbiter.is_idle() {
            return Poll::Ready(());
        }
        // A future that was dropped leaves its waker here until the gate is idle. One that is made
        // again and again by the same task leaves one.
        if !state.when_idle.iter().any(|other| other.will_wake(&waker)) {
            state.when_idle.push(waker);
        }
        Poll::Pending
    }
}

impl<C: Clock> fmt::Debug for Idle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}
