//! Calls inside other calls that get the slots of those; see [`lending`](super::super::lending).

use super::super::lending::Offer;
use super::super::tickets::Head;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Lane, Request, Slot, Ticket};

impl<C: Clock> Arbiter<C> {
    /// Starts a call inside a unit that lends its slots, if it gets a slot at once: one that is lent
    /// to it, or else a free one.
    #[cold]
    pub(super) fn try_enqueue_inside(&mut self, request: Request, outer: Slot) -> Option<Slot> {
        self.observed = true;
        let borrows = self.may_borrow(request, outer);
        if !borrows && !self.may_start_at_once(request) {
            return None;
        }
        let weight = self.slots.need(request.lane, request.weight);
        let slot = self.start_newcomer(request, if borrows { 0 } else { weight });
        self.lending.join_running(outer, slot, &self.slots);
        if borrows {
            self.lending.borrow(slot, outer, weight);
        }
        self.offer_slots();
        Some(slot)
    }

    /// Whether a newcomer gets the slots of its outer call at once. If other tickets wait for time,
    /// or for more slots than are lent, it takes its turn among them.
    pub(super) fn may_borrow(&self, request: Request, outer: Slot) -> bool {
        let Request { lane, weight, .. } = request;
        let is_timed = !self.pacing.is_free();
        let may_start = || {
            let now = self.clock.now();
            let is_paused = self.pacing.is_held() || self.pacing.is_paused_at(lane, now);
            let ready_at = self.pacing.newcomer_ready_at(request);
            !is_paused && !self.has_work_that_waits() && self.is_past(ready_at)
        };
        u64::from(weight) <= self.slots.heaviest_for(lane)
            && self.slots.need(lane, weight) <= self.lending.weight_of(outer, &self.slots)
            && self.lending.may_lend(outer)
            && self.fits_beside_work(lane, 0, 0)
            && (!is_timed || may_start())
    }

    /// The unit in slot `outer` waits for a ticket from now on, whether or not it has made the ticket,
    /// and lends its slots to it. Call [`Arbiter::grant_next`] then until it returns none.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn lend(&mut self, ticket: Ticket, outer: Slot) {
        if let Some(place) = self.tickets.asked_by(ticket) {
            self.observed = true;
            self.lending.join(outer, ticket, place, &self.slots);
            self.offer_slots();
        }
    }

    /// The unit in slot `outer` waits for the unit in `slot`, if one runs there, from now on.
    ///
    /// # Panics
    /// If nothing runs in slot `outer`.
    pub fn await_running(&mut self, slot: Slot, outer: Slot) {
        if self.slots.running(slot).is_none() {
            return; // it has just ended
        }
        self.observed = true;
        self.lending.join_running(outer, slot, &self.slots);
    }

    /// The call that the slots of another one are lent to, if it is the head of a lane.
    pub(super) fn offer_at(&self, lane: Lane) -> Option<Offer> {
        if self.lending.is_on() { self.lending.offer(lane, &self.slots) } else { None }
    }

    /// A unit of a ticket has started, in slots that were offered to it or in free ones.
    #[cold]
    pub(super) fn has_started_inside(&mut self, ticket: Ticket, slot: Slot, offer: Option<Offer>) {
        self.lending.started(ticket, slot, self.waits(ticket), &self.slots);
        if let Some(Offer { lender, weight, .. }) = offer {
            self.lending.borrow(slot, lender, weight);
        }
        self.offer_slots();
    }

    /// Puts the calls first in their lanes that have the slots of others.
    #[cold]
    pub(super) fn offer_slots(&mut self) {
        for lane in Lane::ALL {
            let offer = self.lending.offer(lane, &self.slots);
            self.tickets.put_first(lane, offer.map(|Offer { ticket, extra, .. }| (ticket, extra)));
        }
    }

    /// The lane whose head is next, as in [`next_lane_if`](Arbiter::next_lane_if), if some heads
    /// have slots of others. Of a lane that is not open, nothing starts.
    #[cold]
    pub(super) fn next_lane_lending(&self, open: [bool; 2]) -> Option<Lane> {
        let heads = Lane::ALL.map(|lane| self.tickets.head(lane).filter(|_| open[lane.index()]));
        let first = self.first_lane(heads.map(|head| head.is_some()))?;
        let fits = |lane: Lane, kept| {
            heads[lane.index()].is_some_and(|Head { weight, .. }| match self.offer_at(lane) {
                Some(_) => self.fits_beside_work(lane, weight, kept),
                None => self.slots.fit(lane, weight, kept),
            })
        };
        if fits(first, 0) {
            return Some(first);
        }
        let kept = heads[first.index()].map_or(0, |head| self.slots.need(first, head.weight));
        fits(first.other(), kept.into()).then_some(first.other())
    }

    /// Whether a call fits that has the slots of another one, and needs `extra` slots with them.
    /// More slots than there are may be held, because a heavy call has run like this or because the
    /// concurrency was lowered. Then it waits until nothing else works.
    fn fits_beside_work(&self, lane: Lane, extra: u32, kept: u64) -> bool {
        let fits = match extra {
            0 => self.slots.in_flight() <= self.slots.concurrency(),
            _ => self.slots.fit(lane, extra, kept),
        };
        fits || self.lending.all_wait(self.totals().0)
    }
}
