//! The number of slots: as it was set, or as an adaptive limit finds it.

use super::super::slots::Running;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::adaptive::Unit;
use crate::limiter::types::{Error, Outcome, Slot};

impl<C: Clock> Arbiter<C> {
    /// The number of slots; [`UNLIMITED`](crate::limiter::UNLIMITED) is no limit.
    pub fn concurrency(&self) -> u64 {
        self.slots.concurrency()
    }

    /// Changes the number of slots. [`Arbiter::grant_next`] hands out the slots of a raise. A lower
    /// number interrupts nothing; slots are withdrawn as running work ends. An
    /// [`adaptive`](crate::limiter::adaptive) limit keeps this number from now on.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was set.
    pub fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        self.slots.set_concurrency(concurrency)?;
        if let Some(controller) = &mut self.adaptive {
            controller.fix();
            self.slots.fix();
        }
        Ok(())
    }

    /// Whether the limit finds its concurrency, and none was set by hand.
    pub fn is_adaptive(&self) -> bool {
        self.adaptive.as_ref().is_some_and(|controller| controller.is_on())
    }

    /// A unit has started, and has taken its costs. Called only if the limit is observed.
    #[cold]
    pub(super) fn has_started(&mut self, slot: Slot) {
        if let Some(controller) = &mut self.adaptive {
            controller.started(slot, self.slots.in_flight());
        }
        self.note();
    }

    pub(super) fn adapt(&mut self, slot: Slot, ended: Running, outcome: Outcome, now: Option<u64>) {
        let Some(controller) = self.adaptive.as_mut().filter(|controller| controller.is_on())
        else {
            return;
        };
        let Running { lane, weight, started } = ended;
        // Its time is that of its inner calls, and of their waits.
        let started = started.sample().filter(|_| !self.lending.has_lent(slot));
        // An overload is counted even if the unit was not timed.
        let Some(now) = now.or_else(|| (outcome == Outcome::Overloaded).then(|| self.clock.now()))
        else {
            return;
        };
        let concurrency = controller.ended(Unit {
            started: started.map(|started| started.at),
            ended: now,
            weight: started.map_or(1, |started| started.weight.get()),
            slot,
            slots: u64::from(weight),
            most: self.slots.most_for(lane),
            outcome,
        });
        self.slots.set_concurrency(concurrency).expect("it is within its bounds");
    }

    /// An attempt of the unit in a slot has failed. The unit keeps the slot and will be tried again
    /// in it.
    ///
    /// This matters only if the limit is [`adaptive`](crate::limiter::adaptive). An
    /// [overloaded](Outcome::Overloaded) attempt counts at once, like a unit that ends overloaded.
    /// The latency of the unit does not count when it ends. No slot becomes free, and
    /// no count changes.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    #[cold]
    pub fn attempt_failed(&mut self, slot: Slot, outcome: Outcome) {
        let Some(Running { started, .. }) = self.slots.running(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        let Some(controller) = self.adaptive.as_mut().filter(|controller| controller.is_on())
        else {
            return;
        };
        let (started, now) = (started.sample().map(|started| started.at), self.clock.now());
        let concurrency = controller.attempt_failed(slot, started, now, outcome);
        self.slots.set_concurrency(concurrency).expect("it is within its bounds");
    }
}
