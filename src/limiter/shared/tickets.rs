//! The tickets of one end, as it numbers them.
//!
//! | state | `waits` | `letters` |
//! |---|---|---|
//! | waits | the arbiter's ticket | units of a batch that were granted and are not told yet |
//! | granted or cleared, and not told or just now | none | 1 or more |
//! | free | | |

use slab::Slab;

use crate::limiter::numbers::{give_spare_back, number_of};
use crate::limiter::tickets::Ticket;

#[derive(Debug)]
struct Entry {
    waits: Option<Ticket>,
    letters: u32,
}

#[derive(Debug, Default)]
pub(super) struct EndTickets {
    entries: Slab<Entry>,
}

impl EndTickets {
    /// Tickets that wait, each by the number that it has in the arbiter.
    pub(super) fn as_in_arbiter(tickets: &[Ticket]) -> Self {
        let entry = |&ticket: &Ticket| {
            (ticket.number() as usize, Entry { waits: Some(ticket), letters: 0 })
        };
        Self { entries: tickets.iter().map(entry).collect() }
    }

    /// Whether no number is in use.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Numbers a ticket that waits.
    pub(super) fn add(&mut self, ticket: Ticket) -> u32 {
        number_of(self.entries.insert(Entry { waits: Some(ticket), letters: 0 }))
    }

    /// Numbers what was granted already, which a letter is to tell.
    pub(super) fn add_granted_by_letter(&mut self) -> u32 {
        number_of(self.entries.insert(Entry { waits: None, letters: 1 }))
    }

    /// The arbiter's ticket of what waits under a number.
    pub(super) fn waiting(&self, number: u32) -> Option<Ticket> {
        self.entries.get(number as usize)?.waits
    }

    /// A unit was granted, and its end knows; with the last one the number is free.
    pub(super) fn granted(&mut self, number: u32, still_waits: bool) {
        let entry = &mut self.entries[number as usize];
        if !still_waits {
            entry.waits = None;
        }
        self.free_if_over(number);
    }

    /// A unit was granted, and a letter is to tell so.
    pub(super) fn granted_by_letter(&mut self, number: u32, still_waits: bool) {
        let entry = &mut self.entries[number as usize];
        entry.letters += 1;
        if !still_waits {
            entry.waits = None;
        }
    }

    /// Whether there are letters about what waits, or waited, under a number.
    pub(super) fn has_letters(&self, number: u32) -> bool {
        self.entries.get(number as usize).is_some_and(|entry| entry.letters > 0)
    }

    /// What waited was cleared, and a letter is to tell so.
    pub(super) fn dropped_by_letter(&mut self, number: u32) {
        let entry = &mut self.entries[number as usize];
        entry.letters += 1;
        entry.waits = None;
    }

    /// A letter about the number was taken and read, or is void.
    pub(super) fn letter_is_gone(&mut self, number: u32) {
        self.entries[number as usize].letters -= 1;
        self.free_if_over(number);
    }

    /// What waited does not any more, and gets nothing.
    pub(super) fn dropped(&mut self, number: u32) {
        self.entries[number as usize].waits = None;
        self.free_if_over(number);
    }

    fn free_if_over(&mut self, number: u32) {
        let Entry { waits, letters } = self.entries[number as usize];
        if waits.is_none() && letters == 0 {
            self.entries.remove(number as usize);
            give_spare_back(&mut self.entries);
        }
    }

    /// All that wait.
    pub(super) fn all_waiting(&self) -> Vec<Ticket> {
        self.entries.iter().filter_map(|(_, entry)| entry.waits).collect()
    }
}
