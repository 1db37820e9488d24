//! What waits at one gate: a slab of tickets, and a FIFO through it for each lane.

use slab::Slab;

use super::lane::Lane;
use super::stats::Sample;

/// One queued call, or a batch of them, as its gate knows it. Numbers are small, dense and reused
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

    fn new(key: usize) -> Self {
        Self(number_of(key))
    }

    fn key(self) -> usize {
        self.0 as usize
    }
}

/// A slab's key as the 31-bit number that JS gets.
pub(crate) fn number_of(key: usize) -> u32 {
    match i32::try_from(key) {
        Ok(_) => key as u32,
        Err(_) => panic!("a gate holds at most 2^31 tickets"),
    }
}

/// When what waits came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Came {
    /// A call; none where it is not timed.
    Call(Option<Sample>),
    /// A batch, whose units all came at this time.
    Batch(u64),
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) lane: Lane,
    /// Units that still wait: 1 for a call, any number for a batch.
    pub(crate) units: u32,
    pub(crate) came: Came,
    before: Option<Ticket>,
    behind: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Fifo {
    head: Option<Ticket>,
    tail: Option<Ticket>,
}

/// How many spare places the slab may keep once it is empty.
const SPARE: usize = 1_024;

#[derive(Debug, Default)]
pub(crate) struct Tickets {
    entries: Slab<Entry>,
    lanes: [Fifo; 2],
}

impl Tickets {
    pub(crate) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        self.entries.get_mut(ticket.key())
    }

    pub(crate) fn head(&self, lane: Lane) -> Option<Ticket> {
        self.lanes[lane.index()].head
    }

    /// Puts a new ticket at the end of its lane.
    pub(crate) fn push(&mut self, lane: Lane, units: u32, came: Came) -> Ticket {
        let fifo = &mut self.lanes[lane.index()];
        let entry = self.entries.vacant_entry();
        let ticket = Ticket::new(entry.key());
        let before = fifo.tail.replace(ticket);
        entry.insert(Entry { lane, units, came, before, behind: None });
        match before {
            Some(before) => self.entries[before.key()].behind = Some(ticket),
            None => fifo.head = Some(ticket),
        }
        ticket
    }

    /// Takes a ticket out of its lane, wherever it stands there.
    pub(crate) fn remove(&mut self, ticket: Ticket) -> Entry {
        let entry = self.entries.remove(ticket.key());
        let fifo = &mut self.lanes[entry.lane.index()];
        match entry.before {
            Some(before) => self.entries[before.key()].behind = entry.behind,
            None => fifo.head = entry.behind,
        }
        match entry.behind {
            Some(behind) => self.entries[behind.key()].before = entry.before,
            None => fifo.tail = entry.before,
        }
        if self.entries.is_empty() && self.entries.capacity() > SPARE {
            self.entries = Slab::new();
        }
        entry
    }
}
