//! The tickets of one gate: a slab of them, and a FIFO through it for each lane.

use slab::Slab;

use super::lane::Lane;
use super::stats::Sample;

/// One queued or running call, as its gate knows it. Numbers are small, dense and reused once the
/// ticket has been settled, cancelled or cleared.
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
        match i32::try_from(key) {
            Ok(_) => Self(key as u32),
            Err(_) => panic!("a gate holds at most 2^31 tickets"),
        }
    }

    fn key(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits in its lane for its one unit.
    Queued,
    /// Waits in its lane, at the same place until the last of its units is granted.
    Batch { remaining: u32 },
    /// Holds a slot; a unit of a batch knows whose.
    Running { batch: Option<Ticket> },
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) lane: Lane,
    pub(crate) state: State,
    /// When a waiting ticket came, when a running one started; none where it is not timed.
    pub(crate) since: Option<Sample>,
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
    pub(crate) fn get(&self, ticket: Ticket) -> Option<&Entry> {
        self.entries.get(ticket.key())
    }

    pub(crate) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        self.entries.get_mut(ticket.key())
    }

    /// Adds a ticket that stands in no queue.
    pub(crate) fn insert(&mut self, lane: Lane, state: State, since: Option<Sample>) -> Ticket {
        Ticket::new(self.entries.insert(Entry { lane, state, since, before: None, behind: None }))
    }

    /// Takes away a ticket that stands in no queue.
    pub(crate) fn remove(&mut self, ticket: Ticket) {
        self.entries.remove(ticket.key());
        if self.entries.is_empty() && self.entries.capacity() > SPARE {
            self.entries = Slab::new();
        }
    }

    pub(crate) fn head(&self, lane: Lane) -> Option<Ticket> {
        self.lanes[lane.index()].head
    }

    /// Puts a ticket at the end of its lane.
    pub(crate) fn push(&mut self, ticket: Ticket) {
        let lane = self.entries[ticket.key()].lane.index();
        let tail = self.lanes[lane].tail.replace(ticket);
        self.entries[ticket.key()].before = tail;
        match tail {
            Some(tail) => self.entries[tail.key()].behind = Some(ticket),
            None => self.lanes[lane].head = Some(ticket),
        }
    }

    /// Takes a ticket out of its lane, wherever it stands there.
    pub(crate) fn unlink(&mut self, ticket: Ticket) {
        let entry = &mut self.entries[ticket.key()];
        let (before, behind) = (entry.before.take(), entry.behind.take());
        let lane = entry.lane.index();
        match before {
            Some(before) => self.entries[before.key()].behind = behind,
            None => self.lanes[lane].head = behind,
        }
        match behind {
            Some(behind) => self.entries[behind.key()].before = before,
            None => self.lanes[lane].tail = before,
        }
    }
}
