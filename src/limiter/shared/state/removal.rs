//! Cancelled and cleared tickets, and the slots that are taken back from them.

use super::super::mailbox::{Message, Wakeups};
use super::super::ownership::Owner;
use super::State;
use crate::clock::Clock;
use crate::limiter::policy::DroppedTicket;
use crate::limiter::types::{Cause, Lane, Slot, Ticket};

impl<C: Clock> State<C> {
    /// Takes the ticket under a handle's number out of its lane, and takes back the slots that no
    /// message has announced yet.
    pub(crate) fn cancel(&mut self, handle: usize, number: u32, cause: Cause) {
        let unread = self.retract_messages(handle, number);
        if let Some(ticket) = self.waiting_under(handle, number) {
            self.drop_waiting(handle, ticket, cause);
            if self.ownership.is_tracking() {
                self.ownership.holdings_mut(handle).tickets.dropped(number);
            }
        }
        self.take_back(unread, cause);
    }

    pub(super) fn drop_waiting(&mut self, handle: usize, ticket: Ticket, cause: Cause) {
        if self.ownership.is_tracking() {
            self.ownership.holdings_mut(handle).waiting -= self.arbiter.units(ticket);
        }
        self.arbiter.cancel_for(ticket, cause);
    }

    /// Removes all messages about a ticket number from its handle's mailbox. Returns the slots that
    /// they announced. The handle still holds those.
    pub(super) fn retract_messages(&mut self, handle: usize, number: u32) -> Vec<Slot> {
        let mut slots = Vec::new();
        // Skip the search below for tickets without messages: many tickets may be cleared while
        // many messages are in the mailbox.
        if !self.ownership.is_tracking()
            || !self.ownership.holdings(handle).tickets.has_messages(number)
        {
            return slots;
        }
        let tickets = &mut self.ownership.holdings_mut(handle).tickets;
        self.handles[handle].messages.retain(|message| {
            if message.ticket() != Some(number) {
                return true;
            }
            slots.extend(message.slot());
            tickets.message_is_gone(number);
            false
        });
        slots
    }

    /// Drops the tickets that wait in a lane, of one handle or of all. Returns the ticket numbers
    /// of the handle that asks, in the lane's order. Other handles get messages. So does the handle
    /// that asks, if it still has messages about earlier tickets.
    pub(crate) fn clear(
        &mut self,
        by: usize,
        lane: Lane,
        everywhere: bool,
        wakeups: &mut Wakeups,
    ) -> Vec<u32> {
        if !self.ownership.is_tracking() {
            return self.arbiter.clear(lane).into_iter().map(Ticket::number).collect();
        }
        let mut own = Vec::new();
        for ticket in self.arbiter.waiting(lane) {
            let Owner { handle, ticket: number } = self.ownership.owner(ticket);
            if handle != by && !everywhere {
                continue;
            }
            let unread = self.retract_messages(handle, number);
            self.drop_waiting(handle, ticket, Cause::Cleared);
            self.take_back(unread, Cause::Cleared);
            let state = &mut self.handles[handle];
            let tickets = &mut self.ownership.holdings_mut(handle).tickets;
            if handle == by && !state.has_ticket_messages() {
                tickets.dropped(number);
                own.push(number);
            } else {
                tickets.dropped_by_message(number);
                state.deliver(Message::Dropped { ticket: number }, wakeups);
            }
        }
        own
    }

    /// Takes back a slot that its handle has, of a unit that never began. The slot is free then.
    pub(crate) fn take_back_unused(&mut self, slot: Slot) {
        self.release_slot(slot);
        self.arbiter.take_back(slot);
    }

    /// Called before a handle adds a call. The tickets that it may displace must have owners then.
    #[inline]
    pub(crate) fn before_newcomer(&mut self) {
        if self.arbiter.overflow().drops() {
            self.track_ownership();
        }
    }

    /// Tells the handles of the tickets that a newcomer has displaced, also the one that has added
    /// it. Units that were granted before begin first.
    #[inline]
    pub(crate) fn tell_displaced(&mut self, wakeups: &mut Wakeups) {
        if !self.arbiter.has_dropped() {
            return;
        }
        for DroppedTicket { ticket, lane, units } in self.arbiter.take_dropped() {
            let Owner { handle, ticket: number } = self.ownership.owner(ticket);
            let holdings = self.ownership.holdings_mut(handle);
            holdings.waiting -= units;
            holdings.tickets.dropped_by_message(number);
            self.handles[handle].deliver(Message::Displaced { ticket: number, lane }, wakeups);
        }
    }

    /// Takes back slots that their handles have not been told of. The slots are free then.
    pub(super) fn take_back(&mut self, slots: Vec<Slot>, cause: Cause) {
        for slot in slots {
            self.release_slot(slot);
            self.arbiter.take_back_for(slot, cause);
        }
    }
}
