//! The slots: how many there are, how many of them offline work may take, and which units run in
//! those that are taken. This file does not decide which ticket gets one.
//!
//! A unit has one slot number, however many slots it holds. The others are only counted.

use slab::Slab;

use crate::limiter::stats::Started;
use crate::limiter::types::{Error, LEASED_SLOTS, Lane, Slot, bit_of, give_spare_back, number_of};

/// The unit of work that holds a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running {
    pub(crate) lane: Lane,
    /// How many slots it holds: [`Slots::need`] of its weight, without those that are lent to it.
    pub(crate) weight: u32,
    pub(crate) started: Started,
}

#[derive(Debug)]
pub(crate) struct Slots {
    concurrency: u64,
    /// The reserve as it was set. None if it is found.
    reserve: Option<u64>,
    /// The reserve as it was found.
    found: u64,
    /// The highest concurrency that an adaptive limit may reach. None if the concurrency is set.
    highest: Option<u64>,
    /// The most slots that work of each lane may hold now.
    most: [u64; 2],
    /// The heaviest unit that each lane accepts.
    heaviest: [u64; 2],
    /// Units that run, by lane.
    active: [u64; 2],
    /// The slots that running units hold, by lane.
    held: [u64; 2],
    taken: Slab<Running>,
    /// As [`Lease::asks`].
    timed: Bits,
}

type Bits = [u32; LEASED_SLOTS / 32];

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
            found: 0,
            highest,
            most: [0; 2],
            heaviest: [0; 2],
            active: [0; 2],
            held: [0; 2],
            taken: Slab::new(),
            timed: Bits::default(),
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

    /// Sets the reserve; none if it is found from now on.
    pub(crate) fn set_reserve(&mut self, reserve: Option<u64>) -> Result<(), Error> {
        let concurrency = self.concurrency;
        if let Some(given) = reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::Reserve { given, concurrency });
        }
        (self.reserve, self.found) = (reserve, 0);
        self.share_out();
        Ok(())
    }

    /// The limit is no longer adaptive: its concurrency is as it was set.
    pub(crate) fn fix(&mut self) {
        self.highest = None;
        self.share_out();
    }

    fn share_out(&mut self) {
        self.most = [self.concurrency, self.concurrency - self.reserve()];
        let highest = self.highest.unwrap_or(self.concurrency);
        self.heaviest = [highest, highest - self.reserve.unwrap_or(0)];
    }

    /// Sets the reserve that was found. Without an effect on a reserve that was set.
    pub(crate) fn keep(&mut self, found: u64) {
        if found != self.found {
            self.found = found;
            self.share_out();
        }
    }

    pub(crate) fn concurrency(&self) -> u64 {
        self.concurrency
    }

    pub(crate) fn reserve(&self) -> u64 {
        self.reserve.unwrap_or(self.found.min(self.concurrency - 1))
    }

    pub(crate) fn active(&self, lane: Lane) -> u64 {
        self.active[lane.index()]
    }

    /// The most slots that work of this lane may hold now.
    pub(crate) fn most_for(&self, lane: Lane) -> u64 {
        self.most[lane.index()]
    }

    /// The heaviest unit that this lane accepts. In an adaptive limit it follows the highest
    /// concurrency and not the present one, and a reserve that is found does not count: callers
    /// cannot know them.
    pub(crate) fn heaviest_for(&self, lane: Lane) -> u64 {
        self.heaviest[lane.index()]
    }

    /// How many slots a unit takes. A unit that was accepted with more than its lane may hold now
    /// takes all of those.
    pub(crate) fn need(&self, lane: Lane, weight: u32) -> u32 {
        u32::try_from(self.most_for(lane)).map_or(weight, |most| weight.min(most))
    }

    /// Whether a unit of this lane fits, if `kept` slots outside its lane are kept for a heavier
    /// unit that is ahead of it and must wait.
    #[inline]
    pub(crate) fn fit(&self, lane: Lane, weight: u32, kept: u64) -> bool {
        let [online, offline] = self.held;
        let need = u64::from(self.need(lane, weight));
        let own = self.held[lane.index()];
        // The sums cannot overflow: held slots are entries of a slab, and a need has 32 bits.
        online + offline + need <= self.concurrency
            && own + need <= self.most_for(lane)
            && own + need + kept <= self.concurrency
    }

    /// Whether a unit of this lane would fit if exactly these slots were held. Of a reserve that is
    /// found, one slot counts at least: while online work comes, it is kept.
    pub(crate) fn fit_beside(&self, lane: Lane, weight: u32, held: [u64; 2]) -> bool {
        let [online, offline] = held;
        let kept = match lane {
            Lane::Online => 0,
            Lane::Offline => {
                self.reserve().max(u64::from(self.reserve.is_none() && self.concurrency > 1))
            }
        };
        let most = self.concurrency - kept;
        let need = most.min(weight.into());
        online + offline + need <= self.concurrency && held[lane.index()] + need <= most
    }

    /// The slots that units hold, by lane.
    pub(crate) fn held(&self) -> [u64; 2] {
        self.held
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

    /// The unit that runs in a slot, if there is one.
    pub(crate) fn running(&self, slot: Slot) -> Option<Running> {
        self.taken.get(slot.number() as usize).copied()
    }

    /// The slot of the unit of a lane that started first, and when it did. `start_of` may know better
    /// than a unit that was not timed.
    pub(crate) fn oldest(
        &self,
        lane: Lane,
        start_of: impl Fn(Started) -> u64,
    ) -> Option<(Slot, u64)> {
        let of_lane = self.taken.iter().filter(|(_, running)| running.lane == lane);
        let started = of_lane.map(|(key, running)| (key, start_of(running.started)));
        let (key, at) = started.min_by_key(|&(_, at)| at)?;
        Some((Slot::from_number(number_of(key)), at))
    }

    /// The untimed units of a lane that seemed to have started at `before` now seem to have started
    /// at `at`.
    #[cold]
    pub(crate) fn date(&mut self, lane: Lane, before: u64, at: u64) {
        for (_, running) in &mut self.taken {
            let Started { at: started, weight } = running.started;
            if running.lane == lane && weight == 0 && started == before {
                running.started.at = at;
            }
        }
    }

    /// The slots that units run in.
    pub(crate) fn all_held(&self) -> impl Iterator<Item = Slot> {
        self.taken.iter().map(|(key, _)| Slot::from_number(number_of(key)))
    }

    /// Takes a free slot, and as many more as the unit weighs.
    #[inline]
    pub(crate) fn take(&mut self, running: Running) -> Slot {
        let slot = Slot::from_number(number_of(self.taken.vacant_key()));
        self.taken.insert(running);
        self.count(running);
        self.mark(slot, running.started);
        slot
    }

    #[inline]
    fn mark(&mut self, slot: Slot, started: Started) {
        if let Some((word, bit)) = bit_of(slot.number() as usize) {
            let word = &mut self.timed[word];
            *word = if started.weight > 0 { *word | bit } else { *word & !bit };
        }
    }

    /// By slot, a bit: whether the start of the unit there was timed.
    pub(crate) fn timed(&self) -> Bits {
        self.timed
    }

    /// Another unit runs in a slot, whose start was not timed. `at` is the last reading before it.
    pub(crate) fn restarted(&mut self, slot: Slot, at: u64) {
        self.taken[slot.number() as usize].started = Started { at, weight: 0 };
    }

    fn count(&mut self, Running { lane, weight, .. }: Running) {
        self.active[lane.index()] += 1;
        self.held[lane.index()] += u64::from(weight);
    }

    /// Ends the unit in a slot, if there is one. The caller then owns the slot and must call
    /// [`Slots::hand_over`] or [`Slots::free`].
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
        self.taken[slot.number() as usize] = running;
        self.mark(slot, running.started);
    }

    /// Sets how many slots a running unit holds.
    pub(crate) fn hold(&mut self, slot: Slot, weight: u32) {
        let running = &mut self.taken[slot.number() as usize];
        let held = &mut self.held[running.lane.index()];
        *held = *held - u64::from(running.weight) + u64::from(weight);
        running.weight = weight;
    }

    pub(crate) fn free(&mut self, slot: Slot) {
        self.taken.remove(slot.number() as usize);
        give_spare_back(&mut self.taken);
    }
}
