//! A task's way through a gate: the wait for a slot, and the slot.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::arbiter::{Enqueued, Outcome};
use super::error::{Cleared, NotAcquired};
use super::gate::{Gate, wake_all};
use super::request::Request;
use super::slots::Slot;
use super::waiters::{Place, Waiter};
use crate::clock::{Clock, MonotonicClock};

/// The future of [`Gate::acquire`].
#[must_use = "a future does nothing unless it is polled"]
pub struct Acquire<C: Clock = MonotonicClock> {
    gate: Gate<C>,
    request: Request,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    New,
    Queued(Place),
    Done,
}

impl<C: Clock> Acquire<C> {
    pub(super) fn new(gate: Gate<C>, request: Request) -> Self {
        Self { gate, request, stage: Stage::New }
    }

    fn enter(&mut self, waker: &Waker) -> Poll<Result<Slot, NotAcquired>> {
        let request = self.request;
        if let Some(slot) = self.gate.let_in(|shared| shared.arbiter.try_enqueue(request)) {
            return Poll::Ready(Ok(slot));
        }
        let mut waker = Some(waker.clone());
        self.gate.clone().let_in(|shared| match shared.arbiter.enqueue(request) {
            Enqueued::Granted(slot) => Poll::Ready(Ok(slot)),
            Enqueued::Refused(refused) => Poll::Ready(Err(refused.into())),
            Enqueued::Queued(ticket) => {
                let waker = waker.take().expect("it is queued once");
                self.stage = Stage::Queued(shared.waiters.wait(ticket, waker));
                Poll::Pending
            }
        })
    }

    fn look_again(&mut self, place: Place, waker: &Waker) -> Poll<Result<Slot, NotAcquired>> {
        if let Some(ready) = self.take_turn(place, |waiting| waiting.will_wake(waker)) {
            return ready;
        }
        let mut new = waker.clone();
        let turn = self.take_turn(place, |waiting| {
            std::mem::swap(waiting, &mut new);
            true
        });
        drop(new);
        turn.expect("either it waits, with the new waker, or it is ready")
    }

    /// What has become of a queued future; none where it still waits and `keeps` refuses its waker.
    fn take_turn(
        &mut self,
        place: Place,
        keeps: impl FnOnce(&mut Waker) -> bool,
    ) -> Option<Poll<Result<Slot, NotAcquired>>> {
        let mut shared = self.gate.shared.lock();
        if let Waiter::Waiting { waker, .. } = shared.waiters.get_mut(place) {
            return keeps(waker).then_some(Poll::Pending);
        }
        self.stage = Stage::Done;
        Some(Poll::Ready(match shared.waiters.remove(place) {
            Waiter::Granted(slot) => Ok(slot),
            _ => Err(Cleared { lane: self.request.lane }.into()),
        }))
    }
}

impl<C: Clock> Future for Acquire<C> {
    type Output = Result<Guard<C>, NotAcquired>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let turn = match self.stage {
            Stage::New => self.enter(cx.waker()),
            Stage::Queued(place) => self.look_again(place, cx.waker()),
            Stage::Done => panic!("`Acquire` was polled after it was ready"),
        };
        turn.map(|turn| {
            self.stage = Stage::Done;
            turn.map(|slot| Guard::new(self.gate.clone(), slot))
        })
    }
}

impl<C: Clock> Drop for Acquire<C> {
    fn drop(&mut self) {
        let Stage::Queued(place) = self.stage else {
            return;
        };
        let mut shared = self.gate.shared.lock();
        let left = shared.waiters.remove(place);
        let mut granted = Vec::new();
        if let Waiter::Waiting { ticket, .. } = left {
            shared.arbiter.cancel(ticket);
            granted = shared.grant_all();
        }
        drop(shared);
        wake_all(granted);
        if let Waiter::Granted(slot) = left {
            // It has given no result, and how soon it was dropped is no latency.
            self.gate.settle(slot, Outcome::Rejected);
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

/// The right to run one unit of work, until it is dropped: then its slot goes to who is next.
///
/// Dropping it counts the work as [`Outcome::Fulfilled`]; [`Guard::settle`] says otherwise. A guard
/// that is forgotten (`mem::forget`) keeps its slot for ever.
#[must_use = "the slot is given back when the guard is dropped"]
pub struct Guard<C: Clock = MonotonicClock> {
    gate: Gate<C>,
    slot: Slot,
    outcome: Outcome,
}

impl<C: Clock> Guard<C> {
    pub(super) fn new(gate: Gate<C>, slot: Slot) -> Self {
        Self { gate, slot, outcome: Outcome::Fulfilled }
    }

    /// Gives the slot back and says how the work ended.
    pub fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// The work has failed and will be tried again under this guard: see [`Arbiter::attempt_failed`].
    ///
    /// [`Arbiter::attempt_failed`]: super::Arbiter::attempt_failed
    pub fn attempt_failed(&self, outcome: Outcome) {
        self.gate.shared.lock().arbiter.attempt_failed(self.slot, outcome);
    }

    /// The slot it holds: no other guard of the gate has this one at the same time.
    pub fn slot(&self) -> Slot {
        self.slot
    }
}

impl<C: Clock> Drop for Guard<C> {
    fn drop(&mut self) {
        self.gate.settle(self.slot, self.outcome);
    }
}

impl<C: Clock> fmt::Debug for Guard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("slot", &self.slot).finish()
    }
}
