//! Where slots come from: how many there are, how many of them offline work may take, and what runs
//! in those that are taken. Who gets one is decided elsewhere.

use slab::Slab;

use super::error::Error;
use super::lane::Lane;
use super::numbers::{give_spare_back, number_of};
use super::sampler::Sample;

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

/// The unit of work that holds a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running {
    pub(crate) lane: Lane,
    /// When it started; none where it is not timed.
    pub(crate) started: Option<Sample>,
}

#[derive(Debug)]
pub(crate) struct Slots {
    concurrency: u64,
    /// As asked for; none follows the concurrency.
    reserve: Option<u64>,
    active: [u64; 2],
    taken: Slab<Running>,
}

impl Slots {
    pub(crate) fn new(concurrency: u64, reserve: Option<u64>) -> Result<Self, Error> {
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(given) = reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::Reserve { given, concurrency });
        }
        Ok(Self { concurrency, reserve, active: [0; 2], taken: Slab::new() })
    }

    pub(crate) fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(reserve) = self.reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::ConcurrencyWithinReserve { given: concurrency, reserve });
        }
        self.concurrency = concurrency;
        Ok(())
    }

    pub(crate) fn concurrency(&self) -> u64 {
        self.concurrency
    }

    pub(crate) fn reserve(&self) -> u64 {
        self.reserve.unwrap_or(u64::from(self.concurrency > 1))
    }

    pub(crate) fn active(&self, lane: Lane) -> u64 {
        self.active[lane.index()]
    }

    /// Whether a slot is free that work of this lane may take.
    pub(crate) fn is_free_for(&self, lane: Lane) -> bool {
        let [online, offline] = self.active;
        // Both sums are safe: what is active lies in a slab, and the reserve is below the concurrency.
        online + offline < self.concurrency
            && (lane == Lane::Online || offline < self.concurrency - self.reserve())
    }

    /// Takes a free slot.
    pub(crate) fn take(&mut self, running: Running) -> Slot {
        let slot = Slot(number_of(self.taken.vacant_key()));
        self.taken.insert(running);
        self.active[running.lane.index()] += 1;
        slot
    }

    /// Ends what runs in a slot, if anything does. The caller is left with the slot: to be followed
    /// by [`Slots::hand_over`] or [`Slots::free`].
    pub(crate) fn end(&mut self, slot: Slot) -> Option<Running> {
        let running = self.taken.get(slot.0 as usize).copied()?;
        self.active[running.lane.index()] -= 1;
        Some(running)
    }

    pub(crate) fn hand_over(&mut self, slot: Slot, running: Running) {
        self.active[running.lane.index()] += 1;
        self.taken[slot.0 as usize] = running;
    }

    pub(crate) fn free(&mut self, slot: Slot) {
        self.taken.remove(slot.0 as usize);
        give_spare_back(&mut self.taken);
    }
}
