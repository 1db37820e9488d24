//! A task's way through a gate: the wait for a slot, and the guard that holds the slot.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread::panicking;

use super::state::Core;
use super::waiters::{Waiter, WaiterKey};
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::Enqueued;
use crate::limiter::types::{
    Cause, Cleared, Costs, Error, NotAcquired, Outcome, Reading, Request, Sent, Slot,
};

/// The future of [`Gate::acquire`](crate::limiter::Gate::acquire).
#[must_use = "a future does nothing unless it is polled"]
pub struct Acquire<C: Clock = MonotonicClock> {
    core: Core<C>,
    request: Request,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    New,
    Queued(WaiterKey),
    /// It was decided before the future was polled.
    Ready(Result<Slot, NotAcquired>),
    Done,
}

impl<C: Clock> Acquire<C> {
    pub(super) fn new(core: Core<C>, request: Request) -> Self {
        Self { core, request, stage: Stage::New }
    }

    /// Takes the place in the lane now, and not at the first poll. The future may then hold a slot
    /// before it is polled, so poll it soon.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let first = gate.acquire(Lane::Online).enqueue();
    /// let second = gate.acquire(Lane::Online).enqueue();
    /// assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 1));
    ///
    /// drop(first.await?);
    /// drop(second.await?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn enqueue(mut self) -> Self {
        if matches!(self.stage, Stage::New)
            && let Poll::Ready(turn) = self.poll_new(Waker::noop())
        {
            self.stage = Stage::Ready(turn);
        }
        self
    }

    /// Gives up the place, or the slot, for a cause that the statistics tell.
    #[cfg(feature = "tokio")]
    pub(crate) fn give_up(&mut self, cause: Cause) {
        self.leave(cause);
        self.stage = Stage::Done;
    }

    fn leave(&mut self, cause: Cause) {
        match self.stage {
            Stage::Queued(place) => {
                let mut state = self.core.lock();
                // This may hold the last waker of a task. It is dropped at the end, when no lock is
                // held.
                let left = state.waiters.remove(place);
                match left {
                    Waiter::Waiting { ticket, .. } => Core::cancel(state, ticket, cause),
                    Waiter::Granted(slot) => {
                        drop(state);
                        self.give_back(slot);
                    }
                    Waiter::Cleared | Waiter::Dropped(_) => {}
                }
            }
            Stage::Ready(Ok(slot)) => self.give_back(slot),
            Stage::New | Stage::Ready(Err(_)) | Stage::Done => {}
        }
    }

    /// The future returned no result: nothing was sent, and the time until it was dropped is no
    /// latency.
    fn give_back(&self, slot: Slot) {
        self.core.change(|arbiter| arbiter.unsent(slot));
        self.core.settle(slot, Outcome::Rejected);
    }

    fn poll_new(&mut self, waker: &Waker) -> Poll<Result<Slot, NotAcquired>> {
        let request = self.request;
        if let Some(slot) = self.core.admit(|state| state.arbiter.try_enqueue(request)) {
            return Poll::Ready(Ok(slot));
        }
        let mut waker = Some(waker.clone());
        self.core.clone().admit(|state| match state.arbiter.enqueue(request) {
            Enqueued::Granted(slot) => Poll::Ready(Ok(slot)),
            Enqueued::Refused(refused) => Poll::Ready(Err(refused.into())),
            Enqueued::Queued(ticket) => {
                let waker = waker.take().expect("it is queued once");
                self.stage = Stage::Queued(state.waiters.wait(ticket, waker));
                Poll::Pending
            }
        })
    }

    fn take_ready(&mut self) -> Poll<Result<Slot, NotAcquired>> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Ready(turn) => Poll::Ready(turn),
            _ => unreachable!("it was ready"),
        }
    }

    fn poll_queued(&mut self, place: WaiterKey, waker: &Waker) -> Poll<Result<Slot, NotAcquired>> {
        if let Some(ready) = self.take_result(place, |waiting| waiting.will_wake(waker)) {
            return ready;
        }
        let mut new = waker.clone();
        let turn = self.take_result(place, |waiting| {
            std::mem::swap(waiting, &mut new);
            true
        });
        drop(new);
        turn.expect("either it waits, with the new waker, or it is ready")
    }

    /// What became of a queued future. None if it still waits and `keeps` returns `false` for its
    /// waker.
    fn take_result(
        &mut self,
        place: WaiterKey,
        keeps: impl FnOnce(&mut Waker) -> bool,
    ) -> Option<Poll<Result<Slot, NotAcquired>>> {
        let mut state = self.core.lock();
        if let Waiter::Waiting { waker, .. } = state.waiters.get_mut(place) {
            return keeps(waker).then_some(Poll::Pending);
        }
        self.stage = Stage::Done;
        Some(Poll::Ready(match state.waiters.remove(place) {
            Waiter::Granted(slot) => Ok(slot),
            Waiter::Dropped(dropped) => Err(dropped.into()),
            _ => Err(Cleared { lane: self.request.lane }.into()),
        }))
    }
}

impl<C: Clock> Future for Acquire<C> {
    type Output = Result<Guard<C>, NotAcquired>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let turn = match self.stage {
            Stage::New => self.poll_new(cx.waker()),
            Stage::Queued(place) => self.poll_queued(place, cx.waker()),
            Stage::Ready(_) => self.take_ready(),
            Stage::Done => panic!("`Acquire` was polled after it was ready"),
        };
        turn.map(|turn| {
            self.stage = Stage::Done;
            turn.map(|slot| Guard::new(self.core.clone(), slot))
        })
    }
}

impl<C: Clock> Drop for Acquire<C> {
    fn drop(&mut self) {
        self.leave(Cause::Aborted);
    }
}

impl<C: Clock> fmt::Debug for Acquire<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("request", &self.request)
            .field("stage", &self.stage)
            .finish()
    }
}

/// The right to run one unit of work. When it is dropped, its slot goes to the next task.
///
/// Dropping it counts the work as [`Outcome::Fulfilled`], or as [`Outcome::Rejected`] during a
/// panic. Use [`Guard::settle`] for another outcome. A guard that is forgotten (`mem::forget`) keeps
/// its slot forever.
#[must_use = "the slot is given back when the guard is dropped"]
pub struct Guard<C: Clock = MonotonicClock> {
    core: Core<C>,
    slot: Slot,
    outcome: Outcome,
    is_settled: bool,
}

impl<C: Clock> Guard<C> {
    pub(super) fn new(core: Core<C>, slot: Slot) -> Self {
        Self { core, slot, outcome: Outcome::Fulfilled, is_settled: false }
    }

    /// Gives the slot back and records how the work ended.
    pub fn settle(mut self, outcome: Outcome) {
        self.is_settled = true;
        self.outcome = outcome;
    }

    /// Sets the outcome for the case that the guard is dropped, for example because the task that
    /// owns it is aborted. Default: [`Outcome::Fulfilled`].
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Lane, Options, Outcome};
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let guard = gate.try_acquire(Lane::Online).expect("the slot is free");
    /// drop(guard.dropped_as(Outcome::Rejected));
    /// assert_eq!(gate.stats().online.rejected, 1);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn dropped_as(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// The work has failed and will be tried again under this guard; see
    /// [`Arbiter::attempt_failed`].
    ///
    /// [`Arbiter::attempt_failed`]: crate::limiter::Arbiter::attempt_failed
    pub fn attempt_failed(&self, outcome: Outcome) {
        self.core.lock().arbiter.attempt_failed(self.slot, outcome);
    }

    /// A server has answered the work's request and says this of the rate; see [`Arbiter::learn`].
    /// Returns whether the answer counts.
    ///
    /// # Errors
    /// As [`Arbiter::learn`].
    ///
    /// [`Arbiter::learn`]: crate::limiter::Arbiter::learn
    pub fn learn(&self, reading: Reading) -> Result<bool, Error> {
        self.core.change(|arbiter| arbiter.learn(Sent::In(self.slot), reading))
    }

    /// The same of one of the quotas.
    ///
    /// # Errors
    /// If the gate has no quota of that name.
    pub fn learn_quota(&self, name: &str, reading: Reading) -> Result<bool, Error> {
        self.core.change(|arbiter| arbiter.learn_quota(name, Sent::In(self.slot), reading))
    }

    /// What the work has really cost of the rate; see [`Arbiter::spent`].
    ///
    /// [`Arbiter::spent`]: crate::limiter::Arbiter::spent
    pub fn spent(&self, costs: Costs) {
        self.core.change(|arbiter| arbiter.spent(self.slot, costs));
    }

    /// The same, where it has cost as much of the rate, or of each quota.
    pub fn spent_each(&self, cost: u32) {
        self.core.change(|arbiter| arbiter.spent_each(self.slot, cost));
    }

    /// The work sent nothing: it gives back all that it took of the rate.
    pub fn unsent(&self) {
        self.spent_each(0);
    }

    pub(super) fn core(&self) -> &Core<C> {
        &self.core
    }

    /// The slot that this guard holds. No other guard of the gate has it at the same time.
    pub fn slot(&self) -> Slot {
        self.slot
    }
}

impl<C: Clock> Drop for Guard<C> {
    fn drop(&mut self) {
        let has_failed = !self.is_settled && self.outcome == Outcome::Fulfilled && panicking();
        let outcome = if has_failed { Outcome::Rejected } else { self.outcome };
        self.core.settle(self.slot, outcome);
    }
}

impl<C: Clock> fmt::Debug for Guard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("slot", &self.slot).finish()
    }
}
