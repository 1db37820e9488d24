//! What runs at one gate: a slab of slots that are taken.

use slab::Slab;

use super::lane::Lane;
use super::stats::Sample;
use super::tickets::number_of;

/// The right to run one unit of work. Numbers are small, dense and reused; a slot that is handed
/// from one unit to the next keeps its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    /// The slot's number, below 2^31.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The slot of a number that [`Slot::number`] gave.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Running {
    pub(crate) lane: Lane,
    /// When its unit started; none where it is not timed.
    pub(crate) started: Option<Sample>,
}

#[derive(Debug, Default)]
pub(crate) struct Slots {
    taken: Slab<Running>,
}

impl Slots {
    pub(crate) fn get(&self, slot: Slot) -> Option<Running> {
        self.taken.get(slot.0 as usize).copied()
    }

    pub(crate) fn take(&mut self, running: Running) -> Slot {
        Slot(number_of(self.taken.insert(running)))
    }

    pub(crate) fn hand_over(&mut self, slot: Slot, running: Running) {
        self.taken[slot.0 as usize] = running;
    }

    pub(crate) fn free(&mut self, slot: Slot) {
        self.taken.remove(slot.0 as usize);
    }
}
