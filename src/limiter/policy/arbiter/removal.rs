//! How tickets leave their lane, and units their slot, without running: cancelled, cleared, or taken
//! back; and how they move to an earlier place.

use super::super::tickets::Head;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Cause, Lane, Refused, Request, Slot, Ticket};

impl<C: Clock> Arbiter<C> {
    /// Takes the units that still wait of a ticket out of its lane. Returns `false`, and does
    /// nothing, if the ticket does not wait.
    ///
    /// Numbers are reused. A ticket that was granted, cancelled or cleared may be another call's by
    /// now, so forget it when you learn of it.
    ///
    /// The statistics count it as [cleared](Cause::Cleared).
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        self.cancel_for(ticket, Cause::Cleared)
    }

    /// Like [`Arbiter::cancel`], for a cause that the statistics tell.
    pub fn cancel_for(&mut self, ticket: Ticket, cause: Cause) -> bool {
        let waits = self.tickets.lane_of(ticket).is_some();
        if waits {
            self.drop_waiting(ticket, cause);
        }
        waits
    }

    /// Records that the unit in a slot is given up. It still runs until it is settled.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn given_up(&mut self, slot: Slot, cause: Cause) {
        let lane = self.lane_of(slot);
        self.recorders[lane.index()].given_up(cause);
    }

    /// Adds to the counts of a lane what only the caller knows: calls that it has refused itself,
    /// less those that wait for room although they were refused here; and calls that were aborted
    /// before they came here.
    pub fn correct(&mut self, lane: Lane, refused: i32, aborted: u32) {
        self.recorders[lane.index()].corrected(refused, aborted);
    }

    /// The refusal of so many units of a request, if they are refused. It is counted.
    pub(super) fn refuse(&mut self, request: Request, units: u32) -> Option<Refused> {
        let refused = self.refusal(request, units)?;
        let recorder = &mut self.recorders[request.lane.index()];
        match refused {
            Refused::Dropped(_) => recorder.left_queue(Cause::Dropped, units.into()),
            _ => recorder.refused(units),
        }
        Some(refused)
    }

    /// Takes all tickets out of a lane and returns them in the lane's order: calls, and batches
    /// with the units that they had left. Units that run are not affected.
    pub fn clear(&mut self, lane: Lane) -> Vec<Ticket> {
        let mut dropped = Vec::new();
        if self.is_fair() {
            dropped = self.waiting(lane);
            for &ticket in &dropped {
                self.drop_waiting(ticket, Cause::Cleared);
            }
        }
        while let Some(Head { ticket, .. }) = self.tickets.head(lane) {
            self.drop_waiting(ticket, Cause::Cleared);
            dropped.push(ticket);
        }
        dropped
    }

    /// Moves a ticket to a lane and priority, behind the tickets that are there, if it then starts
    /// earlier: to the online lane, or to a higher priority in its own. Returns `false`, and does
    /// nothing, if it would not, or if the ticket does not wait.
    pub fn raise(&mut self, ticket: Ticket, lane: Lane, priority: i32) -> bool {
        let Some((own_lane, own_priority, weight)) = self.tickets.asked_by(ticket) else {
            return false;
        };
        let is_earlier = match (own_lane, lane) {
            (Lane::Offline, Lane::Online) => true,
            (Lane::Online, Lane::Offline) => false,
            _ => priority > own_priority,
        };
        if is_earlier {
            self.move_to(ticket, own_lane, (lane, priority, weight));
        }
        is_earlier
    }

    /// Moves a ticket to a lane and priority, behind the tickets that are there, whether it then
    /// starts earlier or later. Returns `false`, and does nothing, if it has that lane and priority,
    /// or does not wait. A [full](Arbiter::max_queue) lane takes it, too. Call
    /// [`Arbiter::grant_next`] then until it returns none.
    ///
    /// # Errors
    /// [`Refused::Weight`] if the lane may never hold so many slots, and [`Refused::Deadlock`] if
    /// the ticket could never run there, because calls that hold slots
    /// [wait for it](Request::inside). Nothing has changed.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(1))?;
    /// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// let Enqueued::Queued(first) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// let Enqueued::Queued(second) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// assert_eq!(arbiter.reprioritise(first, Lane::Online, -1), Ok(true));
    /// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(second));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn reprioritise(
        &mut self,
        ticket: Ticket,
        lane: Lane,
        priority: i32,
    ) -> Result<bool, Refused> {
        let Some((own_lane, own_priority, weight)) = self.tickets.asked_by(ticket) else {
            return Ok(false);
        };
        if (own_lane, own_priority) == (lane, priority) {
            return Ok(false);
        }
        if own_lane != lane {
            self.check_weight(lane, weight)?;
            self.check_nesting(ticket, lane, weight)?;
        }
        self.move_to(ticket, own_lane, (lane, priority, weight));
        Ok(true)
    }

    /// Whether the calls that wait for a ticket leave it slots in another lane.
    fn check_nesting(&self, ticket: Ticket, lane: Lane, weight: u32) -> Result<(), Refused> {
        let mut outers = self.nesting.waiting_for(ticket);
        let would_wait = |slot: Slot| {
            let running = self.slots.running(slot).expect("an outer call runs");
            self.would_wait_for_itself(slot, running, lane, weight)
        };
        if outers.any(would_wait) { Err(Refused::Deadlock) } else { Ok(()) }
    }

    fn move_to(&mut self, ticket: Ticket, from: Lane, place: (Lane, i32, u32)) {
        let (lane, priority, _) = place;
        self.tickets.move_to(ticket, lane, priority);
        if let Some(drops) = &mut self.drops {
            drops.moved(ticket, from, lane);
        }
        if (from, lane) == (Lane::Online, Lane::Offline) {
            self.no_longer_waits(ticket, false); // not as an online unit
        }
        self.pacing.left(ticket);
        self.offline_left();
        if self.lending.is_on() {
            self.lending.moved(ticket, place, &self.slots);
            self.offer_slots();
        }
    }

    /// Takes a slot back from a unit that was granted and never began. The unit counts neither as
    /// granted nor as settled, and gives back what it took of the rate. The slot is free: call [`Arbiter::grant_next`] then until it returns
    /// none.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn take_back(&mut self, slot: Slot) {
        if self.observed {
            self.time_passes();
        }
        let Some(ended) = self.slots.end(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        self.recorders[ended.lane.index()].taken_back();
        self.pacing.spent_each(slot, 0, || self.clock.now());
        self.nesting.ended(slot);
        if self.lending.is_on() {
            self.lending.ended(slot, &mut self.slots);
            self.offer_slots();
        }
        self.pacing.ended(slot);
        self.slots.free(slot);
    }

    /// The same for a unit that is given up for a cause that the statistics tell.
    pub(crate) fn take_back_for(&mut self, slot: Slot, cause: Cause) {
        let lane = self.lane_of(slot);
        self.recorders[lane.index()].left_queue(cause, 1);
        self.take_back(slot);
    }

    pub(super) fn drop_waiting(&mut self, ticket: Ticket, cause: Cause) {
        if let Some(lane) = self.tickets.lane_of(ticket) {
            self.recorders[lane.index()].left_queue(cause, self.tickets.units(ticket));
            if let Some(drops) = &mut self.drops {
                drops.left(ticket, lane);
            }
        }
        self.no_longer_waits(ticket, false);
        self.line_left(ticket);
        self.tickets.remove(ticket);
        self.pacing.left(ticket);
        self.nesting.left(ticket);
        if self.lending.is_on() {
            self.lending.left(ticket);
            self.offer_slots();
        }
        self.offline_left();
    }

    fn offline_left(&mut self) {
        if self.pending(Lane::Offline) == 0 {
            self.share.offline_no_longer_waits();
        }
    }
}
