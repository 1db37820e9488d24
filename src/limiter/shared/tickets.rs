//! The tickets of one handle, under its own numbers.
//!
//! | state | `waits` | `messages` |
//! |---|---|---|
//! | waits | the arbiter's ticket | units of a batch that were granted and not told yet |
//! | granted or cleared, and not told or just now | none | 1 or more |
//! | free | | |

use slab::Slab;

use crate::limiter::types::{Ticket, give_spare_back, number_of};

#[derive(Debug)]
struct Entry {
    waits: Option<Ticket>,
    messages: u32,
}

#[derive(Debug, Default)]
pub(super) struct HandleTickets {
    entries: Slab<Entry>,
}

impl HandleTickets {
    /// Waiting tickets, each under its number in the arbiter.
    pub(super) fn as_in_arbiter(tickets: &[Ticket]) -> Self {
        let entry = |&ticket: &Ticket| {
            (ticket.number() as usize, Entry { waits: Some(ticket), messages: 0 })
        };
        Self { entries: tickets.iter().map(entry).collect() }
    }

    /// Whether no number is in use.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives a waiting ticket a number.
    pub(super) fn add(&mut self, ticket: Ticket) -> u32 {
        number_of(self.entries.insert(Entry { waits: Some(ticket), messages: 0 }))
    }

    /// Gives a number to a call that was granted already. A message will announce it.
    pub(super) fn add_granted_by_message(&mut self) -> u32 {
        number_of(self.entries.insert(Entry { waits: None, messages: 1 }))
    }

    /// The arbiter's ticket that waits under a number.
    pub(super) fn waiting(&self, number: u32) -> Option<Ticket> {
        self.entries.get(number as usize)?.waits
    }

    /// A unit was granted, and the result of a call tells the handle. The number is free after the
    /// last unit.
    pub(super) fn granted(&mut self, number: u32, still_waits: bool) {
        let entry = &mut self.entries[number as usize];
        if !still_waits {
            entry.waits = None;
        }
        self.free_if_over(number);
    }

    /// A unit was granted, and a message will announce it.
    pub(super) fn granted_by_message(&mut self, number: u32, still_waits: bool) {
        let entry = &mut self.entries[number as usize];
        entry.messages += 1;
        if !still_waits {
            entry.waits = None;
        }
    }

    /// Whether there are messages about a number.
    pub(super) fn has_messages(&self, number: u32) -> bool {
        self.entries.get(number as usize).is_some_and(|entry| entry.messages > 0)
    }

    /// The ticket was cleared, and a message will announce it.
    pub(super) fn dropped_by_message(&mut self, number: u32) {
        let entry = &mut self.entries[number as usize];
        entry.messages += 1;
        entry.waits = None;
    }

    /// A message about the number was read, or is void.
    pub(super) fn message_is_gone(&mut self, number: u32) {
        self.entries[number as usize].messages -= 1;
        self.free_if_over(number);
    }

    /// The ticket has left its lane without a grant.
    pub(super) fn dropped(&mut self, number: u32) {
        self.entries[number as usize].waits = None;
        self.free_if_over(number);
    }

    fn free_if_over(&mut self, number: u32) {
        let Entry { waits, messages } = self.entries[number as usize];
        if waits.is_none() && messages == 0 {
            self.entries.remove(number as usize);
            give_spare_back(&mut self.entries);
        }
    }

    /// All waiting tickets.
    pub(super) fn all_waiting(&self) -> Vec<Ticket> {
        self.entries.iter().filter_map(|(_, entry)| entry.waits).collect()
    }
}
