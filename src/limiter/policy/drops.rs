//! The tickets that leave full lanes, for limits whose [`Overflow`] drops some.

use std::collections::BTreeMap;

use crate::limiter::types::{Lane, Overflow, SPARE, Ticket};

/// A ticket that has left a full lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedTicket {
    /// The ticket. Its number may belong to another call after the next change of the arbiter.
    pub ticket: Ticket,
    /// The lane that it waited in.
    pub lane: Lane,
    /// How many units waited under it.
    pub units: u64,
}

/// What a limit that drops tickets has beside others.
#[derive(Debug)]
pub(super) struct Drops {
    overflow: Overflow,
    /// The tickets that have left, and that the caller was not told of.
    pub(super) untold: Vec<DroppedTicket>,
    /// By lane: the tickets that wait, by the order in which they came. Only for
    /// [`Overflow::DropOldest`].
    by_arrival: [BTreeMap<u64, Ticket>; 2],
    /// By ticket number, the key of `by_arrival`. Valid for tickets that wait.
    arrivals: Vec<u64>,
    next: u64,
}

impl Drops {
    /// None if nothing is ever dropped.
    pub(super) fn new(overflow: Overflow) -> Option<Self> {
        overflow.drops().then(|| Self {
            overflow,
            untold: Vec::new(),
            by_arrival: Default::default(),
            arrivals: Vec::new(),
            next: 0,
        })
    }

    pub(super) fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// A ticket waits.
    pub(super) fn arrived(&mut self, ticket: Ticket, lane: Lane) {
        if self.overflow != Overflow::DropOldest {
            return;
        }
        let index = ticket.key();
        if index >= self.arrivals.len() {
            self.arrivals.resize(index + 1, 0);
        }
        self.arrivals[index] = self.next;
        self.by_arrival[lane.index()].insert(self.next, ticket);
        self.next += 1;
    }

    /// A ticket waits no longer.
    pub(super) fn left(&mut self, ticket: Ticket, lane: Lane) {
        if self.overflow != Overflow::DropOldest {
            return;
        }
        self.by_arrival[lane.index()].remove(&self.arrivals[ticket.key()]);
        if self.arrivals.len() > SPARE && self.by_arrival.iter().all(BTreeMap::is_empty) {
            self.arrivals = Vec::new();
        }
    }

    /// A ticket waits in another lane. It has come no later than before.
    pub(super) fn moved(&mut self, ticket: Ticket, from: Lane, to: Lane) {
        if self.overflow != Overflow::DropOldest {
            return;
        }
        let arrival = self.arrivals[ticket.key()];
        self.by_arrival[from.index()].remove(&arrival);
        self.by_arrival[to.index()].insert(arrival, ticket);
    }

    /// The tickets of a lane, beginning with the one that came first.
    pub(super) fn oldest(&self, lane: Lane) -> impl Iterator<Item = Ticket> {
        self.by_arrival[lane.index()].values().copied()
    }
}
