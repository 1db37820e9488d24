//! The reserve: as it was set, or as it is found.

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::reserve::{Controller, ReserveStats};
use crate::limiter::types::{Lane, Request, Ticket};

impl<C: Clock> Arbiter<C> {
    /// The slots that offline work may not take now.
    pub fn reserve(&self) -> u64 {
        self.slots.reserve()
    }

    /// Whether a unit that comes to a lane is the first in a limit that finds its reserve while the
    /// other lane is in use. A limit of which one lane is used measures nothing.
    #[inline(always)]
    pub(super) fn begins_to_measure(&self, lane: Lane) -> bool {
        self.reserve.slots().is_none() && self.reserving.is_none() && self.was_used(lane.other())
    }

    fn was_used(&self, lane: Lane) -> bool {
        self.recorders[lane.index()].has_granted() || self.pending(lane) > 0
    }

    #[cold]
    pub(super) fn begin_to_measure(&mut self) {
        let now = self.clock.now();
        self.reserving =
            Controller::new(self.reserve, now, self.was_used(Lane::Online)).map(Box::new);
        self.observed = true;
    }

    /// Tells the controller of the reserve of the time that has passed, before something changes.
    /// Called only if the limit is observed.
    #[cold]
    pub(super) fn time_passes(&mut self) {
        let online = self.has_online_work();
        if let Some(reserving) = &mut self.reserving {
            let concurrency = self.slots.concurrency();
            let kept = reserving.pass(self.clock.now(), self.slots.held(), concurrency, online);
            self.slots.keep(kept);
        }
    }

    fn has_online_work(&self) -> bool {
        self.active(Lane::Online) + self.pending(Lane::Online) > 0
    }

    /// A unit has started that did not wait.
    pub(super) fn newcomer_has_started(&mut self, lane: Lane, slots: u32) {
        if let (Lane::Online, Some(reserving)) = (lane, &mut self.reserving) {
            let kept = reserving.arrived(self.clock.now(), slots.into());
            reserving.started_at_once();
            self.slots.keep(kept);
        }
    }

    /// The units of a ticket wait from now on.
    pub(super) fn newcomer_waits(&mut self, ticket: Ticket, request: Request, units: u32) {
        if let (Lane::Online, Some(reserving)) = (request.lane, &mut self.reserving) {
            let now = self.clock.now();
            let slots = u64::from(self.slots.need(Lane::Online, request.weight));
            let ahead =
                self.slots.held()[0] + self.tickets.pending(Lane::Online) - u64::from(units);
            let offline_fits = self.slots.held()[1] <= self.slots.most_for(Lane::Offline);
            let is_paused = self.pacing.is_held() || self.pacing.is_paused_at(Lane::Online, now);
            let kept = reserving.arrived(now, slots * u64::from(units));
            reserving.waits(ticket, now, ahead, offline_fits && !is_paused);
            self.slots.keep(kept);
        }
    }

    /// A pause of the online lane begins.
    pub(super) fn online_is_paused(&mut self) {
        if let Some(reserving) = &mut self.reserving {
            reserving.paused();
        }
    }

    /// A ticket starts its first unit, or leaves.
    pub(super) fn no_longer_waits(&mut self, ticket: Ticket, starts: bool) {
        // What follows holds from the next change on: it is decided already which unit starts now.
        if let Some(reserving) = &mut self.reserving {
            reserving.waited(ticket, self.clock.now(), starts);
        }
    }

    pub(super) fn reserve_stats(&self) -> ReserveStats {
        match &self.reserving {
            Some(reserving) => reserving.stats(),
            None => {
                ReserveStats::of(self.reserve, self.slots.reserve(), self.was_used(Lane::Offline))
            }
        }
    }
}
