//! Leases: the answers to plain calls, given in advance.
//!
//! As long as only plain calls of the online lane come and end without an error, and none of them is
//! timed, the policy comes down to two rules: a slot that becomes free goes to the first unit that
//! waits, and a call that comes starts if a slot is free, else it waits behind the others. Asking
//! for that costs as much as all the rest of a call. So [`Arbiter::give_lease`] says how many such
//! events the owner of the work may follow up by itself. [`Arbiter::end_lease`] counts what it has
//! done, before anything else is asked or changed. `tests/leases.rs` holds both against an arbiter
//! that is asked every time.

use super::super::line::Given;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::stats::{Arrival, Leased};
use crate::limiter::types::{
    IDLE_SLOTS, Lane, Lease, Overflow, Refused, Request, Slot, Ticket, UNLIMITED, slots_in,
};

/// What [`Arbiter::enter_line`] did with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnteredLine {
    /// It runs now, in this slot.
    Granted(Slot),
    /// It is the last unit of this ticket, which all calls in the line share.
    InLine(Ticket),
    /// It waits under a ticket of its own.
    Queued(Ticket),
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl<C: Clock> Arbiter<C> {
    /// Adds a call of the online lane, of priority 0, weight 1 and cost 1, like [`Arbiter::enqueue`].
    /// If it waits, it may share a ticket with the calls before it. The caller then keeps the order
    /// of these calls: a grant of the ticket is for the first one.
    ///
    /// # Errors
    /// If the call is not let in.
    ///
    /// # Panics
    /// As [`Arbiter::enqueue`].
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, EnteredLine, Options, Outcome};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(1))?;
    /// let Ok(EnteredLine::Granted(slot)) = arbiter.enter_line() else { unreachable!() };
    /// let Ok(EnteredLine::InLine(line)) = arbiter.enter_line() else { unreachable!() };
    /// assert_eq!(arbiter.enter_line(), Ok(EnteredLine::InLine(line)));
    /// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(line));
    /// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(line));
    /// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn enter_line(&mut self) -> Result<EnteredLine, Refused> {
        let lane = Lane::Online;
        let request = Request::from(lane);
        let open = self.line.ticket();
        if let Some(slot) = self.try_enqueue(request) {
            return Ok(EnteredLine::Granted(slot));
        }
        let shares = open.is_some_and(|ticket| self.tickets.is_last(ticket, lane));
        if self.observed || open.is_some() && !shares {
            return self.enqueue_waiting(request).map(EnteredLine::Queued);
        }
        if let Some(refused) = self.refuse(request, 1) {
            return Err(refused);
        }
        let arrived = self.recorders[lane.index()].arrival(&self.clock);
        let ticket = match open {
            Some(ticket) => {
                self.tickets.change_units(ticket, 1, 0);
                ticket
            }
            None => self.tickets.push(request, 1, Arrival::InLine),
        };
        self.line.begin(ticket);
        self.line.add(arrived);
        Ok(EnteredLine::InLine(ticket))
    }

    /// When the unit of a ticket that starts now arrived.
    #[inline(always)]
    pub(super) fn arrival_of(&mut self, arrival: Arrival, is_last: bool) -> Arrival {
        match arrival {
            Arrival::InLine => self.line.take(is_last),
            own => own,
        }
    }

    /// A ticket leaves its lane without starting.
    pub(super) fn line_left(&mut self, ticket: Ticket) {
        if self.line.is(ticket) {
            self.line.drop_all();
        }
    }

    /// Writes what the caller may do without asking, until [`Arbiter::end_lease`]. That is nothing
    /// unless only plain units of the online lane run, and only one ticket waits there, if any. The
    /// lease must be empty before.
    ///
    /// The caller must end the lease before it calls any other method.
    pub fn give_lease(&mut self, lease: &mut Lease) {
        if !self.is_plain() {
            return;
        }
        let online = Lane::Online;
        let (arrivals, starts) = self.recorders[online.index()].untimed();
        let mut ticket = Ticket::from_number(0);
        match self.tickets.head(online) {
            None => {
                lease.starts = count(arrivals.min(starts));
                lease.room = IDLE_SLOTS as i32;
            }
            Some(head) => {
                ticket = head.ticket;
                let units = self.tickets.units(ticket);
                if units != self.pending(online) || head.weight > 1 {
                    return;
                }
                let (enters, passes) = if self.line.is(ticket) {
                    // Elsewhere the line would take calls before or behind those of priority 0.
                    let enters = if head.priority == 0 { arrivals } else { 0 };
                    (enters, starts.min(self.line.before_timed()))
                } else {
                    (0, starts)
                };
                lease.ticket = ticket.number() as i32;
                lease.enters = count(enters.min(self.room_in_queue(units)));
                lease.passes = count(passes.min(units - 1));
            }
        }
        lease.asks = self.slots.timed();
        let Lease { enters, passes, starts, .. } = *lease;
        self.line.given = Some(Given { enters, passes, starts, ticket });
    }

    /// Whether a lease is in force.
    pub fn is_leased(&self) -> bool {
        self.line.given.is_some()
    }

    fn room_in_queue(&self, pending: u64) -> u64 {
        let most = self.max_queue[Lane::Online.index()];
        if self.overflow == Overflow::Wait || most == UNLIMITED {
            u64::MAX
        } else {
            most.saturating_sub(pending)
        }
    }

    /// Whether nothing is in use but the online lane, with units of weight 1 in slots of this limit
    /// alone: then the next unit of the lane gets the next slot.
    fn is_plain(&self) -> bool {
        let online = self.active(Lane::Online);
        !self.observed
            && !self.closed
            && self.pacing.is_free()
            && self.pending(Lane::Offline) == 0
            && self.slots.held() == [online, 0]
            && self.active(Lane::Offline) == 0
            && online <= self.concurrency()
            && self.nesting.is_empty()
            && !self.begins_to_measure(Lane::Online)
    }

    /// Counts what the caller has done under a lease, and ends it: all numbers are 0 then. Without an
    /// effect if no lease is in force.
    ///
    /// # Panics
    /// If the caller has done what it might not do, and the counts tell.
    pub fn end_lease(&mut self, lease: &mut Lease) {
        let Some(given) = self.line.given.take() else { return };
        let used = std::mem::take(lease);
        let did = |before: i32, after: i32| u64::try_from(before - after).expect("it counts down");
        let added = did(given.enters, used.enters);
        let passed = did(given.passes, used.passes);
        let resumed = did(given.starts, used.starts);
        let idle = &used.slots[..used.idle as usize];
        let in_line = self.line.is(given.ticket);
        if in_line {
            self.line.pass(added, passed);
        }
        if added + passed > 0 {
            self.tickets.change_units(given.ticket, added, passed);
        }
        let last_start = self.recorders[Lane::Online.index()].leased(Leased {
            arrivals: added + resumed,
            starts: passed + resumed,
            ends: passed + resumed + idle.len() as u64,
        });
        for slot in slots_in(used.changed) {
            self.slots.restarted(Slot::from_number(slot as u32), last_start);
        }
        for &slot in idle {
            let slot = Slot::from_number(slot as u32);
            assert!(self.slots.end(slot).is_some(), "an idle slot was in use");
            self.slots.free(slot);
        }
    }
}
