//! The tickets that wait at one limit: a slab of tickets, linked to a FIFO for each lane and
//! priority.

use std::collections::BTreeMap;

use slab::Slab;

use crate::limiter::stats::Arrival;
use crate::limiter::types::{Lane, Request, Ticket, give_spare_back, number_of};

#[derive(Debug)]
struct Entry {
    lane: Lane,
    priority: i32,
    /// How many slots each unit asks for.
    weight: u32,
    /// Units that still wait: 1 for a call, any number for a batch.
    units: u32,
    arrival: Arrival,
    before: Option<Ticket>,
    behind: Option<Ticket>,
}

#[derive(Debug, Default)]
struct Fifo {
    head: Option<Ticket>,
    tail: Option<Ticket>,
}

/// The first ticket of a lane, with the properties that are needed all the time.
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
    /// Tickets of priority 0, which is the default.
    normal: Fifo,
    /// Tickets of other priorities. None of these queues is empty.
    others: BTreeMap<i32, Fifo>,
    /// The units of all tickets in this lane.
    units: u64,
}

impl Line {
    /// The first ticket by priority, then by arrival.
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

    /// The first ticket of a lane; none if the lane is empty.
    pub(crate) fn head(&self, lane: Lane) -> Option<Head> {
        self.lines[lane.index()].head
    }

    /// The lane in which a ticket waits, if it waits.
    pub(crate) fn lane_of(&self, ticket: Ticket) -> Option<Lane> {
        self.entries.get(ticket.key()).map(|entry| entry.lane)
    }

    /// How many units wait under a ticket.
    pub(crate) fn units(&self, ticket: Ticket) -> u64 {
        self.entries.get(ticket.key()).map_or(0, |entry| u64::from(entry.units))
    }

    /// The tickets of a lane, in the order in which they start.
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

    /// When a ticket arrived, if it waits.
    pub(crate) fn arrival(&self, ticket: Ticket) -> Option<Arrival> {
        self.entries.get(ticket.key()).map(|entry| entry.arrival)
    }

    /// The tickets of a lane, beginning with the one that starts last by its place.
    pub(crate) fn in_reverse(&self, lane: Lane) -> impl Iterator<Item = Ticket> {
        let line = &self.lines[lane.index()];
        let of = |fifo: &Fifo| {
            let before = |ticket: &Ticket| self.entries[ticket.key()].before;
            std::iter::successors(fifo.tail, before)
        };
        let below = line.others.range(..0).flat_map(move |(_, fifo)| of(fifo));
        let above = line.others.range(1..).flat_map(move |(_, fifo)| of(fifo));
        below.chain(of(&line.normal)).chain(above)
    }

    /// The lane and priority of a ticket, and how many slots each of its units asks for. None if it
    /// does not wait.
    pub(crate) fn asked_by(&self, ticket: Ticket) -> Option<(Lane, i32, u32)> {
        let entry = self.entries.get(ticket.key())?;
        Some((entry.lane, entry.priority, entry.weight))
    }

    /// Sets the ticket that is first in a lane whatever its place is, and how many slots it asks
    /// for now. None: the ticket that is first by its place.
    pub(crate) fn put_first(&mut self, lane: Lane, first: Option<(Ticket, u32)>) {
        let line = &self.lines[lane.index()];
        let by_place = |ticket: Ticket| {
            let Entry { priority, weight, .. } = self.entries[ticket.key()];
            Head { ticket, priority, weight }
        };
        let head = match first {
            // No newcomer is before it.
            Some((ticket, weight)) => Some(Head { ticket, priority: i32::MAX, weight }),
            None => line.first().map(by_place),
        };
        self.lines[lane.index()].head = head;
    }

    /// Adds a ticket behind the tickets of its lane and priority.
    #[inline(always)]
    pub(crate) fn push(&mut self, request: Request, units: u32, arrival: Arrival) -> Ticket {
        let Request { lane, priority, weight, .. } = request;
        let entry = Entry { lane, priority, weight, units, arrival, before: None, behind: None };
        let ticket = Ticket::from_number(number_of(self.entries.insert(entry)));
        self.link(ticket);
        ticket
    }

    /// Takes one unit off the head of a lane. The last value says whether the ticket has left with
    /// its last unit.
    ///
    /// # Panics
    /// If the lane is empty.
    #[inline(always)]
    pub(crate) fn take_unit(&mut self, lane: Lane) -> (Head, Arrival, bool) {
        let line = &mut self.lines[lane.index()];
        let head = line.head.expect("a lane with pending units has a head");
        let entry = &mut self.entries[head.ticket.key()];
        let arrival = entry.arrival;
        let leaves = entry.units == 1;
        if leaves {
            self.remove(head.ticket);
        } else {
            entry.units -= 1;
            line.units -= 1;
        }
        (head, arrival, leaves)
    }

    /// Whether a ticket that waits is the last one of priority 0 in its lane, and of that priority.
    pub(crate) fn is_last(&self, ticket: Ticket) -> bool {
        let Some(entry) = self.entries.get(ticket.key()) else { return false };
        entry.priority == 0 && self.lines[entry.lane.index()].normal.tail == Some(ticket)
    }

    /// Adds units to a ticket, and takes others off. At least one stays.
    ///
    /// # Panics
    /// If the ticket does not wait, or if none or 2^32 units would be left.
    pub(crate) fn change_units(&mut self, ticket: Ticket, added: u64, taken: u64) {
        let entry = &mut self.entries[ticket.key()];
        let units = (u64::from(entry.units) + added).checked_sub(taken).filter(|&units| units > 0);
        entry.units = units.and_then(|units| u32::try_from(units).ok()).expect("units stay");
        let line = &mut self.lines[entry.lane.index()];
        line.units = line.units + added - taken;
    }

    /// Moves a ticket to another lane or priority, behind the tickets that are there.
    ///
    /// # Panics
    /// If the ticket does not wait.
    pub(crate) fn move_to(&mut self, ticket: Ticket, lane: Lane, priority: i32) {
        self.unlink(ticket);
        let entry = &mut self.entries[ticket.key()];
        (entry.lane, entry.priority) = (lane, priority);
        self.link(ticket);
    }

    /// Takes a ticket out of its lane, at any place in it.
    ///
    /// # Panics
    /// If the ticket does not wait.
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
