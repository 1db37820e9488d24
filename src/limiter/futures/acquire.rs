//! A task's way through a gate: the wait for a slot, and the guard that holds the slot.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::state::Core;
use super::waiters::{Waiter, WaiterKey};
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::Enqueued;
use crate::limiter::types::{Cleared, NotAcquired, Outcome, Request, Slot};

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
    Done,
}

impl<C: Clock> Acquire<C> {
    pub(super) fn new(core: Core<C>, request: Request) -> Self {
        Self { core, request, stage: Stage::New }
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
        let Stage::Queued(place) = self.stage else {
            return;
        };
        let mut state = self.core.lock();
        // This may hold the last waker of a task. It is dropped at the end, when no lock is held.
        let left = state.waiters.remove(place);
        match left {
            Waiter::Waiting { ticket, .. } => Core::cancel(state, ticket),
            Waiter::Granted(slot) => {
                drop(state);
                // The future returned no result, and the time until it was dropped is no latency.
                self.core.settle(slot, Outcome::Rejected);
            }
            Waiter::Cleared | Waiter::Dropped(_) => {}
        }
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
/// Dropping it counts the work as [`Outcome::Fulfilled`]. Use [`Guard::settle`] for another
/// outcome. A guard that is forgotten (`mem::forget`) keeps its slot forever.
#[must_use = "the slot is given back when the guard is dropped"]
pub struct Guard<C: Clock = MonotonicClock> {
    core: Core<C>,
    slot: Slot,
    outcome: Outcome,
}

impl<C: Clock> Guard<C> {
    pub(super) fn new(core: Core<C>, slot: Slot) -> Self {
        Self { core, slot, outcome: Outcome::Fulfilled }
    }

    /// Gives the slot back and records how the work ended.
    pub fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// The work has failed and will be tried again under this guard; see
    /// [`Arbiter::attempt_failed`].
    ///
    /// [`Arbiter::attempt_failed`]: crate::limiter::Arbiter::attempt_failed
    pub fn attempt_failed(&self, outcome: Outcome) {
        self.core.lock().arbiter.attempt_failed(self.slot, outcome);
    }

    /// The slot that this guard holds. No other guard of the gate has it at the same time.
    pub fn slot(&self) -> Slot {
        self.slot
    }
}

impl<C: Clock> Drop for Guard<C> {
    fn drop(&mut self) {
        self.core.settle(self.slot, self.outcome);
    }
}

impl<C: Clock> fmt::Debug for Guard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("slot", &self.slot).finish()
    }
}
