//! What waits at one limit: a slab of tickets, and a FIFO through it for each lane.

use slab::Slab;

use super::lane::Lane;
use super::numbers::{give_spare_back, number_of};
use super::record::Came;

/// One queued call, or a batch of them, as its limit knows it. Numbers are small, dense and reused
/// once the ticket has been granted, cancelled or cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u32);

impl Ticket {
    /// The ticket's number, below 2^31.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The ticket of a number that [`Ticket::number`] gave.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    fn key(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
struct Entry {
    lane: Lane,
    /// Units that still wait: 1 for a call, any number for a batch.
    units: u32,
    came: Came,
    before: Option<Ticket>,
    behind: Option<Ticket>,
}

#[derive(Debug, Default)]
struct Fifo {
    head: Option<Ticket>,
    tail: Option<Ticket>,
    /// The units of all its tickets.
    units: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Tickets {
    entries: Slab<Entry>,
    lanes: [Fifo; 2],
}

impl Tickets {
    /// How many units wait in a lane.
    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        self.lanes[lane.index()].units
    }

    pub(crate) fn head(&self, lane: Lane) -> Option<Ticket> {
        self.lanes[lane.index()].head
    }

    /// The lane that a ticket waits in, if it does.
    pub(crate) fn lane_of(&self, ticket: Ticket) -> Option<Lane> {
        self.entries.get(ticket.key()).map(|entry| entry.lane)
    }

    /// Puts a new ticket at the end of its lane.
    pub(crate) fn push(&mut self, lane: Lane, units: u32, came: Came) -> Ticket {
        let entry = self.entries.vacant_entry();
        let ticket = Ticket(number_of(entry.key()));
        let fifo = &mut self.lanes[lane.index()];
        fifo.units += u64::from(units);
        let before = fifo.tail.replace(ticket);
        entry.insert(Entry { lane, units, came, before, behind: None });
        match before {
            Some(before) => self.entries[before.key()].behind = Some(ticket),
            None => fifo.head = Some(ticket),
        }
        ticket
    }

    /// Takes one unit off the head of a lane; a ticket leaves with its last unit.
    ///
    /// # Panics
    /// If nothing waits in the lane.
    pub(crate) fn take_unit(&mut self, lane: Lane) -> (Ticket, Came) {
        let fifo = &mut self.lanes[lane.index()];
        let ticket = fifo.head.expect("a lane with pending units has a head");
        let entry = &mut self.entries[ticket.key()];
        let came = entry.came;
        if entry.units == 1 {
            self.remove(ticket);
        } else {
            entry.units -= 1;
            fifo.units -= 1;
        }
        (ticket, came)
    }

    /// Takes a ticket out of its lane, wherever it stands there.
    ///
    /// # Panics
    /// If it does not wait.
    pub(crate) fn remove(&mut self, ticket: Ticket) {
        let Entry { lane, units, before, behind, .. } = self.entries.remove(ticket.key());
        let fifo = &mut self.lanes[lane.index()];
        fifo.units -= u64::from(units);
        match before {
            Some(before) => self.entries[before.key()].behind = behind,
            None => fifo.head = behind,
        }
        match behind {
            Some(behind) => self.entries[behind.key()].before = before,
            None => fifo.tail = before,
        }
        give_spare_back(&mut self.entries);
    }
}
