//! Whose the tickets and slots of the arbiter are.
//!
//! An end that is alone has them all, by the arbiter's own numbers, and the books are closed: its calls cost little more
//! than at a plain arbiter. They are opened when a second end comes, or when time gives out a slot that nobody has asked
//! for; who was alone keeps its numbers. They are closed again when an end is alone and has nothing under way.

use super::tickets::EndTickets;
use crate::clock::Clock;
use crate::limiter::arbiter::Arbiter;
use crate::limiter::lane::Lane;
use crate::limiter::numbers::SPARE;
use crate::limiter::slots::Slot;
use crate::limiter::tickets::Ticket;

/// Whose a ticket is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    pub(super) end: usize,
    /// As the end numbers it.
    pub(super) ticket: u32,
}

/// What one end has.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) tickets: EndTickets,
    /// Units that wait in the arbiter.
    pub(super) waiting: u64,
    /// Units that hold a slot, letters included.
    pub(super) running: u64,
}

/// Everything here is of use while they are open.
#[derive(Debug, Default)]
pub(super) struct Books {
    is_open: bool,
    /// By end.
    accounts: Vec<Account>,
    /// By ticket number. Right for tickets that wait; what it says of others is out of date.
    owners: Vec<Owner>,
    /// By slot number: the end that holds it. Right for slots that are held.
    holders: Vec<usize>,
}

impl Books {
    #[inline(always)]
    pub(super) fn are_open(&self) -> bool {
        self.is_open
    }

    /// Enters everything as of the end that was alone, if they are not open.
    pub(super) fn open<C: Clock>(&mut self, alone: usize, arbiter: &Arbiter<C>) {
        if self.is_open {
            return;
        }
        self.is_open = true;
        self.add(alone);
        let waiting = Lane::ALL.map(|lane| arbiter.waiting(lane)).concat();
        let account = &mut self.accounts[alone];
        account.tickets = EndTickets::as_in_arbiter(&waiting);
        for ticket in waiting {
            account.waiting += arbiter.units(ticket);
            let owner = Owner { end: alone, ticket: ticket.number() };
            put(&mut self.owners, ticket.number(), owner);
        }
        for slot in arbiter.slots_held() {
            self.takes(alone, slot);
        }
    }

    /// For an end that is alone, and has nothing under way.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// There is an end of that number.
    pub(super) fn add(&mut self, end: usize) {
        if end >= self.accounts.len() {
            self.accounts.resize_with(end + 1, Account::default);
        }
        self.accounts[end] = Account::default();
    }

    pub(super) fn account(&self, end: usize) -> &Account {
        &self.accounts[end]
    }

    pub(super) fn account_mut(&mut self, end: usize) -> &mut Account {
        &mut self.accounts[end]
    }

    /// Enters a ticket that an end has queued; gives the end's own number for it.
    pub(super) fn file(&mut self, end: usize, ticket: Ticket, units: u64) -> u32 {
        let account = &mut self.accounts[end];
        let number = account.tickets.add(ticket);
        account.waiting += units;
        put(&mut self.owners, ticket.number(), Owner { end, ticket: number });
        number
    }

    pub(super) fn owner(&self, ticket: Ticket) -> Owner {
        self.owners[ticket.number() as usize]
    }

    /// An end has a slot.
    pub(super) fn takes(&mut self, end: usize, slot: Slot) {
        self.accounts[end].running += 1;
        put(&mut self.holders, slot.number(), end);
    }

    /// Whether an end holds a slot, if anything runs there.
    pub(super) fn is_held_by(&self, end: usize, slot: Slot) -> bool {
        self.holders.get(slot.number() as usize) == Some(&end)
    }

    /// Who holds a slot does not any more.
    pub(super) fn gives_up(&mut self, slot: Slot) {
        let holder = self.holders[slot.number() as usize];
        self.accounts[holder].running -= 1;
    }

    /// Frees what a long queue, or many slots, have left behind. Of use when nothing runs and nothing waits.
    pub(super) fn give_spare_back(&mut self) {
        if self.owners.len().max(self.holders.len()) > SPARE {
            self.owners = Vec::new();
            self.holders = Vec::new();
        }
    }
}

/// Puts something in its place, however far behind the end that is.
fn put<T: Copy>(places: &mut Vec<T>, number: u32, value: T) {
    let number = number as usize;
    if number >= places.len() {
        places.resize(number + 1, value);
    }
    places[number] = value;
}
