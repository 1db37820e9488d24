//! A heavy unit that gives some of its slots to a unit of their own.

use super::super::slots::Running;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::Slot;

impl<C: Clock> Arbiter<C> {
    /// Makes `weight` slots of the unit in `slot` a unit of their own, which started when the first
    /// one did. Returns its slot. No slot becomes free and none is taken. The statistics count one
    /// more granted unit. What the unit took of the [rate](crate::limiter::Rate), and takes for later
    /// attempts, is shared by weight.
    ///
    /// Returns none, and does nothing, if the unit would keep no slot, if `weight` is 0, or if slots
    /// are lent by the unit or to it, or a call made [inside](crate::limiter::Request::inside) it
    /// waits.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome, Request};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(4))?;
    /// let heavy = Request::new(Lane::Online).weight(4);
    /// let Enqueued::Granted(slot) = arbiter.enqueue(heavy) else { unreachable!() };
    /// let other = arbiter.split(slot, 3).expect("it has four slots");
    /// assert_eq!(arbiter.active(Lane::Online), 2);
    ///
    /// arbiter.settle(slot, Outcome::Fulfilled);
    /// assert!(arbiter.try_enqueue(Lane::Online).is_some(), "one of four slots is free");
    /// assert!(arbiter.try_enqueue(Lane::Online).is_none());
    /// # arbiter.settle(other, Outcome::Fulfilled);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn split(&mut self, slot: Slot, weight: u32) -> Option<Slot> {
        let running = self.slots.running(slot).expect("a unit that runs is split");
        let rest = running.weight.checked_sub(weight).filter(|&rest| rest > 0 && weight > 0)?;
        if self.nesting.has(slot) || self.lending.has(slot) {
            return None;
        }
        self.slots.hold(slot, rest);
        let Running { lane, started, .. } = running;
        let other = self.slots.take(Running { lane, weight, started });
        self.recorders[lane.index()].split();
        if self.observed {
            self.pacing.has_split(slot, other, [rest, weight]);
            self.has_started(other);
        }
        Some(other)
    }

    /// How many slots the unit in a slot holds, without those that are lent to it.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn weight_of(&self, slot: Slot) -> u32 {
        self.slots.running(slot).expect("a unit that runs has slots").weight
    }
}
