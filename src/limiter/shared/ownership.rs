//! Which handle has which tickets and slots.
//!
//! Nothing is tracked while there is only one handle: it has all tickets and slots, under the
//! arbiter's own numbers, and its calls cost little more than those of a plain arbiter. Tracking
//! starts when a second handle comes, or when the timer grants a slot without a call. The first
//! handle keeps its numbers. Tracking stops when there is one handle again and it has nothing under
//! way.

use super::tickets::HandleTickets;
use crate::clock::Clock;
use crate::limiter::policy::Arbiter;
use crate::limiter::types::{Lane, SPARE, Slot, Ticket};

/// The owner of a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    pub(super) handle: usize,
    /// The handle's number of the ticket.
    pub(super) ticket: u32,
}

/// What one handle has.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    pub(super) tickets: HandleTickets,
    /// Units that wait in the arbiter.
    pub(super) waiting: u64,
    /// Units that hold a slot, including those that a message still has to announce.
    pub(super) running: u64,
}

/// Meaningful only while it is tracking.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    is_tracking: bool,
    /// By handle.
    holdings: Vec<Holdings>,
    /// By ticket number. Valid for tickets that wait, and out of date for others.
    owners: Vec<Owner>,
    /// By slot number: the handle that holds the slot. Valid for slots that are held.
    holders: Vec<usize>,
}

impl Ownership {
    #[inline(always)]
    pub(super) fn is_tracking(&self) -> bool {
        self.is_tracking
    }

    /// Starts tracking, unless it does already. All tickets and slots belong to the handle `alone`.
    pub(super) fn start_tracking<C: Clock>(&mut self, alone: usize, arbiter: &Arbiter<C>) {
        if self.is_tracking {
            return;
        }
        self.is_tracking = true;
        self.add(alone);
        let waiting = Lane::ALL.map(|lane| arbiter.waiting(lane)).concat();
        let holdings = &mut self.holdings[alone];
        holdings.tickets = HandleTickets::as_in_arbiter(&waiting);
        for ticket in waiting {
            holdings.waiting += arbiter.units(ticket);
            let owner = Owner { handle: alone, ticket: ticket.number() };
            put(&mut self.owners, ticket.number(), owner);
        }
        for slot in arbiter.slots_held() {
            self.record_slot(alone, slot);
        }
    }

    /// Stops tracking. There must be at most one handle, with nothing under way.
    pub(super) fn stop_tracking(&mut self) {
        *self = Self::default();
    }

    /// Adds a handle under that number.
    pub(super) fn add(&mut self, handle: usize) {
        if handle >= self.holdings.len() {
            self.holdings.resize_with(handle + 1, Holdings::default);
        }
        self.holdings[handle] = Holdings::default();
    }

    pub(super) fn holdings(&self, handle: usize) -> &Holdings {
        &self.holdings[handle]
    }

    pub(super) fn holdings_mut(&mut self, handle: usize) -> &mut Holdings {
        &mut self.holdings[handle]
    }

    /// Records a ticket that a handle has queued, and returns the handle's number for it.
    pub(super) fn record_ticket(&mut self, handle: usize, ticket: Ticket, units: u64) -> u32 {
        let holdings = &mut self.holdings[handle];
        let number = holdings.tickets.add(ticket);
        holdings.waiting += units;
        put(&mut self.owners, ticket.number(), Owner { handle, ticket: number });
        number
    }

    pub(super) fn owner(&self, ticket: Ticket) -> Owner {
        self.owners[ticket.number() as usize]
    }

    /// Records that a handle has got a slot.
    pub(super) fn record_slot(&mut self, handle: usize, slot: Slot) {
        self.holdings[handle].running += 1;
        put(&mut self.holders, slot.number(), handle);
    }

    /// Whether a handle holds a slot, if a unit runs there.
    pub(super) fn is_held_by(&self, handle: usize, slot: Slot) -> bool {
        self.holders.get(slot.number() as usize) == Some(&handle)
    }

    /// Records that a slot is not held any more.
    pub(super) fn release_slot(&mut self, slot: Slot) {
        let holder = self.holders[slot.number() as usize];
        self.holdings[holder].running -= 1;
    }

    /// Frees the memory that a long queue, or many slots, have left behind. Called when nothing
    /// runs and nothing waits.
    pub(super) fn give_spare_back(&mut self) {
        if self.owners.len().max(self.holders.len()) > SPARE {
            self.owners = Vec::new();
            self.holders = Vec::new();
        }
    }
}

/// Sets an element, and extends the list as far as needed.
fn put<T: Copy>(places: &mut Vec<T>, number: u32, value: T) {
    let number = number as usize;
    if number >= places.len() {
        places.resize(number + 1, value);
    }
    places[number] = value;
}
