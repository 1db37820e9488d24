//! The attempts that wait: units that have failed, hold their slot, and are to be tried again in it
//! when the pause of their lane is over and the rate allows it.

use std::collections::VecDeque;

use crate::limiter::types::{Lane, Slot};

/// The slots of the units, by lane, in the order in which they asked. A slot is there once for each
/// attempt.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    waiting: [VecDeque<Slot>; 2],
    /// By slot number: how many attempts of the unit there wait. Most units that end have none, and
    /// the queues may be long.
    counts: Vec<u32>,
}

impl Attempts {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.iter().all(VecDeque::is_empty)
    }

    pub(super) fn first(&self, lane: Lane) -> Option<Slot> {
        self.waiting[lane.index()].front().copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Slot> {
        self.waiting.iter().flatten().copied()
    }

    pub(super) fn add(&mut self, lane: Lane, slot: Slot) {
        self.waiting[lane.index()].push_back(slot);
        let index = slot.number() as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
    }

    pub(super) fn take_first(&mut self, lane: Lane) {
        if let Some(slot) = self.waiting[lane.index()].pop_front() {
            self.counts[slot.number() as usize] -= 1;
        }
    }

    pub(super) fn remove_one(&mut self, slot: Slot) {
        if !self.has(slot) {
            return;
        }
        self.counts[slot.number() as usize] -= 1;
        for waiting in &mut self.waiting {
            if let Some(index) = waiting.iter().rposition(|&other| other == slot) {
                waiting.remove(index);
                return;
            }
        }
    }

    pub(super) fn remove_all(&mut self, slot: Slot) {
        if !self.has(slot) {
            return;
        }
        self.counts[slot.number() as usize] = 0;
        for waiting in &mut self.waiting {
            waiting.retain(|&other| other != slot);
        }
    }

    fn has(&self, slot: Slot) -> bool {
        self.counts.get(slot.number() as usize).is_some_and(|&count| count > 0)
    }
}
