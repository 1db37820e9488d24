//! The tasks behind a gate's tickets.
//!
//! A ticket's number is another call's as soon as it is granted, which is before its task has come to
//! know. So every task that waits has a place of its own here, from its first poll to its last:
//!
//! | state | comes by | leaves by |
//! |---|---|---|
//! | `Waiting` | `wait` | `grant`, `clear`; `remove` when its future is dropped |
//! | `Granted` | `grant` | `remove` by its next poll, or when its future is dropped |
//! | `Cleared` | `clear` | `remove` by its next poll, or when its future is dropped |

use std::mem;
use std::task::Waker;

use slab::Slab;

use super::numbers::give_spare_back;
use super::slots::Slot;
use super::tickets::Ticket;

/// A waiting task's place. It is the task's own until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(usize);

#[derive(Debug)]
pub(crate) enum Waiter {
    Waiting { ticket: Ticket, waker: Waker },
    Granted(Slot),
    Cleared,
}

#[derive(Debug, Default)]
pub(crate) struct Waiters {
    places: Slab<Waiter>,
    /// By ticket number. Right for tickets that wait; what it says of others is out of date.
    place_of: Vec<Place>,
}

impl Waiters {
    pub(crate) fn wait(&mut self, ticket: Ticket, waker: Waker) -> Place {
        let place = Place(self.places.insert(Waiter::Waiting { ticket, waker }));
        let number = ticket.number() as usize;
        if number >= self.place_of.len() {
            self.place_of.resize(number + 1, place);
        }
        self.place_of[number] = place;
        place
    }

    /// Gives a slot to the task behind a ticket that waited; who has the lock wakes it later.
    #[must_use]
    pub(crate) fn grant(&mut self, ticket: Ticket, slot: Slot) -> Waker {
        self.resolve(ticket, Waiter::Granted(slot))
    }

    /// Tells the task behind a ticket that waited that it waits in vain.
    #[must_use]
    pub(crate) fn clear(&mut self, ticket: Ticket) -> Waker {
        self.resolve(ticket, Waiter::Cleared)
    }

    fn resolve(&mut self, ticket: Ticket, to: Waiter) -> Waker {
        let Place(key) = self.place_of[ticket.number() as usize];
        match mem::replace(&mut self.places[key], to) {
            Waiter::Waiting { ticket: own, waker } if own == ticket => waker,
            other => unreachable!("{ticket:?} waits, but its task is {other:?}"),
        }
    }

    pub(crate) fn get_mut(&mut self, Place(key): Place) -> &mut Waiter {
        &mut self.places[key]
    }

    pub(crate) fn remove(&mut self, Place(key): Place) -> Waiter {
        let waiter = self.places.remove(key);
        give_spare_back(&mut self.places);
        if self.places.capacity() == 0 {
            self.place_of = Vec::new();
        }
        waiter
    }
}
