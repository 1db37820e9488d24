//! Full lanes from which tickets are dropped for newcomers.

use super::super::drops::{DroppedTicket, Drops};
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::stats::Arrival;
use crate::limiter::types::{Cause, Dropped, Lane, Overflow, Refused, Request, Ticket};

impl<C: Clock> Arbiter<C> {
    /// What happens to a call that comes to a full lane.
    pub fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Returns the tickets that newcomers have displaced since the last call of this, in the order
    /// in which they left. They have not run and will not run.
    ///
    /// If [`Options::overflow`](crate::limiter::Options::overflow) drops tickets, call it after each
    /// call that was queued, and before the next change of the arbiter: numbers of tickets are
    /// reused. A newcomer never has the number of a ticket that it displaces.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Overflow};
    ///
    /// let options = Options::new(1).max_queue(Lane::Online, 1).overflow(Overflow::DropOldest);
    /// let mut arbiter = Arbiter::new(options)?;
    /// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// let Enqueued::Queued(older) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// assert!(arbiter.take_dropped().is_empty());
    ///
    /// let Enqueued::Queued(newer) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// let dropped: Vec<_> = arbiter.take_dropped().iter().map(|dropped| dropped.ticket).collect();
    /// assert_eq!(dropped, [older]);
    /// assert_eq!(arbiter.pending(Lane::Online), 1, "the newer one");
    /// # let _ = (slot, newer);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn take_dropped(&mut self) -> Vec<DroppedTicket> {
        self.drops.as_deref_mut().map(|drops| std::mem::take(&mut drops.untold)).unwrap_or_default()
    }

    /// Whether [`Arbiter::take_dropped`] returns any.
    #[inline]
    pub(crate) fn has_dropped(&self) -> bool {
        self.drops.as_ref().is_some_and(|drops| !drops.untold.is_empty())
    }

    /// The tickets that leave a lane so that `waiting` units of a request may wait in it: none of
    /// them, if there is room.
    ///
    /// # Errors
    /// If the request is refused instead.
    pub(super) fn displaced_by(
        &self,
        request: Request,
        waiting: u64,
    ) -> Result<Vec<Ticket>, Refused> {
        let lane = request.lane;
        let most = self.max_queue(lane);
        let excess = self.pending(lane).saturating_add(waiting).saturating_sub(most);
        if excess == 0 || waiting == 0 || self.overflow == Overflow::Wait {
            return Ok(Vec::new());
        }
        let Some(drops) = self.drops.as_deref().filter(|_| waiting <= most) else {
            return Err(Refused::Full { lane, most });
        };
        let enough = |tickets: &mut dyn Iterator<Item = Ticket>| {
            let mut freed = 0;
            let mut leave = Vec::new();
            while freed < excess {
                let ticket = tickets.next().expect("the other units are enough");
                freed += self.tickets.units(ticket);
                leave.push(ticket);
            }
            leave
        };
        if drops.overflow() == Overflow::DropOldest {
            return Ok(enough(&mut drops.oldest(lane)));
        }
        let leave = enough(&mut self.tickets.in_reverse(lane));
        if leave.iter().any(|&ticket| self.tickets.is_before(ticket, &request)) {
            return Err(Refused::Dropped(Dropped::new(lane, most)));
        }
        Ok(leave)
    }

    /// Adds units that were not refused. Called only if the limit is observed.
    #[cold]
    pub(super) fn push_observed(
        &mut self,
        request: Request,
        units: u32,
        arrival: Arrival,
    ) -> Ticket {
        // None of them is pushed yet, so all that wait may leave.
        let displaced = match self.drops {
            Some(_) => self.displaced_by(request, self.would_wait(request, units)),
            None => Ok(Vec::new()),
        };
        let ticket = self.push(request, units, arrival);
        if let Some(drops) = &mut self.drops {
            drops.arrived(ticket, request.lane);
        }
        self.arrived(ticket, request, units);
        for ticket in displaced.unwrap_or_default() {
            self.displace(ticket, request.lane);
        }
        ticket
    }

    fn displace(&mut self, ticket: Ticket, lane: Lane) {
        let units = self.tickets.units(ticket);
        self.drop_waiting(ticket, Cause::Dropped);
        if let Some(drops) = &mut self.drops {
            drops.untold.push(DroppedTicket { ticket, lane, units });
        }
    }

    /// The ticket that is the head of a lane starts a unit.
    pub(super) fn head_leaves(&mut self, ticket: Ticket, lane: Lane) {
        if let Some(drops) = self.drops.as_deref_mut().filter(|_| self.tickets.units(ticket) == 1) {
            drops.left(ticket, lane);
        }
    }

    pub(super) fn drops_of(overflow: Overflow) -> Option<Box<Drops>> {
        Drops::new(overflow).map(Box::new)
    }
}
