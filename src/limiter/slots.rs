//! Where slots come from: how many there are, how many of them offline work may take, and what runs
//! in those that are taken. Who gets one is decided elsewhere.
//!
//! A unit has one number however many slots it holds: the others are counted, not named.

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
    /// How many slots it holds: `Slots::need` of what it asked for.
    pub(crate) weight: u32,
    /// When it started; none where it is not timed.
    pub(crate) started: Option<Sample>,
}

#[derive(Debug)]
pub(crate) struct Slots {
    concurrency: u64,
    /// As asked for; none follows the concurrency.
    reserve: Option<u64>,
    /// The highest that a concurrency which is found goes; none where it is given.
    highest: Option<u64>,
    /// The most slots that work of each lane may hold together now.
    most: [u64; 2],
    /// The heaviest unit that each lane lets in.
    heaviest: [u64; 2],
    /// Units that run, by lane.
    active: [u64; 2],
    /// The slots that they hold.
    held: [u64; 2],
    taken: Slab<Running>,
}

impl Slots {
    pub(crate) fn new(
        concurrency: u64,
        reserve: Option<u64>,
        highest: Option<u64>,
    ) -> Result<Self, Error> {
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(given) = reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::Reserve { given, concurrency });
        }
        let mut slots = Self {
            concurrency,
            reserve,
            highest,
            most: [0; 2],
            heaviest: [0; 2],
            active: [0; 2],
            held: [0; 2],
            taken: Slab::new(),
        };
        slots.share_out();
        Ok(slots)
    }

    pub(crate) fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(reserve) = self.reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::ConcurrencyWithinReserve { given: concurrency, reserve });
        }
        self.concurrency = concurrency;
        self.share_out();
        Ok(())
    }

    /// From now on the concurrency is what it was set to.
    pub(crate) fn fix(&mut self) {
        self.highest = None;
        self.share_out();
    }

    fn share_out(&mut self) {
        self.most = self.shares_of(self.concurrency);
        self.heaviest = self.shares_of(self.highest.unwrap_or(self.concurrency));
    }

    /// What each lane may hold of so many slots.
    fn shares_of(&self, concurrency: u64) -> [u64; 2] {
        [concurrency, concurrency - self.reserve_of(concurrency)]
    }

    fn reserve_of(&self, concurrency: u64) -> u64 {
        self.reserve.unwrap_or(u64::from(concurrency > 1))
    }

    pub(crate) fn concurrency(&self) -> u64 {
        self.concurrency
    }

    pub(crate) fn reserve(&self) -> u64 {
        self.reserve_of(self.concurrency)
    }

    pub(crate) fn active(&self, lane: Lane) -> u64 {
        self.active[lane.index()]
    }

    /// The most slots that work of this lane may hold together now.
    pub(crate) fn most_for(&self, lane: Lane) -> u64 {
        self.most[lane.index()]
    }

    /// The heaviest unit that this lane lets in. Where the concurrency is found that is one of its highest, and not of
    /// what it happens to be: who calls can't know that.
    pub(crate) fn heaviest_for(&self, lane: Lane) -> u64 {
        self.heaviest[lane.index()]
    }

    /// How many slots a unit takes. One that was let in with more than its lane has now takes them all.
    pub(crate) fn need(&self, lane: Lane, weight: u32) -> u32 {
        u32::try_from(self.most_for(lane)).map_or(weight, |most| weight.min(most))
    }

    /// Whether a unit of this lane has its slots where so many of the others' are kept for who is
    /// ahead of it and has to wait.
    #[inline]
    pub(crate) fn fit(&self, lane: Lane, weight: u32, kept: u64) -> bool {
        let [online, offline] = self.held;
        let need = u64::from(self.need(lane, weight));
        let own = self.held[lane.index()];
        // All sums are safe: what is held lies in a slab, and a need is 32 bits.
        online + offline + need <= self.concurrency
            && own + need <= self.most_for(lane)
            && own + need + kept <= self.concurrency
    }

    /// Whether a unit of this lane would have its slots if no more than these were held.
    pub(crate) fn fit_beside(&self, lane: Lane, weight: u32, held: [u64; 2]) -> bool {
        let [online, offline] = held;
        let need = u64::from(self.need(lane, weight));
        online + offline + need <= self.concurrency
            && held[lane.index()] + need <= self.most_for(lane)
    }

    /// How many slots are free for this lane.
    pub(crate) fn free_for(&self, lane: Lane) -> u64 {
        let [online, offline] = self.held;
        let free = self.concurrency.saturating_sub(online + offline);
        free.min(self.most_for(lane).saturating_sub(self.held[lane.index()]))
    }

    /// How many slots are held.
    pub(crate) fn in_flight(&self) -> u64 {
        let [online, offline] = self.held;
        online + offline
    }

    /// What runs in a slot, if anything does.
    pub(crate) fn running(&self, slot: Slot) -> Option<Running> {
        self.taken.get(slot.0 as usize).copied()
    }

    /// The slots that units run in.
    pub(crate) fn all_held(&self) -> impl Iterator<Item = Slot> {
        self.taken.iter().map(|(key, _)| Slot(number_of(key)))
    }

    /// Takes a free slot, and as many more as the unit weighs.
    #[inline]
    pub(crate) fn take(&mut self, running: Running) -> Slot {
        let slot = Slot(number_of(self.taken.vacant_key()));
        self.taken.insert(running);
        self.count(running);
        slot
    }

    fn count(&mut self, Running { lane, weight, .. }: Running) {
        self.active[lane.index()] += 1;
        self.held[lane.index()] += u64::from(weight);
    }

    /// Ends what runs in a slot, if anything does. The caller is left with the slot: to be followed
    /// by [`Slots::hand_over`] or [`Slots::free`].
    #[inline]
    pub(crate) fn end(&mut self, slot: Slot) -> Option<Running> {
        let running = self.running(slot)?;
        self.active[running.lane.index()] -= 1;
        self.held[running.lane.index()] -= u64::from(running.weight);
        Some(running)
    }

    #[inline]
    pub(crate) fn hand_over(&mut self, slot: Slot, running: Running) {
        self.count(running);
        self.taken[slot.0 as usize] = running;
    }

    pub(crate) fn free(&mut self, slot: Slot) {
        self.taken.remove(slot.0 as usize);
        give_spare_back(&mut self.taken);
    }
}
