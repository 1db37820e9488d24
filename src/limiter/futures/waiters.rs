//! The tasks behind a gate's tickets.
//!
//! A ticket's number may belong to another call as soon as it is granted, before its task has
//! noticed. So every waiting task has an entry of its own here, from its first poll to its last:
//!
//! | state | entered by | left by |
//! |---|---|---|
//! | `Waiting` | `wait` | `grant`, `clear`; `remove` when its future is dropped |
//! | `Granted` | `grant` | `remove` by its next poll, or when its future is dropped |
//! | `Cleared` | `clear` | `remove` by its next poll, or when its future is dropped |
//! | `Dropped` | `displace` | `remove` by its next poll, or when its future is dropped |

use std::mem;
use std::task::Waker;

use slab::Slab;

use crate::limiter::types::{Dropped, Slot, Ticket, give_spare_back};

/// The key of a waiting task's entry. It belongs to the task until the entry is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaiterKey(usize);

#[derive(Debug)]
pub(crate) enum Waiter {
    Waiting { ticket: Ticket, waker: Waker },
    Granted(Slot),
    Cleared,
    Dropped(Dropped),
}

#[derive(Debug, Default)]
pub(crate) struct Waiters {
    places: Slab<Waiter>,
    /// By ticket number. Valid for tickets that wait, and out of date for others.
    place_of: Vec<WaiterKey>,
}

impl Waiters {
    pub(crate) fn wait(&mut self, ticket: Ticket, waker: Waker) -> WaiterKey {
        let place = WaiterKey(self.places.insert(Waiter::Waiting { ticket, waker }));
        let number = ticket.number() as usize;
        if number >= self.place_of.len() {
            self.place_of.resize(number + 1, place);
        }
        self.place_of[number] = place;
        place
    }

    /// Gives a slot to the task behind a waiting ticket. The caller wakes the task after it has
    /// released the lock.
    #[must_use]
    pub(crate) fn grant(&mut self, ticket: Ticket, slot: Slot) -> Waker {
        self.resolve(ticket, Waiter::Granted(slot))
    }

    /// Marks the task behind a waiting ticket as cleared. The caller wakes the task after it has
    /// released the lock.
    #[must_use]
    pub(crate) fn clear(&mut self, ticket: Ticket) -> Waker {
        self.resolve(ticket, Waiter::Cleared)
    }

    /// Marks the task behind a waiting ticket as dropped. The caller wakes the task after it has
    /// released the lock.
    #[must_use]
    pub(crate) fn displace(&mut self, ticket: Ticket, dropped: Dropped) -> Waker {
        self.resolve(ticket, Waiter::Dropped(dropped))
    }

    fn resolve(&mut self, ticket: Ticket, to: Waiter) -> Waker {
        let WaiterKey(key) = self.place_of[ticket.number() as usize];
        match mem::replace(&mut self.places[key], to) {
            Waiter::Waiting { ticket: own, waker } if own == ticket => waker,
            other => unreachable!("{ticket:?} waits, but its task is {other:?}"),
        }
    }

    pub(crate) fn get_mut(&mut self, WaiterKey(key): WaiterKey) -> &mut Waiter {
        &mut self.places[key]
    }

    pub(crate) fn remove(&mut self, WaiterKey(key): WaiterKey) -> Waiter {
        let waiter = self.places.remove(key);
        give_spare_back(&mut self.places);
        if self.places.capacity() == 0 {
            self.place_of = Vec::new();
        }
        waiter
    }
}
