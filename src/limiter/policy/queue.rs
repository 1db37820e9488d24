//! Tickets that wait, linked to a FIFO for each priority.

use std::collections::BTreeMap;

use slab::Slab;

use crate::limiter::stats::Arrival;
use crate::limiter::types::{Lane, Ticket};

/// A ticket that waits.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) lane: Lane,
    pub(super) priority: i32,
    /// How many slots each unit asks for.
    pub(super) weight: u32,
    /// Units that still wait: 1 for a call, any number for a batch.
    pub(super) units: u32,
    pub(super) arrival: Arrival,
    pub(super) before: Option<Ticket>,
    pub(super) behind: Option<Ticket>,
}

#[derive(Debug, Default)]
struct Fifo {
    head: Option<Ticket>,
    tail: Option<Ticket>,
}

/// Tickets by priority, then by arrival.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Tickets of priority 0, which is the default.
    normal: Fifo,
    /// Tickets of other priorities. None of these queues is empty.
    others: BTreeMap<i32, Fifo>,
}

impl Queue {
    /// The first ticket.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<Ticket> {
        let Some((&highest, fifo)) = self.others.last_key_value() else {
            return self.normal.head;
        };
        if highest < 0 && self.normal.head.is_some() { self.normal.head } else { fifo.head }
    }

    /// Whether a ticket is the last one of priority 0.
    pub(super) fn is_last(&self, ticket: Ticket) -> bool {
        self.normal.tail == Some(ticket)
    }

    #[inline]
    fn fifo(&mut self, priority: i32) -> &mut Fifo {
        match priority {
            0 => &mut self.normal,
            _ => self.others.entry(priority).or_default(),
        }
    }

    /// Adds a ticket behind those of its priority.
    #[inline(always)]
    pub(super) fn push(&mut self, entries: &mut Slab<Entry>, ticket: Ticket) {
        let fifo = self.fifo(entries[ticket.key()].priority);
        let before = fifo.tail.replace(ticket);
        match before {
            Some(before) => entries[before.key()].behind = Some(ticket),
            None => fifo.head = Some(ticket),
        }
        let entry = &mut entries[ticket.key()];
        (entry.before, entry.behind) = (before, None);
    }

    /// Takes a ticket out, at any place.
    #[inline(always)]
    pub(super) fn remove(&mut self, entries: &mut Slab<Entry>, ticket: Ticket) {
        let Entry { priority, before, behind, .. } = entries[ticket.key()];
        let fifo = self.fifo(priority);
        match before {
            Some(before) => entries[before.key()].behind = behind,
            None => fifo.head = behind,
        }
        match behind {
            Some(behind) => entries[behind.key()].before = before,
            None => fifo.tail = before,
        }
        if priority != 0 && (before, behind) == (None, None) {
            self.others.remove(&priority);
        }
    }

    /// All tickets, in their order.
    pub(super) fn in_order(&self, entries: &Slab<Entry>) -> Vec<Ticket> {
        let of = |fifo: &Fifo| {
            let behind = |ticket: &Ticket| entries[ticket.key()].behind;
            std::iter::successors(fifo.head, behind).collect::<Vec<_>>()
        };
        let above = self.others.range(1..).rev().flat_map(|(_, fifo)| of(fifo));
        let below = self.others.range(..0).rev().flat_map(|(_, fifo)| of(fifo));
        above.chain(of(&self.normal)).chain(below).collect()
    }

    /// The same, beginning with the last one.
    pub(super) fn in_reverse(&self, entries: &Slab<Entry>) -> impl Iterator<Item = Ticket> {
        let of = |fifo: &Fifo| {
            let before = |ticket: &Ticket| entries[ticket.key()].before;
            std::iter::successors(fifo.tail, before)
        };
        let below = self.others.range(..0).flat_map(move |(_, fifo)| of(fifo));
        let above = self.others.range(1..).flat_map(move |(_, fifo)| of(fifo));
        below.chain(of(&self.normal)).chain(above)
    }
}
