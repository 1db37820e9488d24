//! What waits at one limit: a slab of tickets, and through it a FIFO for each lane and priority.

use std::collections::BTreeMap;

use slab::Slab;

use super::lane::Lane;
use super::numbers::{give_spare_back, number_of};
use super::record::Came;
use super::request::Request;

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
    priority: i32,
    /// How many slots each unit asks for.
    weight: u32,
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
}

/// Who is first in a lane, with what is asked of it all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) ticket: Ticket,
    pub(crate) priority: i32,
    /// How many slots each of its units asks for.
    pub(crate) weight: u32,
}

/// The tickets of one lane.
#[derive(Debug, Default)]
struct Line {
    head: Option<Head>,
    /// Those of priority 0, which are all of them where nobody names one.
    normal: Fifo,
    /// Those of any other priority; none of these is empty.
    others: BTreeMap<i32, Fifo>,
    /// The units of all its tickets.
    units: u64,
}

impl Line {
    /// Who is first by priority, then by arrival.
    fn first(&self) -> Option<Ticket> {
        let Some((&highest, fifo)) = self.others.last_key_value() else {
            return self.normal.head;
        };
        if highest < 0 && self.normal.head.is_some() { self.normal.head } else { fifo.head }
    }

    #[inline]
    fn fifo(&mut self, priority: i32) -> &mut Fifo {
        match priority {
            0 => &mut self.normal,
            _ => self.others.entry(priority).or_default(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tickets {
    entries: Slab<Entry>,
    lines: [Line; 2],
}

impl Tickets {
    /// How many units wait in a lane.
    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        self.lines[lane.index()].units
    }

    /// Who is first in a lane; none where nothing waits there.
    pub(crate) fn head(&self, lane: Lane) -> Option<Head> {
        self.lines[lane.index()].head
    }

    /// The lane that a ticket waits in, if it does.
    pub(crate) fn lane_of(&self, ticket: Ticket) -> Option<Lane> {
        self.entries.get(ticket.key()).map(|entry| entry.lane)
    }

    /// How many units wait under a ticket.
    pub(crate) fn units(&self, ticket: Ticket) -> u64 {
        self.entries.get(ticket.key()).map_or(0, |entry| u64::from(entry.units))
    }

    /// The tickets of a lane, the one that starts first in front.
    pub(crate) fn in_order(&self, lane: Lane) -> impl Iterator<Item = Ticket> {
        let line = &self.lines[lane.index()];
        let of = |fifo: &Fifo| {
            let behind = |ticket: &Ticket| self.entries[ticket.key()].behind;
            std::iter::successors(fifo.head, behind).collect::<Vec<_>>()
        };
        let above = line.others.range(1..).rev().flat_map(move |(_, fifo)| of(fifo));
        let below = line.others.range(..0).rev().flat_map(move |(_, fifo)| of(fifo));
        above.chain(of(&line.normal)).chain(below)
    }

    /// The lane that a ticket waits in and how many slots each of its units asks for, if it waits.
    pub(crate) fn asked_by(&self, ticket: Ticket) -> Option<(Lane, u32)> {
        self.entries.get(ticket.key()).map(|entry| (entry.lane, entry.weight))
    }

    /// Puts a new ticket behind those of its lane and priority.
    #[inline(always)]
    pub(crate) fn push(&mut self, request: Request, units: u32, came: Came) -> Ticket {
        let Request { lane, priority, weight, .. } = request;
        let entry = Entry { lane, priority, weight, units, came, before: None, behind: None };
        let ticket = Ticket(number_of(self.entries.insert(entry)));
        self.link(ticket);
        ticket
    }

    /// Takes one unit off the head of a lane; a ticket leaves with its last unit, which is told last.
    ///
    /// # Panics
    /// If nothing waits in the lane.
    #[inline(always)]
    pub(crate) fn take_unit(&mut self, lane: Lane) -> (Head, Came, bool) {
        let line = &mut self.lines[lane.index()];
        let head = line.head.expect("a lane with pending units has a head");
        let entry = &mut self.entries[head.ticket.key()];
        let came = entry.came;
        let leaves = entry.units == 1;
        if leaves {
            self.remove(head.ticket);
        } else {
            entry.units -= 1;
            line.units -= 1;
        }
        (head, came, leaves)
    }

    /// Has a ticket wait in another lane, behind those that wait there with its priority.
    ///
    /// # Panics
    /// If it does not wait.
    pub(crate) fn move_to(&mut self, ticket: Ticket, lane: Lane) {
        self.unlink(ticket);
        self.entries[ticket.key()].lane = lane;
        self.link(ticket);
    }

    /// Takes a ticket out of its lane, wherever it stands there.
    ///
    /// # Panics
    /// If it does not wait.
    #[inline(always)]
    pub(crate) fn remove(&mut self, ticket: Ticket) {
        self.unlink(ticket);
        self.entries.remove(ticket.key());
        give_spare_back(&mut self.entries);
    }

    #[inline(always)]
    fn link(&mut self, ticket: Ticket) {
        let Entry { lane, priority, weight, units, .. } = self.entries[ticket.key()];
        let line = &mut self.lines[lane.index()];
        line.units += u64::from(units);
        if line.head.is_none_or(|head| priority > head.priority) {
            line.head = Some(Head { ticket, priority, weight });
        }
        let fifo = line.fifo(priority);
        let before = fifo.tail.replace(ticket);
        match before {
            Some(before) => self.entries[before.key()].behind = Some(ticket),
            None => fifo.head = Some(ticket),
        }
        let entry = &mut self.entries[ticket.key()];
        (entry.before, entry.behind) = (before, None);
    }

    #[inline(always)]
    fn unlink(&mut self, ticket: Ticket) {
        let Entry { lane, priority, units, before, behind, .. } = self.entries[ticket.key()];
        let line = &mut self.lines[lane.index()];
        line.units -= u64::from(units);
        let fifo = line.fifo(priority);
        match before {
            Some(before) => self.entries[before.key()].behind = behind,
            None => fifo.head = behind,
        }
        match behind {
            Some(behind) => self.entries[behind.key()].before = before,
            None => fifo.tail = before,
        }
        if priority != 0 && (before, behind) == (None, None) {
            line.others.remove(&priority);
        }
        if before.is_none() && line.head.is_some_and(|head| head.ticket == ticket) {
            line.head = behind.or_else(|| line.first()).map(|ticket| {
                let Entry { priority, weight, .. } = self.entries[ticket.key()];
                Head { ticket, priority, weight }
            });
        }
    }
}
