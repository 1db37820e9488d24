//! Calls made inside other calls of the same limit, and which of them could wait forever.
//!
//! A call that waits for an inner call keeps its slots meanwhile. If all slots that the inner call
//! may have are kept in this way, none of them ever becomes free.

use std::collections::{BTreeMap, BTreeSet};

use super::slots::Running;
use crate::limiter::types::{Slot, Ticket};

/// The running calls that wait for tickets.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    outer: BTreeMap<Slot, Outer>,
    /// The slots whose units wait for a ticket: the call that made it, and calls that joined it.
    slots_of: BTreeMap<Ticket, Vec<Slot>>,
    /// The slots that outer calls hold, by lane.
    held: [u64; 2],
}

#[derive(Debug)]
struct Outer {
    running: Running,
    inner: BTreeSet<Ticket>,
}

impl Nesting {
    /// Whether no running call waits for a ticket.
    pub(crate) fn is_empty(&self) -> bool {
        self.outer.is_empty() && self.slots_of.is_empty()
    }

    /// The slots held by calls that wait for inner ones, as if the unit in `slot` waited, too.
    pub(crate) fn held_with(&self, slot: Slot, running: Running) -> [u64; 2] {
        let mut held = self.held;
        if !self.outer.contains_key(&slot) {
            held[running.lane.index()] += u64::from(running.weight);
        }
        held
    }

    /// The slots of the units that wait for a ticket.
    pub(crate) fn waiting_for(&self, ticket: Ticket) -> impl Iterator<Item = Slot> {
        self.slots_of.get(&ticket).into_iter().flatten().copied()
    }

    /// Whether the unit in a slot waits for a ticket.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.outer.contains_key(&slot)
    }

    /// The unit in a slot waits for a ticket.
    pub(crate) fn waits(&mut self, slot: Slot, running: Running, ticket: Ticket) {
        self.held = self.held_with(slot, running);
        self.slots_of.entry(ticket).or_default().push(slot);
        let outer = self.outer.entry(slot);
        outer.or_insert_with(|| Outer { running, inner: BTreeSet::new() }).inner.insert(ticket);
    }

    /// A ticket has left its lane.
    #[inline(always)]
    pub(crate) fn left(&mut self, ticket: Ticket) {
        if !self.slots_of.is_empty() {
            self.inner_left(ticket);
        }
    }

    /// The unit in a slot has ended, and waits for no ticket.
    #[inline(always)]
    pub(crate) fn ended(&mut self, slot: Slot) {
        if !self.outer.is_empty() {
            self.outer_ended(slot);
        }
    }

    fn inner_left(&mut self, ticket: Ticket) {
        for slot in self.slots_of.remove(&ticket).unwrap_or_default() {
            // The unit may have named the ticket twice, or ended without waiting for it.
            if let Some(outer) = self.outer.get_mut(&slot)
                && outer.inner.remove(&ticket)
                && outer.inner.is_empty()
            {
                self.outer_ended(slot);
            }
        }
    }

    fn outer_ended(&mut self, slot: Slot) {
        if let Some(Outer { running, inner }) = self.outer.remove(&slot) {
            self.held[running.lane.index()] -= u64::from(running.weight);
            for ticket in inner {
                if let Some(slots) = self.slots_of.get_mut(&ticket) {
                    slots.retain(|&other| other != slot);
                    if slots.is_empty() {
                        self.slots_of.remove(&ticket);
                    }
                }
            }
        }
    }
}
