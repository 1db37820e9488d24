//! The algorithm under a gate: slots, lanes and who gets the next slot.
//!
//! Pure state: it starts nothing, wakes nobody and takes no lock. [`Gate`](super::Gate) wraps it for
//! Rust tasks, the Node binding for JS calls.

use super::error::Error;
use super::lane::Lane;
use super::share::OfflineShare;
use super::slots::{Running, Slot, Slots};
use super::stats::{Durations, LaneStats, LimitStats, Sample, Sampler};
use super::tickets::{Came, Ticket, Tickets};
use crate::clock::{Clock, MonotonicClock};

/// As many slots as anyone may ask for: no limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The part of the grants that waiting offline work gets unless it is told otherwise.
pub const DEFAULT_OFFLINE_SHARE: f64 = 1.0 / 16.0;

/// What a limit is made with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many units may run at once: 1 or more, [`UNLIMITED`] for any number.
    pub concurrency: u64,
    /// Slots that offline work never takes, below `concurrency`. By default 1 where `concurrency`
    /// is above 1, else 0, following every change of `concurrency`.
    pub reserve: Option<u64>,
    /// The part of all grants, from 0 to 1, that goes to offline at the least while it waits.
    /// 0 is strict priority for online. Default: [`DEFAULT_OFFLINE_SHARE`].
    pub offline_share: f64,
}

impl Options {
    /// The defaults for this many slots.
    pub fn new(concurrency: u64) -> Self {
        Self { concurrency, reserve: None, offline_share: DEFAULT_OFFLINE_SHARE }
    }

    /// Sets the slots that offline work never takes.
    pub fn reserve(mut self, reserve: u64) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// Sets the part of the grants that goes to offline at the least while it waits.
    pub fn offline_share(mut self, share: f64) -> Self {
        self.offline_share = share;
        self
    }
}

/// What [`Arbiter::enqueue`] did with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It runs now, in this slot.
    Granted(Slot),
    /// It waits in its lane under this ticket.
    Queued(Ticket),
}

/// How a unit of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave a result.
    Fulfilled,
    /// It failed; counted apart, and otherwise the same.
    Rejected,
}

#[derive(Debug, Default)]
struct LaneState {
    active: u64,
    pending: u64,
    granted: u64,
    settled: u64,
    rejected: u64,
    wait: Durations,
    run: Durations,
}

/// The arbiter of one limit.
///
/// A caller enqueues its work, starts it once it has a slot, and settles the slot when the work has
/// ended; settling names the ticket whose work is to start in that slot now.
///
/// ```
/// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
///
/// let mut arbiter = Arbiter::new(Options::new(1))?;
/// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
///
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(request));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
#[derive(Debug)]
pub struct Arbiter<C = MonotonicClock> {
    clock: C,
    concurrency: u64,
    reserve: Option<u64>,
    share: OfflineShare,
    tickets: Tickets,
    slots: Slots,
    lanes: [LaneState; 2],
    arrivals: Sampler,
    starts: Sampler,
}

impl Arbiter {
    /// An arbiter on the system's clock.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock> Arbiter<C> {
    /// An arbiter on a clock of the caller's.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let Options { concurrency, reserve, offline_share } = options;
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(given) = reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::Reserve { given, concurrency });
        }
        Ok(Self {
            clock,
            concurrency,
            reserve,
            share: OfflineShare::new(offline_share)?,
            tickets: Tickets::default(),
            slots: Slots::default(),
            lanes: Default::default(),
            arrivals: Sampler::default(),
            starts: Sampler::default(),
        })
    }

    /// Adds a call to the end of its lane; it has its slot at once where one is free for it.
    pub fn enqueue(&mut self, lane: Lane) -> Enqueued {
        let came = Came::Call(self.arrivals.event(&self.clock));
        self.lanes[lane.index()].pending += 1;
        // Between a raise of the concurrency and the grants that follow it, slots are free while
        // others wait; a newcomer does not barge past those.
        if self.tickets.head(lane).is_none() && self.next_lane() == Some(lane) {
            let running = self.grant(lane, came);
            return Enqueued::Granted(self.slots.take(running));
        }
        Enqueued::Queued(self.tickets.push(lane, 1, came))
    }

    /// Adds `units` calls as one ticket, which keeps its place in the lane until its last unit is
    /// granted; every grant of it, by [`Arbiter::grant_next`] and [`Arbiter::settle`], is one unit's.
    ///
    /// # Panics
    /// If `units` is 0.
    pub fn enqueue_batch(&mut self, lane: Lane, units: u32) -> Ticket {
        assert!(units > 0, "a batch has at least one unit");
        let came = Came::Batch(self.clock.now());
        self.lanes[lane.index()].pending += u64::from(units);
        self.tickets.push(lane, units, came)
    }

    /// Gives a free slot to who is next, if there is a slot and someone who may have it. Call it
    /// until it gives nothing after [`Arbiter::enqueue_batch`] and [`Arbiter::set_concurrency`];
    /// all else hands a slot over by itself.
    pub fn grant_next(&mut self) -> Option<(Slot, Ticket)> {
        let (ticket, running) = self.grant_head(self.next_lane()?);
        Some((self.slots.take(running), ticket))
    }

    /// Ends the unit that ran in a slot and hands the slot to who is next, whose ticket is returned.
    /// Where nobody is, the slot is free.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn settle(&mut self, slot: Slot, outcome: Outcome) -> Option<Ticket> {
        let Some(Running { lane, started }) = self.slots.get(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        let state = &mut self.lanes[lane.index()];
        if let Some(Sample { at, weight }) = started {
            state.run.record(self.clock.now().saturating_sub(at), weight);
        }
        state.active -= 1;
        state.settled += 1;
        state.rejected += u64::from(outcome == Outcome::Rejected);

        let Some(lane) = self.next_lane() else {
            self.slots.free(slot);
            return None;
        };
        let (ticket, running) = self.grant_head(lane);
        self.slots.hand_over(slot, running);
        Some(ticket)
    }

    /// Takes what still waits of a ticket out of its lane. Gives `false`, and does nothing, where
    /// it does not wait (any more).
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let waits = self.tickets.get_mut(ticket).is_some();
        if waits {
            self.drop_waiting(ticket);
        }
        waits
    }

    /// Takes everything that waits out of a lane and gives its tickets in the lane's order: calls,
    /// and batches with the units they had left. What runs goes on.
    pub fn clear(&mut self, lane: Lane) -> Vec<Ticket> {
        let mut dropped = Vec::new();
        while let Some(ticket) = self.tickets.head(lane) {
            self.drop_waiting(ticket);
            dropped.push(ticket);
        }
        dropped
    }

    /// Changes the number of slots. A raise takes effect by [`Arbiter::grant_next`]; a lower number
    /// interrupts nothing and holds as running work ends.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was asked for.
    pub fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(reserve) = self.reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::ConcurrencyWithinReserve { given: concurrency, reserve });
        }
        self.concurrency = concurrency;
        Ok(())
    }

    /// The number of slots; [`UNLIMITED`] is no limit.
    pub fn concurrency(&self) -> u64 {
        self.concurrency
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.reserve.unwrap_or(u64::from(self.concurrency > 1))
    }

    /// How many units of a lane hold a slot.
    pub fn active(&self, lane: Lane) -> u64 {
        self.lanes[lane.index()].active
    }

    /// How many units of a lane wait for a slot.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.lanes[lane.index()].pending
    }

    /// All numbers at once.
    pub fn stats(&self) -> LimitStats {
        let lane = |lane: Lane| {
            let state = &self.lanes[lane.index()];
            LaneStats {
                active: state.active,
                pending: state.pending,
                granted: state.granted,
                settled: state.settled,
                rejected: state.rejected,
                wait: state.wait.quantiles(),
                run: state.run.quantiles(),
            }
        };
        LimitStats {
            concurrency: self.concurrency,
            online: lane(Lane::Online),
            offline: lane(Lane::Offline),
        }
    }

    /// The lane policy: whose ticket gets the next slot, if there is a slot and one who may have it.
    fn next_lane(&self) -> Option<Lane> {
        let [online, offline] = &self.lanes;
        if online.active + offline.active >= self.concurrency {
            return None;
        }
        let offline_may_run =
            offline.pending > 0 && offline.active < self.concurrency - self.reserve();
        if online.pending > 0 && !(offline_may_run && self.share.is_due()) {
            return Some(Lane::Online);
        }
        offline_may_run.then_some(Lane::Offline)
    }

    /// Grants one unit of the head of a lane.
    fn grant_head(&mut self, lane: Lane) -> (Ticket, Running) {
        let ticket = self.tickets.head(lane).expect("a lane with pending units has a head");
        let entry = self.tickets.get_mut(ticket).expect("the head of a lane is a ticket");
        entry.units -= 1;
        let (left, came) = (entry.units, entry.came);
        if left == 0 {
            self.tickets.remove(ticket);
        }
        (ticket, self.grant(lane, came))
    }

    /// Counts and times the start of one pending unit.
    fn grant(&mut self, lane: Lane, came: Came) -> Running {
        let started = self.starts.event(&self.clock);
        let timed_wait = match came {
            Came::Call(came) => came,
            Came::Batch(at) => started.map(|started| Sample { at, weight: started.weight }),
        };
        let state = &mut self.lanes[lane.index()];
        state.pending -= 1;
        state.active += 1;
        state.granted += 1;
        if let Some(Sample { at, weight }) = timed_wait {
            let now = started.map_or_else(|| self.clock.now(), |started| started.at);
            state.wait.record(now.saturating_sub(at), weight);
        }
        self.account_share(lane);
        Running { lane, started }
    }

    fn account_share(&mut self, granted: Lane) {
        let offline_waits = self.lanes[Lane::Offline.index()].pending > 0;
        match granted {
            Lane::Offline => self.share.offline_was_granted(),
            Lane::Online if offline_waits => self.share.online_was_granted_while_offline_waits(),
            Lane::Online => {}
        }
        if !offline_waits {
            self.share.offline_no_longer_waits();
        }
    }

    fn drop_waiting(&mut self, ticket: Ticket) {
        let entry = self.tickets.remove(ticket);
        let state = &mut self.lanes[entry.lane.index()];
        state.pending -= u64::from(entry.units);
        if entry.lane == Lane::Offline && state.pending == 0 {
            self.share.offline_no_longer_waits();
        }
    }
}
