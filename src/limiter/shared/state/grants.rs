//! Which ticket gets which slot, and how its handle learns of it: from the result of its call, or
//! from a message.

use super::super::mailbox::{Message, Wakeups};
use super::super::ownership::Owner;
use super::State;
use crate::clock::Clock;
use crate::limiter::shared::TryEntered;
use crate::limiter::types::{Outcome, Refused, Request, Slot, Ticket};

/// What happened to free slots.
pub(crate) struct Next {
    /// The slot that went to the handle that asked, and the handle's ticket.
    pub(crate) own: Option<(Slot, u32)>,
    /// Whether any slot went to any handle.
    pub(crate) granted_any: bool,
}

impl<C: Clock> State<C> {
    /// A call of a handle has got a slot at once. The result of the call says so. If the handle has
    /// messages about tickets, the call gets a ticket instead, and a message announces the slot.
    #[inline]
    pub(crate) fn entered(
        &mut self,
        handle: usize,
        slot: Slot,
        wakeups: &mut Wakeups,
    ) -> Result<Slot, u32> {
        if !self.ownership.is_tracking() {
            return Ok(slot);
        }
        self.ownership.record_slot(handle, slot);
        let state = &mut self.handles[handle];
        if !state.has_ticket_messages() {
            return Ok(slot);
        }
        let ticket = self.ownership.holdings_mut(handle).tickets.add_granted_by_message();
        state.deliver(Message::Granted { ticket, slot }, wakeups);
        Err(ticket)
    }

    /// Adds a call of a handle if it gets a slot at once, and the handle has no messages about
    /// tickets.
    pub(crate) fn try_enter(
        &mut self,
        handle: usize,
        request: Request,
        wakeups: &mut Wakeups,
    ) -> Result<TryEntered, Refused> {
        if self.handles[handle].has_ticket_messages() {
            return Ok(TryEntered { slot: None, more: false, has_messages: true });
        }
        let Some((slot, more)) = self.arbiter.try_enter(request)? else {
            return Ok(TryEntered::default());
        };
        if self.ownership.is_tracking() {
            self.ownership.record_slot(handle, slot);
        }
        self.changed(Some(handle), wakeups);
        Ok(TryEntered { slot: Some(slot), more, has_messages: self.has_messages(handle) })
    }

    /// A ticket has got a slot. If it is a ticket of the handle that asks, its number is returned.
    /// Otherwise its handle gets a message.
    #[inline]
    pub(crate) fn granted(
        &mut self,
        by: Option<usize>,
        ticket: Ticket,
        slot: Slot,
        wakeups: &mut Wakeups,
    ) -> Option<u32> {
        if !self.ownership.is_tracking() {
            return Some(ticket.number());
        }
        let Owner { handle, ticket: number } = self.ownership.owner(ticket);
        self.ownership.record_slot(handle, slot);
        let still_waits = self.arbiter.waits(ticket);
        let state = &mut self.handles[handle];
        let holdings = self.ownership.holdings_mut(handle);
        holdings.waiting -= 1;
        if by == Some(handle) && !state.has_ticket_messages() {
            holdings.tickets.granted(number, still_waits);
            return Some(number);
        }
        holdings.tickets.granted_by_message(number, still_waits);
        state.deliver(Message::Granted { ticket: number, slot }, wakeups);
        None
    }

    /// An attempt that has waited may start. The handle of its unit gets a message.
    #[cold]
    fn attempt_starts(&mut self, slot: Slot, wakeups: &mut Wakeups) {
        for (key, handle) in &mut self.handles {
            if !self.ownership.is_tracking() || self.ownership.is_held_by(key, slot) {
                handle.deliver(Message::Attempt { slot }, wakeups);
                return;
            }
        }
    }

    /// Grants free slots until one goes to the handle that asks, or none is left.
    pub(crate) fn next(&mut self, by: Option<usize>, wakeups: &mut Wakeups) -> Next {
        let mut granted_any = false;
        loop {
            while let Some(slot) = self.arbiter.next_attempt() {
                granted_any = true;
                self.attempt_starts(slot, wakeups);
            }
            let Some((slot, ticket)) = self.arbiter.grant_next() else { break };
            granted_any = true;
            if let Some(number) = self.granted(by, ticket, slot, wakeups) {
                return Next { own: Some((slot, number)), granted_any };
            }
        }
        match self.arbiter.wakes_at() {
            Some(at) => {
                if let Some(alarm) = &mut self.alarm {
                    alarm.set(at);
                }
            }
            None => self.correct_expectations(wakeups),
        }
        Next { own: None, granted_any }
    }

    /// Ends the unit in a slot and hands the slot on. Returns the next ticket if the handle that
    /// asks has it.
    #[inline]
    pub(crate) fn settle(
        &mut self,
        by: Option<usize>,
        slot: Slot,
        outcome: Outcome,
        wakeups: &mut Wakeups,
    ) -> Option<u32> {
        // This comes first: it panics if nothing runs in the slot.
        let next = self.arbiter.settle(slot, outcome);
        self.release_slot(slot);
        match next {
            Some(ticket) => self.granted(by, ticket, slot, wakeups),
            None => {
                if self.ownership.is_tracking() && self.arbiter.is_idle() {
                    self.tidy_ownership();
                }
                self.correct_expectations(wakeups);
                None
            }
        }
    }
}
